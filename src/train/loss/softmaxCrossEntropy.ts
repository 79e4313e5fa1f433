import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../ops/opDef.js';

/**
 * Mean cross-entropy of rows, `−(1/R) Σ t · log softmax(x)`.
 *
 * @param logits x, [R, K]
 * @param targets t, [R, K]
 */
export function softmaxCrossEntropy(tf: Tf, logits: Tensor, targets: Tensor): Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))) as Scalar;
}
