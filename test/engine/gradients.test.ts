import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/engine/onnxruntime/gradients/registerGradients.js';
import { numbers, type Reading, runOn } from './backends.js';
import { type GradientCase, gradientCases } from './gradientCases.js';

/** Half the distance of the two points of a central difference: float32 values of magnitude one leave 1e-4 of it. */
const step = 4e-3;
const tolerance = 3e-3;

/** Σ over all outputs of (output · fixed weights): one number that depends on every output. */
function weighted(outputs: tf.Tensor | readonly tf.Tensor[]): tf.Scalar {
  const list = outputs instanceof tf.Tensor ? [outputs] : outputs;
  const sums = list.map((output, i) => {
    const weights = numbers(output.size, 77 + i).map((x) => x + (x < 0 ? -0.5 : 0.5));
    return tf.sum(tf.mul(output, tf.tensor(weights, output.shape)));
  });
  return tf.addN(sums) as tf.Scalar;
}

function pointOf({ shapes, range = [-1, 1] }: GradientCase): Float32Array[] {
  const [low, high] = range;
  return shapes.map((shape, i) =>
    numbers(tf.util.sizeFromShape([...shape]), i + 3).map((x) => low + ((x + 1) / 2) * (high - low)),
  );
}

function tensors({ shapes }: GradientCase, point: readonly Float32Array[]): tf.Tensor[] {
  return shapes.map((shape, i) => tf.tensor(point[i]!.slice(), [...shape]));
}

async function analytic(backend: 'cpu' | 'onnxruntime', gradientCase: GradientCase): Promise<readonly Reading[]> {
  await runOn(backend, () => []);
  const inputs = tensors(gradientCase, pointOf(gradientCase));
  return runOn(backend, () => tf.grads((...xs: tf.Tensor[]) => weighted(gradientCase.of(...xs)))(inputs));
}

async function numeric(gradientCase: GradientCase): Promise<Float32Array[]> {
  await runOn('cpu', () => []);
  const valueAt = (point: readonly Float32Array[]): number =>
    tf.tidy(() => weighted(gradientCase.of(...tensors(gradientCase, point))).dataSync()[0]!);
  return pointOf(gradientCase).map((input, i) =>
    input.map((_, j) => {
      const moved = (by: number): Float32Array[] => {
        const point = pointOf(gradientCase);
        point[i]![j]! += by;
        return point;
      };
      return (valueAt(moved(step)) - valueAt(moved(-step))) / (2 * step);
    }),
  );
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const scale = Math.max(1, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    const isClose = Math.abs(actual[i]! - expected[i]!) <= tolerance * scale;
    expect(isClose, `${what}, element ${i}: ${actual[i]} instead of ${expected[i]}`).toBe(true);
  }
  expect(actual.length).toBe(expected.length);
}

test('every gradient has a case, and every case a gradient', () => {
  expect(Object.keys(gradientCases).sort()).toEqual(gradients.map(({ kernelName }) => kernelName));
});

describe.each(Object.entries(gradientCases))('gradient of %s', (name, cases) => {
  test.each(cases.map((gradientCase, i) => [i, gradientCase] as const))('case %i', async (_i, gradientCase) => {
    const used = new Set<string>();
    await tf.ready();
    const expected = await numeric(gradientCase);
    const profile = await tf.profile(() => weighted(gradientCase.of(...tensors(gradientCase, pointOf(gradientCase)))));
    for (const kernel of profile.kernelNames) used.add(kernel);
    expect(used, 'kernels the case runs').toContain(name);
    const actual = await analytic('onnxruntime', gradientCase);
    for (const [i, reading] of actual.entries()) {
      expect(reading.shape).toEqual(gradientCase.shapes[i]);
      expectClose(reading.values, expected[i]!, `input ${i}`);
    }
  });
});

test('a backend whose kernels know no dilation is refused, not trusted', async () => {
  await runOn('cpu', () => []);
  const gradient = tf.grad((x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, tf.ones([2, 2, 1, 1]), 1, 'same', 'NHWC', 2));
  expect(() => gradient(tf.ones([1, 4, 4, 1]))).toThrow(
    "Conv2D: backend 'cpu' has no gradient for dilations 2; use 'onnxruntime'",
  );
});

test('the gradient of the gradient of a dilated convolution knows its dilations', async () => {
  const filter = (): tf.Tensor4D => tf.tensor4d(numbers(8, 2), [2, 2, 1, 2]);
  const convolve = (x: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, filter(), 1, 'same', 'NHWC', 2);
  const [second, convolved] = await runOn('onnxruntime', () => {
    const [x, mix] = [3, 4].map((seed) => tf.tensor4d(numbers(25, seed), [1, 5, 5, 1]));
    // ⟨mix, Kᵀ dy⟩ is linear in dy, and its slope is K mix.
    const slope = (dy: tf.Tensor): tf.Tensor => tf.sum(tf.mul(tf.grad(convolve)(x!, dy), mix!));
    return [tf.grad(slope)(tf.ones([1, 5, 5, 2])), convolve(mix!)];
  });
  expectClose(second!.values, convolved!.values, 'the slope');
});
