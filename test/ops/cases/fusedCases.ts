import { type AttributeSketch, node, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

type Sketches = Readonly<Record<string, WeightSketch>>;

/** An operator of com.microsoft on 'x', the other inputs and the weights, in this order. */
function fused(
  type: string,
  title: string,
  inputs: Readonly<Record<string, readonly number[]>>,
  weights: Sketches = {},
  attributes: Readonly<Record<string, AttributeSketch>> = {},
  untrainable?: string,
): OpCase {
  return {
    record: `com.microsoft.${type}@1`,
    title,
    opset: 17,
    node: node(type, [...Object.keys(inputs), ...Object.keys(weights)], 'y', attributes, 'com.microsoft'),
    inputs,
    weights,
    ...(untrainable === undefined ? {} : { untrainable }),
  };
}

const product = (title: string, a: readonly number[], b: readonly number[], attributes = {}, untrainable?: string) =>
  fused('FusedMatMul', title, { a }, { b }, attributes, untrainable);
const convolution = (title: string, activation: string, params: readonly number[] = []) =>
  fused(
    'FusedConv',
    title,
    // Few outputs, so that none is at a kink of its activation.
    { x: [1, 2, 2, 2] },
    { w: [3, 2, 1, 1], b: [3] },
    { activation, activation_params: { floats: params } },
  );
const dense = (title: string, attributes: Readonly<Record<string, AttributeSketch>>, weights: Sketches) =>
  fused('FusedGemm', title, { x: [3, 4] }, weights, attributes);

export const fusedCases: readonly OpCase[] = [
  fused('Gelu', 'of [2, 3, 4]', { x: [2, 3, 4] }),
  fused('BiasGelu', 'with a bias', { x: [2, 3, 4] }, { b: [4] }),
  fused('FastGelu', 'without a bias', { x: [2, 3, 4] }),
  fused('FastGelu', 'with a bias', { x: [3, 4] }, { b: [4] }),
  fused('QuickGelu', 'with the default α', { x: [2, 3, 4] }),
  fused('QuickGelu', 'as SiLU', { x: [2, 3, 4] }, {}, { alpha: { float: 1 } }),
  product('of matrices', [3, 4], [4, 2]),
  product('of a batch, scaled', [2, 3, 4], [4, 2], { alpha: { float: 0.3 } }),
  product('with its right side transposed', [2, 3, 4], [2, 4], { transB: 1 }),
  product('with both sides transposed', [2, 4, 3], [2, 5, 4], { transA: 1, transB: 1, alpha: { float: -2 } }),
  product('with a stack that is broadcast', [2, 1, 3, 4], [3, 4, 2]),
  product('with its left stack inside', [3, 2, 4], [2, 4, 5], { transBatchA: 1 }),
  product('with its right stack inside, of two axes', [2, 3, 5, 4], [4, 2, 3, 5], { transBatchB: 1 }),
  product('with both stacks inside, and swapped', [4, 2, 3], [5, 2, 4], {
    transBatchA: 1,
    transBatchB: 1,
    transA: 1,
    transB: 1,
  }),
  convolution('with Relu', 'Relu'),
  convolution('with LeakyRelu', 'LeakyRelu', [0.2]),
  convolution('with Clip', 'Clip', [-0.31, 0.63]),
  convolution('with HardSigmoid', 'HardSigmoid', [0.25, 0.45]),
  convolution('with Tanh', 'Tanh'),
  convolution('with Sigmoid', 'Sigmoid'),
  fused(
    'FusedConv',
    'with a sum before its Relu',
    { x: [1, 3, 4, 4] },
    { w: [2, 3, 1, 1], b: [2], z: [1, 2, 4, 4] },
    { activation: 'Relu' },
  ),
  dense('with Relu', { activation: 'Relu' }, { w: [4, 2], b: [2] }),
  dense('with LeakyRelu', { activation: 'LeakyRelu', activation_alpha: { float: 0.1 }, transB: 1 }, { w: [2, 4] }),
  dense('with Tanh', { activation: 'Tanh', alpha: { float: 0.5 } }, { w: [4, 2], b: [3, 2] }),
];
