import type { Tensor } from '@tensorflow/tfjs-core';
import type { NodeContext } from '../nodeContext.js';
import { inputAxis } from '../nodeContext.js';
import type { Tf } from '../opDef.js';
import type { Relation } from '../relation.js';

/** A tensor with mean 0 and variance 1 over some of its axes, and what was taken from it. */
export interface Standardized {
  readonly normal: Tensor;
  /** Kept with width 1 along the axes that it runs over. */
  readonly mean: Tensor;
  readonly inverseDeviation: Tensor;
}

/** `(X − mean) / √(variance + ε)` over `axes`; without centring the mean is not taken off: `X / √(mean X² + ε)`. */
export function standardize(
  tf: Tf,
  x: Tensor,
  axes: readonly number[],
  epsilon: number,
  isCentered = true,
): Standardized {
  const mean = tf.mean(x, [...axes], true);
  const centered = isCentered ? tf.sub(x, mean) : x;
  const variance = tf.mean(tf.square(centered), [...axes], true);
  const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon));
  return { normal: tf.mul(centered, inverseDeviation), mean, inverseDeviation };
}

/** Marks axes of the first input that the node calculates over: they may be cut, but not widened. */
export function restrictAxes(context: NodeContext, axes: readonly number[]): readonly Relation[] {
  return axes.map((axis) => ({ kind: 'restrict', axis: inputAxis(context, 0, axis) }));
}

/** All axes from `first` on. */
export function axesFrom(first: number, rank: number): readonly number[] {
  return Array.from({ length: Math.max(0, rank - first) }, (_, i) => first + i);
}
