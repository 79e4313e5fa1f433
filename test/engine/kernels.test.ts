import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { kernels } from '../../src/engine/onnxruntime/kernels/registry.js';
import { expectSame, numbers, type Reading, runOn } from './backends.js';
import { type InputSpec, type KernelCase, kernelCases } from './kernelCases.js';

/** How the inputs lie in memory; the numbers that the kernel sees are the same, but for 'repeated'. */
const layouts = ['plain', 'channels first', 'reversed axes', 'repeated'] as const;
type Layout = (typeof layouts)[number];

function valuesOf({ shape, values, range = [-1, 1], dtype }: InputSpec, seed: number): readonly number[] {
  if (values !== undefined) return values;
  const [low, high] = range;
  const scaled = [...numbers(tf.util.sizeFromShape([...shape]), seed)].map((x) => low + ((x + 1) / 2) * (high - low));
  return dtype === 'int32' ? scaled.map(Math.trunc) : scaled;
}

/** The axes of the memory, outermost first. */
function memoryOrder(rank: number, layout: Layout): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  if (layout === 'reversed axes') return axes.reverse();
  return layout === 'channels first' && rank > 2 ? [0, rank - 1, ...axes.slice(1, -1)] : axes;
}

/** An input whose memory really lies so: a transposed view of a stored tensor, or a slice that repeats. */
async function inputOf(spec: InputSpec, seed: number, layout: Layout): Promise<tf.Tensor> {
  const shape = [...spec.shape];
  const rank = shape.length;
  const plain = tf.tensor(valuesOf(spec, seed) as number[], shape, spec.dtype ?? 'float32');
  if (layout === 'plain' || rank === 0 || plain.size === 0) return plain;
  if (layout === 'repeated') {
    if (spec.fixed) return plain;
    const isLast = (axis: number): boolean => axis === rank - 1;
    const begin = shape.map(() => 0);
    const first = tf.slice(
      plain,
      begin,
      shape.map((dim, axis) => (isLast(axis) ? 1 : dim)),
    );
    return tf.tile(
      first,
      shape.map((dim, axis) => (isLast(axis) ? dim : 1)),
    );
  }
  const order = memoryOrder(rank, layout);
  const moved = tf.transpose(plain, order);
  const stored = tf.tensor(await moved.data(), moved.shape, moved.dtype);
  return tf.transpose(
    stored,
    order.map((_, axis) => order.indexOf(axis)),
  );
}

async function call(
  backend: 'cpu' | 'onnxruntime',
  name: string,
  { inputs, list, attributes }: KernelCase,
  layout: Layout,
): Promise<readonly Reading[]> {
  await runOn(backend, () => []);
  const specs = list === undefined ? Object.entries(inputs ?? {}) : Object.entries(list);
  const tensors: [string, tf.Tensor][] = [];
  for (const [i, [key, spec]] of specs.entries()) tensors.push([key, await inputOf(spec, i + 1, layout)]);
  const named = list === undefined ? Object.fromEntries(tensors) : tensors.map(([, tensor]) => tensor);
  return runOn(backend, () =>
    tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, named as tf.NamedTensorMap, attributes),
  );
}

/** Σ over the outputs of ∂output/∂input · dy, with the derivative taken from the kernel's own response to each input. */
async function transposed(kernelCase: KernelCase, layout: Layout): Promise<readonly Reading[]> {
  const { kernel, input, attributes } = kernelCase.transposeOf!;
  await runOn('cpu', () => []);
  const dySpec = kernelCase.inputs!.dy!;
  const place = Object.keys(kernelCase.inputs!).indexOf('dy');
  const dy = await inputOf(dySpec, place + 1, layout);
  const [shape] = Object.entries(kernelCase.inputs!).flatMap(([name, spec]) =>
    name === 'dy' ? [] : [[...spec.shape]],
  );
  const size = tf.util.sizeFromShape(shape!);
  const slopes = Array.from({ length: size }, (_, i) => {
    const unit = new Float32Array(size);
    unit[i] = 1;
    const response = tf.engine().runKernel<tf.Tensor>(kernel, { [input]: tf.tensor(unit, shape) }, attributes);
    return tf.sum(tf.mul(response, dy));
  });
  return runOn('cpu', () => tf.reshape(tf.stack(slopes), shape!));
}

test('every kernel has a case, and every case a kernel', () => {
  expect(Object.keys(kernelCases).sort()).toEqual(kernels.map(({ name }) => name).sort());
});

/** What tf.js's cpu backend can do beside that, and training never asks for. */
const missing = {
  'complex numbers': ['Complex', 'ComplexAbs', 'FFT', 'IFFT', 'Imag', 'Real'],
  strings: ['StaticRegexReplace', 'StringNGrams', 'StringSplit', 'StringToHashBucketFast'],
  'tensors whose shape the values decide': [
    'BroadcastArgs',
    'RaggedGather',
    'RaggedRange',
    'RaggedTensorToTensor',
    'SparseFillEmptyRows',
    'SparseReshape',
    'SparseSegmentMean',
    'SparseSegmentSum',
    'Unique',
  ],
  'pictures and boxes': [
    'CropAndResize',
    'Draw',
    'NonMaxSuppressionV3',
    'NonMaxSuppressionV4',
    'NonMaxSuppressionV5',
    'RotateWithOffset',
    'Transform',
  ],
  'morphology, which no ONNX operator asks for': ['Dilation2D', 'Dilation2DBackpropFilter', 'Dilation2DBackpropInput'],
  'draws, which have no gradient': ['Multinomial'],
};

test('every kernel of the cpu backend is here, or known to be missing', () => {
  const ours = new Set(kernels.map(({ name }) => name));
  const theirs = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
  const absent = [...new Set(theirs)].filter((name) => !ours.has(name)).sort();
  expect(absent).toEqual(Object.values(missing).flat().sort());
});

describe.each(kernels.map(({ name }) => name))('%s', (name) => {
  const cases = (kernelCases[name] ?? []).flatMap((kernelCase, i) =>
    layouts.map((layout) => [`case ${i}, ${layout}`, kernelCase, layout] as const),
  );
  test.each(cases)('%s', async (_title, kernelCase, layout) => {
    const isTranspose = kernelCase.transposeOf !== undefined;
    const expected = isTranspose ? await transposed(kernelCase, layout) : await call('cpu', name, kernelCase, layout);
    const actual = await call('onnxruntime', name, kernelCase, layout);
    expectSame(actual, expected, kernelCase.tolerance);
  });
});
