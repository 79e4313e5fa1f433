import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { dataErrors } from '../../errors/dataErrors.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Tf } from '../../ops/opDef.js';
import { labelDims, requireLogits, rowsOf } from './classLogits.js';
import type { Loss, Objective } from './objective.js';

/**
 * Cross-entropy of the first output, or of what goes into it where it is a Softmax, with class labels: one for each
 * sample, or one for each position of a map. Smoothed labels are `t = (1 − s) · y + s / K`.
 *
 * Smoothing keeps the loss from vanishing on data that the network knows by heart: without it nothing would resist the
 * penalty, and channels would be chosen by their cost alone.
 *
 * @param smoothing s, from 0 to below 1
 * @see Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7
 */
export function crossEntropyLoss(smoothing: number): Loss {
  return { name: 'cross-entropy', measures: ['accuracy'], on: (bound) => objectiveOn(bound, smoothing) };
}

function objectiveOn(bound: BoundModel, smoothing: number): Objective {
  const { value, axes, classes } = requireLogits(bound);
  return {
    values: [value],
    inputCount: 1,
    inputs: (tf, { y }) => {
      if (y === undefined) throw dataErrors.noLabels('a batch', 'training');
      return [tf.tensor1d(y, 'int32')];
    },
    evaluate: (tf, [logits], [y]) => {
      const rows = rowsOf(tf, logits!, axes);
      const labels = y as Tensor1D;
      if (rows.shape[0] !== labels.size)
        throw dataErrors.targetShape('a batch', [labels.size], value.name, labelDims(logits!.shape, axes));
      const accuracy = tf.mean(tf.cast(tf.equal(tf.argMax(rows, 1), labels), 'float32'));
      const targets = tf.cast(tf.oneHot(labels, classes), 'float32');
      return { loss: crossEntropy(tf, rows, targets, smoothing), measures: { accuracy } };
    },
  };
}

/**
 * Cross-entropy with smoothed labels.
 *
 * @param logits [R, K]
 * @param labels one-hot, [R, K]
 */
export function crossEntropy(tf: Tf, logits: Tensor, labels: Tensor, smoothing: number): Scalar {
  const spread = smoothing / labels.shape[1]!;
  return meanCrossEntropy(tf, logits, smoothing === 0 ? labels : tf.add(tf.mul(labels, 1 - smoothing), spread));
}

/**
 * Mean cross-entropy of rows, `−(1/R) Σ t · log softmax(x)`.
 *
 * @param logits x, [R, K]
 * @param targets t, [R, K]
 */
export function meanCrossEntropy(tf: Tf, logits: Tensor, targets: Tensor): Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))) as Scalar;
}

/** Mean over all rows of where two [R, K] are largest at the same class. */
export function agreementOf(tf: Tf, a: Tensor, b: Tensor): Scalar {
  return tf.mean(tf.cast(tf.equal(tf.argMax(a, 1), tf.argMax(b, 1)), 'float32')) as Scalar;
}
