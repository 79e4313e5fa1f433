import type { Tensor } from '@tensorflow/tfjs-core';
import { trainErrors } from '../errors/trainErrors.js';
import type { Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Tf } from '../ops/opDef.js';

/** Where a classifier's logits are. */
export interface Logits {
  readonly value: Value;
  readonly classes: number;
}

/**
 * The value whose softmax are the class probabilities: the first output, or what goes into it where it is a Softmax.
 *
 * @throws TRAIN_OUTPUT_SHAPE where it is not [N, classes]
 */
export function findLogits(bound: BoundModel): Logits {
  const output = bound.graph.outputs[0]!;
  const producer = output.producer === undefined ? undefined : bound.bound(output.producer);
  const isSoftmax = producer?.known === true && producer.op.saturates === 'softmax';
  const value = (isSoftmax ? producer.node.inputs[0] : undefined) ?? output;
  const { dims } = bound.typeOf(value);
  const classes = dims[1];
  if (dims.length !== 2 || classes === undefined || classes < 2) throw trainErrors.notLogits(output.name, dims);
  return { value, classes };
}

/**
 * Mean cross-entropy `−(1/N) Σ t · log softmax(logits)`, a scalar, with smoothed labels `t = (1 − s) · y + s / K`.
 *
 * Smoothing keeps the loss from vanishing on data that the network knows by heart: without it nothing would resist the
 * penalty, and channels would be chosen by their cost alone.
 *
 * @param logits [N, K]
 * @param labels one-hot, [N, K]
 * @param smoothing s, from 0 to below 1
 * @see Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7
 */
export function crossEntropy(tf: Tf, logits: Tensor, labels: Tensor, smoothing = 0): Tensor {
  const classes = labels.shape[1]!;
  const targets = smoothing === 0 ? labels : tf.add(tf.mul(labels, 1 - smoothing), smoothing / classes);
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)));
}
