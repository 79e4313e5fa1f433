/** @file Cases of kernels that are made of several others, or that count and place elements. */
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { InputSpec, KernelCase } from './kernelCases.js';

const image: InputSpec = { shape: [2, 4, 6, 3] };
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): InputSpec => ({
  shape,
  values,
  dtype: 'int32',
  fixed: true,
});
/** tf.js's types know no lists of pairs. */
const pairs = (attributes: Record<string, unknown>): NamedAttrMap => attributes as unknown as NamedAttrMap;

const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

/** One case for each activation, with a bias. */
function fused(inputs: Record<string, InputSpec>, channels: number, attributes: NamedAttrMap): KernelCase[] {
  return activations.map((activation) => ({
    inputs: {
      ...inputs,
      bias: { shape: [channels] },
      ...(activation === 'prelu' ? { preluActivationWeights: { shape: [channels] } } : {}),
    },
    attributes: { ...attributes, activation, ...(activation === 'leakyrelu' ? { leakyreluAlpha: 0.3 } : {}) },
  }));
}

const conv = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
const einsum = (equation: string, ...shapes: (readonly number[])[]): KernelCase => ({
  list: shapes.map((shape) => ({ shape })),
  attributes: { equation },
});

export const composedCases: Readonly<Record<string, readonly KernelCase[]>> = {
  BatchToSpaceND: [
    {
      inputs: { x: { shape: [4, 2, 3, 2] } },
      attributes: pairs({
        blockShape: [2, 2],
        crops: [
          [0, 1],
          [1, 0],
        ],
      }),
    },
    { inputs: { x: { shape: [3, 4, 2] } }, attributes: pairs({ blockShape: [3], crops: [[0, 0]] }) },
  ],
  Bincount: [
    { inputs: { x: ints([1, 1, 0, 7, 2]), weights: { shape: [5] } }, attributes: { size: 4 } },
    { inputs: { x: ints([1, 1, 0, 7, 2]), weights: ints([], [0]) }, attributes: { size: 4 } },
  ],
  BitwiseAnd: [{ inputs: { a: ints([0, 5, 3, 14, -1]), b: ints([5, 0, 7, 11, 9]) } }],
  Cumprod: [
    { inputs: { x: image }, attributes: { axis: 3, exclusive: false, reverse: false } },
    { inputs: { x: image }, attributes: { axis: 2, exclusive: true, reverse: false } },
    { inputs: { x: image }, attributes: { axis: 1, exclusive: true, reverse: true } },
    { inputs: { x: ints([2, -3, 4]) }, attributes: { axis: 0, exclusive: false, reverse: true } },
  ],
  DenseBincount: [
    { inputs: { x: ints([1, 1, 0, 7, 2]), weights: { shape: [5] } }, attributes: { size: 4 } },
    { inputs: { x: ints([1, 1, 0, 7, 2, 2], [2, 3]), weights: { shape: [2, 3] } }, attributes: { size: 4 } },
    { inputs: { x: ints([1, 1, 0, 7, 2, 2], [2, 3]), weights: ints([], [0]) }, attributes: { size: 3 } },
    {
      inputs: { x: ints([1, 1, 0, 7, 2, 2], [2, 3]), weights: { shape: [2, 3] } },
      attributes: { size: 4, binaryOutput: true },
    },
  ],
  DepthToSpace: [
    { inputs: { x: { shape: [2, 2, 3, 8] } }, attributes: { blockSize: 2, dataFormat: 'NHWC' } },
    {
      inputs: { x: { ...ints([], [1, 2, 2, 9]), values: Array.from({ length: 36 }, (_, i) => i) } },
      attributes: { blockSize: 3, dataFormat: 'NHWC' },
    },
  ],
  Diag: [
    { inputs: { x: { shape: [4] } } },
    { inputs: { x: { shape: [2, 3] } } },
    { inputs: { x: { shape: [3], dtype: 'bool', values: [1, 0, 1] } } },
  ],
  Einsum: [
    einsum('ij,jk->ik', [3, 4], [4, 5]),
    einsum('bhqd,bhkd->bhqk', [2, 2, 3, 4], [2, 2, 5, 4]),
    einsum('nhwc,cd->nhwd', [2, 4, 3, 5], [5, 2]),
    einsum('ij->ji', [3, 4]),
    einsum('ij->', [3, 4]),
    { list: [ints([1, 2, 3, 4], [2, 2]), ints([5, 6])], attributes: { equation: 'ij,j->i' } },
  ],
  FlipLeftRight: [{ inputs: { image } }],
  FusedConv2D: [
    ...fused({ x: image, filter: { shape: [3, 3, 3, 2] } }, 2, conv),
    { inputs: { x: image, filter: { shape: [3, 3, 3, 2] } }, attributes: { ...conv, strides: 2, activation: 'relu' } },
    {
      inputs: { x: { shape: [2, 3, 4, 5] }, filter: { shape: [1, 1, 3, 2] }, bias: { shape: [2] } },
      attributes: { ...conv, dataFormat: 'NCHW', activation: 'relu' },
    },
  ],
  FusedDepthwiseConv2D: fused({ x: image, filter: { shape: [3, 3, 3, 2] } }, 6, conv),
  ScatterNd: [
    { inputs: { indices: ints([4, 3, 1, 4], [4, 1]), updates: { shape: [4, 2] } }, attributes: { shape: [6, 2] } },
    { inputs: { indices: ints([4, 3, 1, 4]), updates: { shape: [4] } }, attributes: { shape: [6] } },
    { inputs: { indices: ints([4, 1, 2, 0], [2, 2]), updates: { shape: [2] } }, attributes: { shape: [6, 2] } },
  ],
  SearchSorted: ['left', 'right'].flatMap((side) => [
    {
      inputs: { sortedSequence: ints([1, 3, 3, 7, 0, 2, 4, 9], [2, 4]), values: ints([3, 0, 8, 2, 9, -1], [2, 3]) },
      attributes: { side },
    },
  ]),
  SpaceToBatchND: [
    {
      inputs: { x: image },
      attributes: pairs({
        blockShape: [2, 2],
        paddings: [
          [1, 1],
          [0, 2],
        ],
      }),
    },
    { inputs: { x: { shape: [2, 5, 3] } }, attributes: pairs({ blockShape: [3], paddings: [[1, 0]] }) },
  ],
  SparseToDense: [
    {
      inputs: { sparseIndices: ints([0, 1, 2, 0], [2, 2]), sparseValues: { shape: [2] }, defaultValue: { shape: [] } },
      attributes: { outputShape: [3, 4] },
    },
    {
      inputs: { sparseIndices: ints([2, 0]), sparseValues: ints([5, 6]), defaultValue: ints([9], []) },
      attributes: { outputShape: [4] },
    },
  ],
  TensorScatterUpdate: [
    { inputs: { tensor: { shape: [5, 2] }, indices: ints([4, 1], [2, 1]), updates: { shape: [2, 2] } } },
    { inputs: { tensor: ints([1, 2, 3, 4]), indices: ints([3, 0], [2, 1]), updates: ints([7, 8]) } },
  ],
  _FusedMatMul: [
    ...fused({ a: { shape: [3, 4] }, b: { shape: [4, 5] } }, 5, { transposeA: false, transposeB: false }),
    {
      inputs: { a: { shape: [2, 4, 3] }, b: { shape: [2, 5, 4] } },
      attributes: { transposeA: true, transposeB: true, activation: 'relu' },
    },
  ],
};
