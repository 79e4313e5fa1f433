import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerNorm } from '../../src/engine/onnxruntime/index.js';
import { expectSame, numbers, runOn } from './backends.js';

const tensor = (shape: number[], seed: number) => tf.tensor(numbers(tf.util.sizeFromShape(shape), seed), shape);

/** By its definition, with tf.js's own gradients. */
function defined(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon))), scale), offset);
}

const wave = (y: tf.Tensor) => tf.sum(tf.sin(tf.mul(y, 3))) as tf.Scalar;

// The reference that kernels are held against: other backends have none.
beforeAll(() => tf.unregisterKernel('LayerNormalization', 'cpu'));

describe.each(['cpu', 'onnxruntime'] as const)('layerNorm on %s', (backend) => {
  it('gives mean 0 and deviation 1, by hand', async () => {
    const [y] = await runOn(backend, () => [
      layerNorm(tf.tensor2d([[1, 3]]), tf.tensor1d([1, 10]), tf.tensor1d([0, 5]), { epsilon: 3 }),
    ]);
    expect(y!.values).toEqual(Float32Array.of(-0.5, 10));
  });

  it.each([
    [-1, [5, 4]],
    [1, [2, 3, 4]],
    [0, [6]],
  ])('from axis %i of [%j] on: result and gradients are those of the definition', async (axis, shape) => {
    const first = axis < 0 ? axis + shape.length : axis;
    const axes = shape.map((_, i) => i).slice(first);
    const columns = shape.slice(first);
    const of = (norm: (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => tf.Tensor) => () => {
      const inputs = [tensor(shape, 1), tensor(columns, 2), tensor(columns, 3)] as const;
      return [norm(...inputs), ...tf.grads((x, scale, offset) => wave(norm(x!, scale!, offset!)))([...inputs])];
    };
    const actual = await runOn(
      backend,
      of((x, scale, offset) => layerNorm(x, scale, offset, { axis, epsilon: 0.1 })),
    );
    const expected = await runOn(
      'cpu',
      of((x, scale, offset) => defined(x, scale, offset, axes, 0.1)),
    );
    expectSame(actual, expected);
  });

  it('needs no offset, and refuses what does not fit', async () => {
    const [y] = await runOn(backend, () => [layerNorm(tf.tensor1d([1, 3]), tf.tensor1d([1, 1]), undefined)]);
    expect(y!.values[1]).toBeCloseTo(1, 4);
    await runOn(backend, () => []);
    expect(() => layerNorm(tf.zeros([2, 3]), tf.zeros([2]))).toThrow('layerNorm: x [2,3] has no axis -1, or scale [2]');
    expect(() => layerNorm(tf.zeros([2, 3]), tf.zeros([]), undefined, { axis: 2 })).toThrow('no axis 2');
  });
});
