/** @file Attention in tf.js, over tensors with their heads apart: [N, H, T, columns]. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/** Added to the scores of what must not be looked at; two of them are still a finite number. */
export const HIDDEN = -1e30;

export interface Scores {
  readonly scale: number;
  /** Scores are kept within ± this by tanh; 0 leaves them alone. */
  readonly softcap?: number;
  /** What is added to the scores, to be broadcast over [N, H, T, S]. */
  readonly added: readonly (Tensor | undefined)[];
  /** Whether a row that sees nothing gives zeros, and not the mean of all. */
  readonly areBlindRowsZero?: boolean;
}

/** The result, and the scores [N, H, T, S] on the way to it. */
export interface Attended {
  /** [N, H, T, E]. */
  readonly y: Tensor;
  readonly scaled: Tensor;
  readonly capped: Tensor;
  readonly masked: Tensor;
  readonly probabilities: Tensor;
}

/**
 * `softmax(scale · Q·Kᵀ + added)·V` for Q [N, H, T, D], K [N, G, S, D], V [N, G, S, E]: each head of keys and values
 * serves H / G heads of queries that follow each other.
 */
export function attend(tf: Tf, q: Tensor, k: Tensor, v: Tensor, scores: Scores): Attended {
  const { scale, softcap = 0, added, areBlindRowsZero = false } = scores;
  const [batch, heads, rows, width] = q.shape as [number, number, number, number];
  const [, shared, keys, columns] = v.shape as [number, number, number, number];
  const together = [batch, shared, (heads / shared) * rows];
  const product = tf.matMul(tf.reshape(q, [...together, width]), k, false, true);
  const scaled = tf.mul(tf.reshape(product, [batch, heads, rows, keys]), scale);
  const capped = softcap === 0 ? scaled : tf.mul(tf.tanh(tf.div(scaled, softcap)), softcap);
  const masked = added.reduce<Tensor>((sum, term) => (term === undefined ? sum : tf.add(sum, term)), capped);
  const soft = tf.softmax(areBlindRowsZero ? tf.maximum(masked, HIDDEN) : masked);
  const probabilities = areBlindRowsZero ? tf.mul(soft, tf.cast(tf.greater(masked, HIDDEN / 2), 'float32')) : soft;
  const mixed = tf.matMul(tf.reshape(probabilities, [...together, keys]), v);
  return { y: tf.reshape(mixed, [batch, heads, rows, columns]), scaled, capped, masked, probabilities };
}

/** [N, T, heads · columns] as [N, heads, T, columns]. */
export function splitHeads(tf: Tf, x: Tensor, heads: number): Tensor {
  const [batch, rows, width] = x.shape as [number, number, number];
  return tf.transpose(tf.reshape(x, [batch, rows, heads, width / heads]), [0, 2, 1, 3]);
}

/** [N, heads, T, columns] as [N, T, heads · columns]. */
export function mergeHeads(tf: Tf, x: Tensor): Tensor {
  const [batch, heads, rows, columns] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, rows, heads * columns]);
}

/** Hides from row t [T] all keys [S] after position `past + t`. */
export function causalMask(tf: Tf, rows: number, keys: number, past: number): Tensor {
  const last = tf.reshape(tf.range(past, past + rows), [rows, 1]);
  const isLater = tf.greater(tf.reshape(tf.range(0, keys), [1, keys]), last);
  return tf.mul(tf.cast(isLater, 'float32'), HIDDEN);
}

/** Adds `hidden` to the scores where a mask is not 1. */
export function penalty(tf: Tf, mask: Tensor, hidden: number): Tensor {
  return tf.mul(tf.sub(1, tf.cast(mask, 'float32')), hidden);
}

/** What was kept of former tokens, then what is new, along the axis of the tokens [N, H, S, columns]. */
export function afterPast(tf: Tf, past: Tensor | undefined, present: Tensor): Tensor {
  return past === undefined ? present : tf.concat([past, present], 2);
}
