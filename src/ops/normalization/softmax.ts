/** @file Softmax and its kin, in the two forms that each has had: over all axes from one on, and over one axis. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { inputAxis, type NodeContext } from '../nodeContext.js';
import type { OpDef, Saturation, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, tieSameAxes } from '../ties.js';

interface SoftmaxAttributes {
  readonly axis: number;
}

/** What is calculated over the last axis, and what that does to it, as a reason to keep it. */
interface Form {
  readonly type: string;
  readonly does: string;
  readonly saturates?: Saturation;
  /** Whether the output, or its exponentials, sum to one. */
  readonly isDistribution?: boolean;
  readonly apply: (tf: Tf, x: Tensor) => Tensor;
}

/** The form of opset 1 to 12: over all axes from `axis` on, taken together. */
function flattened({ type, does, saturates, isDistribution, apply }: Form): OpDef<SoftmaxAttributes> {
  const axesOf = (context: NodeContext, { axis }: SoftmaxAttributes): readonly number[] => {
    const rank = context.inputDims(0).length;
    const first = normalizeAxis(axis, rank);
    return Array.from({ length: Math.max(0, rank - first) }, (_, i) => first + i);
  };
  return {
    type,
    domain: '',
    since: 1,
    until: 12,
    inputs: ['data'],
    ...(saturates === undefined ? {} : { saturates }),
    ...(isDistribution === true ? { distribution: axesOf } : {}),
    attributes: (raw) => ({ axis: raw.integer('axis', 1) }),
    channels: (context, attributes) => keptTogether(context, axesOf(context, attributes), `${type} ${does}`),
    lower: (tf, [x], { axis }) => {
      const first = normalizeAxis(axis, x!.rank);
      const rows = x!.shape.slice(0, first).reduce((product, dim) => product * dim, 1);
      return [tf.reshape(apply(tf, tf.reshape(x!, [rows, -1])), x!.shape)];
    },
  };
}

/** The form of opset 13 and later: over one axis. */
function alongAxis({ type, does, saturates, isDistribution, apply }: Form): OpDef<SoftmaxAttributes> {
  const axesOf = (context: NodeContext, { axis }: SoftmaxAttributes): readonly number[] => [
    normalizeAxis(axis, context.inputDims(0).length),
  ];
  return {
    type,
    domain: '',
    since: 13,
    inputs: ['data'],
    ...(saturates === undefined ? {} : { saturates }),
    ...(isDistribution === true ? { distribution: axesOf } : {}),
    attributes: (raw) => ({ axis: raw.integer('axis', -1) }),
    channels: (context, attributes) => keptTogether(context, axesOf(context, attributes), `${type} ${does}`),
    lower: (tf, [x], { axis }) => {
      // tf.js has the gradient for the last axis alone.
      const from = normalizeAxis(axis, x!.rank);
      const swap = x!.shape.map((_, i) => (i === from ? x!.rank - 1 : i === x!.rank - 1 ? from : i));
      return [tf.transpose(apply(tf, tf.transpose(x!, swap)), swap)];
    },
  };
}

function keptTogether(context: NodeContext, axes: readonly number[], reason: string): readonly Relation[] {
  return [...tieSameAxes(context), ...axes.map((axis) => pinAxis(inputAxis(context, 0, axis), reason))];
}

/** Softmax: `Y = exp(X) / Σ exp(X)`. */
const soft: Form = {
  type: 'Softmax',
  does: 'normalises over it',
  saturates: 'softmax',
  isDistribution: true,
  apply: (tf, x) => tf.softmax(x),
};
export const softmaxFlattened = flattened(soft);
export const softmax = alongAxis(soft);

/** LogSoftmax: `Y = X − log Σ exp(X)`. */
const logSoft: Form = {
  type: 'LogSoftmax',
  does: 'normalises over it',
  isDistribution: true,
  apply: (tf, x) => tf.sub(x, tf.logSumExp(x, -1, true)),
};
export const logSoftmaxFlattened = flattened(logSoft);
export const logSoftmax = alongAxis(logSoft);

/** Hardmax: 1 at the first largest element, 0 at the others. */
const hard: Form = {
  type: 'Hardmax',
  does: 'looks for the largest on it',
  saturates: 'steps',
  apply: (tf, x) => tf.cast(tf.oneHot(tf.argMax(x, -1), x.shape.at(-1)!), 'float32'),
};
export const hardmaxFlattened = flattened(hard);
export const hardmax = alongAxis(hard);
