import { type AttributeSketch, node, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

function gemm(
  title: string,
  x: readonly number[],
  w: readonly number[],
  c: readonly number[] | undefined,
  attributes: Readonly<Record<string, AttributeSketch>> = {},
  opset = 17,
): OpCase {
  return {
    record: 'Gemm@7',
    title,
    opset,
    node: node('Gemm', c === undefined ? ['x', 'w'] : ['x', 'w', 'c'], 'y', attributes),
    inputs: { x },
    weights: c === undefined ? { w } : { w, c },
  };
}

function matMul(title: string, x: readonly number[], w: readonly number[], untrainable?: string): OpCase {
  return {
    record: 'MatMul@1',
    title,
    opset: 17,
    node: node('MatMul', ['x', 'w'], 'y'),
    inputs: { x },
    weights: { w },
    ...(untrainable === undefined ? {} : { untrainable }),
  };
}

const NOT_A_MATRIX = 'only a product with a two-dimensional right side can be trained';
const weights: Readonly<Record<string, WeightSketch>> = { w: [4, 2] };

export const denseCases: readonly OpCase[] = [
  gemm('without C', [3, 4], [4, 2], undefined),
  gemm('with a row', [3, 4], [4, 2], [2]),
  gemm('with a row of two axes', [3, 4], [4, 2], [1, 2]),
  gemm('with a column', [3, 4], [4, 2], [3, 1]),
  gemm('with a whole C', [3, 4], [4, 2], [3, 2]),
  gemm('with a scalar', [3, 4], [4, 2], []),
  gemm('with C of one element', [3, 4], [4, 2], [1]),
  gemm('transB', [3, 4], [2, 4], [2], { transB: 1 }),
  gemm('transA', [4, 3], [4, 2], [2], { transA: 1 }),
  gemm('both transposed', [4, 3], [2, 4], [2], { transA: 1, transB: 1 }),
  gemm('alpha and beta', [3, 4], [4, 2], [2], { alpha: { float: 0.5 }, beta: { float: -2 } }),
  gemm('beta of 0', [3, 4], [4, 2], [2], { beta: { float: 0 } }),
  gemm('of opset 7', [3, 4], [4, 2], [2], {}, 7),
  gemm('of one by one', [1, 1], [1, 1], [1]),
  matMul('of matrices', [3, 4], [4, 2]),
  matMul('of a batch', [2, 3, 4], [4, 2]),
  matMul('of a batch of batches', [2, 1, 3, 4], [4, 2]),
  { ...matMul('of a vector', [4], [4, 2], NOT_A_MATRIX) },
  { ...matMul('with a vector', [3, 4], [4], NOT_A_MATRIX) },
  { ...matMul('of two batches', [2, 3, 4], [2, 4, 2], NOT_A_MATRIX), weights: { w: [2, 4, 2] } },
  { ...matMul('of opset 9', [3, 4], [4, 2]), opset: 9, weights },
];
