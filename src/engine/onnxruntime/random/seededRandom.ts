import * as tfjs from '@tensorflow/tfjs-core';
import { drawn } from '../drawn.js';
import { numberStream } from './numberStream.js';

/** Tensors of random numbers; within a compiled step they are drawn anew at every run. */
export interface SeededRandom {
  /** Uniform over [low, high). Default: [0, 1). */
  uniform(shape: readonly number[], low?: number, high?: number): tfjs.Tensor;
  normal(shape: readonly number[], mean?: number, deviation?: number): tfjs.Tensor;
  /** `location + scale · log(u / (1 − u))`: the noise of binary gates. */
  logistic(shape: readonly number[], location?: number, scale?: number): tfjs.Tensor;
  /**
   * x with every element at 0 by the chance of `rate`, and divided by 1 − rate else.
   * @throws RangeError unless the rate is from 0 to below 1
   */
  dropout(x: tfjs.Tensor, rate: number): tfjs.Tensor;
}

/**
 * Random tensors that depend on the seed and on the order of the calls alone: each call opens a stream of its own, which
 * goes on with every run of the step that it stands in.
 *
 * @example
 * const random = seededRandom(7);
 * const step = compileStep((x) => [random.dropout(x, 0.5)]);
 */
export function seededRandom(seed: number, tf: Pick<typeof tfjs, 'engine' | 'mul' | 'tensor'> = tfjs): SeededRandom {
  let streams = 0;
  const tensor = (shape: readonly number[], numberOf: (next: () => number) => () => number): tfjs.Tensor => {
    const number = numberOf(numberStream(seed, streams++));
    const size = shape.reduce((product, dim) => product * dim, 1);
    return drawn(shape, () => Float32Array.from({ length: size }, number), tf);
  };
  return {
    uniform: (shape, low = 0, high = 1) => tensor(shape, (next) => () => low + (high - low) * next()),
    normal: (shape, mean = 0, deviation = 1) =>
      tensor(shape, (next) => {
        const standard = standardNormal(next);
        return () => mean + deviation * standard();
      }),
    logistic: (shape, location = 0, scale = 1) =>
      tensor(shape, (next) => () => {
        // Half a step off 0, whose logarithm is not finite; 1 does not come.
        const u = next() + 2 ** -54;
        return location + scale * Math.log(u / (1 - u));
      }),
    dropout(x, rate) {
      if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: a rate is from 0 to below 1, not ${rate}`);
      const kept = 1 / (1 - rate);
      return tf.mul(
        x,
        tensor(x.shape, (next) => () => (next() < rate ? 0 : kept)),
      );
    },
  };
}

/** Marsaglia's polar method, which gives two at a time. */
function standardNormal(next: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const [u, v] = [2 * next() - 1, 2 * next() - 1];
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}
