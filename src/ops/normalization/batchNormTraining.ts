import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/** What a training pass of a BatchNormalization gives. */
export interface Normalized {
  readonly y: Tensor;
  /** Of the batch, [C]. No gradient need flow through it, nor through the variance. */
  readonly mean: Tensor;
  /** Of the batch, with bias (over n), [C]. */
  readonly variance: Tensor;
}

/** TensorFlow's kernel that gives all three at once; backends may have it. */
const FUSED = 'FusedBatchNormV3';

/**
 * Normalises by the statistics of the batch, and gives those.
 *
 * @param x [N, spatial…, C]
 */
export function batchNormTraining(tf: Tf, x: Tensor, scale: Tensor1D, shift: Tensor1D, epsilon: number): Normalized {
  if (tf.getKernel(FUSED, tf.getBackend()) != null) {
    const inputs = { x, scale, offset: shift };
    const [y, mean, variance] = tf.engine().runKernel<Tensor[]>(FUSED, inputs, { epsilon });
    return { y: y!, mean: mean!, variance: variance! };
  }
  const axes = Array.from({ length: x.rank - 1 }, (_, axis) => axis);
  const { mean, variance } = tf.moments(x, axes);
  // TensorFlow normalises images alone: more spatial axes become one.
  const image = x.rank > 4 ? tf.reshape(x, [x.shape[0]!, -1, 1, x.shape.at(-1)!]) : x;
  const y = tf.batchNorm(image as Tensor4D, mean as Tensor1D, variance as Tensor1D, shift, scale, epsilon);
  return { y: tf.reshape(y, x.shape), mean, variance };
}
