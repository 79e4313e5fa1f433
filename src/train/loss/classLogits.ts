import type { Tensor } from '@tensorflow/tfjs-core';
import { trainErrors } from '../../errors/trainErrors.js';
import type { Value } from '../../graph/graph.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Tf } from '../../ops/opDef.js';

/** Where a classifier's logits are. */
export interface ClassLogits {
  readonly value: Value;
  /** The axes along which the classes lie; one, but for a Softmax of old opsets. */
  readonly axes: readonly number[];
  /** Their positions. */
  readonly classes: number;
  /** Whether a Softmax or LogSoftmax says that they are logits. */
  readonly isSure: boolean;
}

/**
 * The logits of an output: what goes into it where it is a Softmax or LogSoftmax, else itself with classes along axis
 * 1; undefined where there are not two classes.
 */
export function classLogits(bound: BoundModel, output: Value): ClassLogits | undefined {
  const producer = output.producer === undefined ? undefined : bound.bound(output.producer);
  const axes = producer?.known === true ? producer.op.distribution?.(producer.context, producer.attributes) : undefined;
  const before = producer?.node.inputs[0];
  const isSure = axes !== undefined && before !== undefined;
  const found = isSure ? { value: before, axes } : { value: output, axes: [1] };
  const { dims } = bound.typeOf(found.value);
  const classes = found.axes.reduce((product, axis) => product * (dims[axis] ?? 1), 1);
  return classes < 2 || found.axes.includes(0) ? undefined : { ...found, classes, isSure };
}

/**
 * The logits of the first output.
 *
 * @throws TRAIN_OUTPUT_SHAPE where it is not [N, classes] or [N, classes, …]
 */
export function requireLogits(bound: BoundModel): ClassLogits {
  const output = bound.graph.outputs[0]!;
  const found = classLogits(bound, output);
  if (found === undefined) throw trainErrors.notLogits(output.name, bound.typeOf(output).dims);
  return found;
}

/** Shape of the labels that logits want, batch axis included: theirs without the classes. */
export function labelDims(dims: readonly number[], axes: readonly number[]): readonly number[] {
  return dims.filter((_, axis) => !axes.includes(axis));
}

/** Logits as rows, one for each label: [R, K]. */
export function rowsOf(tf: Tf, logits: Tensor, axes: readonly number[]): Tensor {
  if (logits.rank === 2 && axes.join() === '1') return logits;
  const others = logits.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const classes = axes.reduce((product, axis) => product * logits.shape[axis]!, 1);
  return tf.reshape(tf.transpose(logits, [...others, ...axes]), [-1, classes]);
}
