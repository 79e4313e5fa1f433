import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/**
 * Turns the first `2·R` columns of x [N, H, T, D] in pairs: `(a, b)` becomes `(a·cos − b·sin, a·sin + b·cos)`.
 *
 * @param cos, sin to be broadcast over [N, H, T, R]
 * @param isInterleaved whether neighbours are a pair, and not column i of either half
 */
export function turnByPosition(tf: Tf, x: Tensor, cos: Tensor, sin: Tensor, isInterleaved: boolean): Tensor {
  const [batch, heads, tokens, columns] = x.shape as [number, number, number, number];
  const half = cos.shape.at(-1)!;
  const turned = tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, 2 * half]);
  // [N, H, T, R, 2] or [N, H, T, 2, R]: the pair on an axis of its own.
  const pairs = isInterleaved ? [half, 2] : [2, half];
  const axis = isInterleaved ? 4 : 3;
  const apart = tf.reshape(turned, [batch, heads, tokens, ...pairs]);
  const [a, b] = tf.split(apart, 2, axis).map((part) => tf.reshape(part, [batch, heads, tokens, half]));
  const first = tf.sub(tf.mul(a!, cos), tf.mul(b!, sin));
  const second = tf.add(tf.mul(a!, sin), tf.mul(b!, cos));
  const joined = tf.reshape(tf.stack([first, second], axis), [batch, heads, tokens, 2 * half]);
  if (2 * half === columns) return joined;
  return tf.concat([joined, tf.slice(x, [0, 0, 0, 2 * half], [-1, -1, -1, -1])], 3);
}
