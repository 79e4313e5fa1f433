/** @file For operators that ONNX Runtime's optimizer writes, nets whose channels run through them. */
import type { AttributeSketch } from '../../support/modelOf.js';
import { modelOf, node } from '../../support/modelOf.js';
import { free, image, type LawNet, rows, SAME } from './lawNet.js';

const fused = (
  type: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, AttributeSketch>> = {},
  output = 'b',
) => node(type, inputs, output, attributes, 'com.microsoft');
const BOTH = ['a (6): a', 'b (6): b'];

export const fusedLawNets: readonly LawNet[] = [
  free('com.microsoft.Gelu@1', 'of rows', rows([fused('Gelu', ['a'])])),
  free('com.microsoft.Gelu@1', 'of an image', image([fused('Gelu', ['a'])])),
  free('com.microsoft.BiasGelu@1', 'of rows', rows([fused('BiasGelu', ['a', 'c'])], { c: [6] })),
  free('com.microsoft.FastGelu@1', 'of rows', rows([fused('FastGelu', ['a', 'c'])], { c: [6] })),
  free('com.microsoft.FastGelu@1', 'without a bias', rows([fused('FastGelu', ['a'])])),
  free('com.microsoft.QuickGelu@1', 'of an image', image([fused('QuickGelu', ['a'], { alpha: { float: 1 } })])),
  free('com.microsoft.FusedMatMul@1', 'in a row', rows([fused('FusedMatMul', ['a', 'v'])], { v: [6, 6] }), BOTH),
  free(
    'com.microsoft.FusedMatMul@1',
    'with a transposed weight',
    rows([fused('FusedMatMul', ['a', 'v'], { transB: 1, alpha: { float: 0.3 } })], { v: [6, 6] }),
    BOTH,
  ),
  free(
    'com.microsoft.FusedMatMul@1',
    'of queries and keys',
    modelOf({
      inputs: { x: ['N', 5, 3] },
      weights: { q: [3, 6], k: [3, 6], o: [5, 2] },
      nodes: [
        node('MatMul', ['x', 'q'], 'a'),
        node('MatMul', ['x', 'k'], 'c'),
        fused('FusedMatMul', ['a', 'c'], { transB: 1, alpha: { float: 0.4 } }, 'scores'),
        node('MatMul', ['scores', 'o'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a (6): a, c'],
  ),
  free(
    'com.microsoft.FusedMatMul@1',
    'whose left stack is inside',
    modelOf({
      inputs: { x: [5, 4, 3] },
      weights: { w1: [3, 6], v: [4, 6, 2] },
      nodes: [node('MatMul', ['x', 'w1'], 'a'), fused('FusedMatMul', ['a', 'v'], { transBatchA: 1 }, 'y')],
      outputs: ['y'],
    }),
    ['a (6): a'],
  ),
  free(
    'com.microsoft.FusedMatMul@1',
    'of queries and keys whose stacks are inside',
    modelOf({
      inputs: { x: [5, 4, 3] },
      weights: { q: [3, 6], k: [3, 6], o: [5, 2] },
      nodes: [
        node('MatMul', ['x', 'q'], 'a'),
        node('MatMul', ['x', 'k'], 'c'),
        fused('FusedMatMul', ['a', 'c'], { transBatchA: 1, transBatchB: 1, transB: 1 }, 'scores'),
        node('MatMul', ['scores', 'o'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a (6): a, c'],
  ),
  free(
    'com.microsoft.FusedConv@1',
    'in a row',
    image([fused('FusedConv', ['a', 'v', 'c'], { ...SAME, activation: 'Relu' })], { v: [6, 6, 3, 3], c: [6] }),
    BOTH,
  ),
  free(
    'com.microsoft.FusedConv@1',
    'for each channel',
    image(
      [
        fused('FusedConv', ['a', 'v'], {
          ...SAME,
          group: 6,
          activation: 'HardSigmoid',
          activation_params: { floats: [0.3, 0.5] },
        }),
      ],
      { v: [6, 1, 3, 3] },
    ),
    ['a (6): a, b'],
  ),
  free(
    'com.microsoft.FusedConv@1',
    'with a sum',
    image([fused('FusedConv', ['a', 'v', 'c', 'a'], { ...SAME, activation: 'Relu' })], { v: [6, 6, 3, 3], c: [6] }),
    ['a (6): a, b'],
  ),
  free(
    'com.microsoft.FusedGemm@1',
    'in a row',
    rows([fused('FusedGemm', ['a', 'v', 'c'], { transB: 1, activation: 'Relu' })], { v: [6, 6], c: [6] }),
    BOTH,
  ),
];
