/** @file Cases of kernels on volumes, and of those that look over channels or at places of an image. */
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { InputSpec, KernelCase } from './kernelCases.js';

const volume: InputSpec = { shape: [2, 4, 5, 3, 2] };

/**
 * Convolutions of [2, 4, 5, 3, 2] with 3 filters. (Where strides are larger than filters, tf.js pads volumes by negative
 * numbers; we pad by nothing, as TensorFlow does.)
 */
const convolutions: readonly {
  readonly filter: readonly number[];
  readonly y: readonly number[];
  readonly attributes: NamedAttrMap;
}[] = [
  { filter: [2, 3, 3, 2, 3], y: [2, 4, 5, 3, 3], attributes: { strides: 1, pad: 'same' } },
  { filter: [2, 2, 3, 2, 3], y: [2, 3, 4, 1, 3], attributes: { strides: 1, pad: 'valid' } },
  { filter: [3, 3, 2, 2, 3], y: [2, 2, 3, 2, 3], attributes: { strides: 2, pad: 'same' } },
  { filter: [2, 2, 1, 2, 3], y: [2, 2, 2, 3, 3], attributes: { strides: [2, 2, 1], pad: 'valid' } },
];

/** Pools of [2, 4, 5, 3, 2]. */
const pools: readonly { readonly y: readonly number[]; readonly attributes: NamedAttrMap }[] = [
  { y: [2, 2, 2, 1, 2], attributes: { filterSize: 2, strides: 2, pad: 'valid' } },
  { y: [2, 4, 5, 3, 2], attributes: { filterSize: 3, strides: 1, pad: 'same' } },
  { y: [2, 2, 3, 2, 2], attributes: { filterSize: [3, 2, 2], strides: 2, pad: 'same' } },
  // The gradient of the cpu backend wants windows as high as wide, or one row high.
  { y: [2, 1, 3, 1, 2], attributes: { filterSize: [4, 3, 3], strides: 1, pad: 'valid' } },
  { y: [2, 2, 5, 1, 2], attributes: { filterSize: [2, 1, 3], strides: [2, 1, 3], pad: 'valid' } },
];
const poolCases: KernelCase[] = pools.map(({ attributes }) => ({
  inputs: { x: volume },
  attributes: { ...attributes, dataFormat: 'NDHWC' },
}));

const image: InputSpec = { shape: [2, 3, 4, 5] };
const lrn: readonly NamedAttrMap[] = [
  { depthRadius: 2, bias: 1.5, alpha: 0.8, beta: 0.6 },
  { depthRadius: 1, bias: 1, alpha: 2, beta: 0.5 },
  { depthRadius: 0, bias: 2, alpha: 1, beta: 1 },
  { depthRadius: 7, bias: 2, alpha: 1, beta: 1 },
];

export const volumeCases: Readonly<Record<string, readonly KernelCase[]>> = {
  AvgPool3D: poolCases,
  AvgPool3DGrad: pools.map(({ y, attributes }) => ({
    inputs: { dy: { shape: y }, input: { ...volume, fixed: true } },
    attributes,
    transposeOf: { kernel: 'AvgPool3D', input: 'x', attributes: { ...attributes, dataFormat: 'NDHWC' } },
  })),
  Conv3D: [
    ...convolutions.map(({ filter, attributes }) => ({
      inputs: { x: volume, filter: { shape: filter } },
      attributes: { ...attributes, dataFormat: 'NDHWC', dilations: 1 },
    })),
    {
      inputs: { x: volume, filter: { shape: [2, 3, 2, 2, 3] } },
      attributes: { strides: 1, pad: 'same', dataFormat: 'NDHWC', dilations: [2, 1, 2] },
    },
  ],
  Conv3DBackpropFilterV2: convolutions.map(({ filter, y, attributes }) => ({
    inputs: { x: volume, dy: { shape: y } },
    attributes: { ...attributes, filterShape: [...filter] },
  })),
  Conv3DBackpropInputV2: convolutions.map(({ filter, y, attributes }) => ({
    inputs: { dy: { shape: y }, filter: { shape: filter } },
    attributes: { ...attributes, inputShape: [...volume.shape] },
  })),
  LRN: lrn.map((attributes) => ({ inputs: { x: image }, attributes })),
  // For the cpu backend, y is what LRN gives for x; any other y is another function.
  LRNGrad: lrn.map((attributes) => ({ inputs: { x: image, y: image, dy: image }, attributes })),
  MaxPool3D: poolCases,
  MaxPool3DGrad: pools.map(({ y, attributes }) => ({
    inputs: { dy: { shape: y }, input: volume, output: { shape: y } },
    attributes,
  })),
  MaxPoolWithArgmax: [
    { filterSize: 2, strides: 2, pad: 'valid', includeBatchInIndex: false },
    { filterSize: 3, strides: 1, pad: 'same', includeBatchInIndex: true },
  ].map((attributes) => ({ inputs: { x: { ...image, fixed: true } }, attributes })),
};
