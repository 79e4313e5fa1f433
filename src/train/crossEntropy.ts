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
 * Mean cross-entropy `−(1/N) Σ log softmax(logits)[n, labels[n]]`, a scalar.
 *
 * @param logits [N, classes]
 * @param labels one-hot, [N, classes]
 */
export function crossEntropy(tf: Tf, logits: Tensor, labels: Tensor): Tensor {
  return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1)));
}
