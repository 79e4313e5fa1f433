import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';
import { axesFrom, standardize } from './standardize.js';

/** A kernel that backends may have: the normalisation with a gradient of its own, none through the statistics. */
const FUSED = 'LayerNormalization';

/**
 * `(x − mean) / √(variance + ε) · scale + shift` over the axes from `first` on.
 *
 * @param scale aligned with x at the end, and so is the shift
 */
export function layerNorm(
  tf: Tf,
  x: Tensor,
  scale: Tensor,
  shift: Tensor | undefined,
  first: number,
  epsilon: number,
): Tensor {
  const shape = x.shape.slice(first).join();
  const fits = (value: Tensor | undefined) => value === undefined || value.shape.join() === shape;
  if (fits(scale) && fits(shift) && tf.getKernel(FUSED, tf.getBackend()) != null) {
    const inputs = shift === undefined ? { x, scale } : { x, scale, offset: shift };
    return tf.engine().runKernel<Tensor[]>(FUSED, inputs, { axis: first, epsilon })[0]!;
  }
  const scaled = tf.mul(standardize(tf, x, axesFrom(first, x.rank), epsilon).normal, scale);
  return shift === undefined ? scaled : tf.add(scaled, shift);
}
