import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/random/rng.js';
import { allCases } from './cases/allCases.js';
import { caseName } from './cases/opCase.js';
import { lowerCase, tf } from './lowerCase.js';

/** Half the distance of the central differences. */
const STEP = 0.01;
/** float32 noise over STEP, and the cubic term: relative to the largest gradient of the input. */
const GRADIENT_TOLERANCE = 1e-3;

describe('the gradient in tf.js is what central differences give', () => {
  const trainable = allCases.filter(({ untrainable }) => untrainable === undefined);
  test.each(trainable.map((op) => [caseName(op), op] as const))('%s', async (_, op) => {
    const { variables, apply } = await lowerCase(op);
    const forward = (tensors: readonly tf.Tensor[]) => {
      const results = apply(tensors);
      if ('untrainable' in results) throw new Error(results.untrainable);
      return results[0]!;
    };
    const start = variables.map(({ tensor }) => tensor);
    const { shape, dtype } = forward(start);
    // Truth values and positions have no gradient to speak of.
    if (dtype !== 'float32' || start.length === 0) return;
    const rng = createRng(11);
    const weights = Float64Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, () => rng.normal());
    const direction = tf.tensor(Float32Array.from(weights), shape);
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      // tf.js refuses an input that the output does not depend on; its gradient is 0.
      const nothing = tensors.map((tensor) => tf.mul(tf.sum(tensor), 0));
      return tf.addN([tf.sum(tf.mul(forward(tensors), direction)), ...nothing]);
    })([...start]);
    const loss = (tensors: readonly tf.Tensor[]) => {
      const values = tf.tidy(() => forward(tensors).dataSync());
      return weights.reduce((sum, weight, i) => sum + weight * values[i]!, 0);
    };
    for (const [v, { name, tensor }] of variables.entries()) {
      const values = tensor.dataSync();
      const numeric = Array.from(values, (value, i) => {
        const at = (x: number) => {
          const moved = Float32Array.from(values);
          moved[i] = x;
          return loss(start.map((other, j) => (j === v ? tf.tensor(moved, tensor.shape) : other)));
        };
        return (at(value + STEP) - at(value - STEP)) / (Math.fround(value + STEP) - Math.fround(value - STEP));
      });
      const analytic = gradients[v]!.dataSync();
      expect(gradients[v]!.shape, name).toEqual(tensor.shape);
      const largest = Math.max(1e-3, ...numeric.map(Math.abs));
      numeric.forEach((expected, i) => {
        expect(
          Math.abs(analytic[i]! - expected) / largest,
          `${name}[${i}]: ${analytic[i]} for ${expected}`,
        ).toBeLessThan(GRADIENT_TOLERANCE);
      });
    }
  });
});
