import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/** A vector [C] as [1, C, 1, …], to be broadcast over a tensor [N, C, …] of rank `rank`. */
export function perChannel(tf: Tf, vector: Tensor, rank: number): Tensor {
  return tf.reshape(vector, [1, -1, ...Array<number>(Math.max(0, rank - 2)).fill(1)]);
}
