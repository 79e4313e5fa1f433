import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/** The p-th root of sums of powers; where a sum is 0, so is its root, and its gradient. */
export function root(tf: Tf, sums: Tensor, p: number): Tensor {
  if (p === 1) return sums;
  // The slope of the root is infinite at 0: there the constant 1 takes its place.
  const isZero = tf.lessEqual(sums, 0);
  const safe = tf.where(isZero, tf.onesLike(sums), sums);
  const roots = p === 2 ? tf.sqrt(safe) : tf.pow(safe, 1 / p);
  return tf.where(isZero, tf.zerosLike(sums), roots);
}
