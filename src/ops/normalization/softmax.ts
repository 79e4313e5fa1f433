import { inputAxis, type NodeContext } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, tieSameAxes } from '../ties.js';

interface SoftmaxAttributes {
  readonly axis: number;
}

function softmaxChannels(context: NodeContext, normalized: readonly number[]): readonly Relation[] {
  return [
    ...tieSameAxes(context),
    ...normalized.map((axis) => pinAxis(inputAxis(context, 0, axis), 'Softmax normalises over it')),
  ];
}

/** Softmax of opset 1 to 12: over all axes from `axis` on, taken together. */
export const softmaxFlattened: OpDef<SoftmaxAttributes> = {
  type: 'Softmax',
  domain: '',
  since: 1,
  until: 12,
  inputs: ['data'],
  saturates: 'softmax',
  attributes: (raw) => ({ axis: raw.integer('axis', 1) }),
  channels: (context, { axis }) => {
    const rank = context.inputDims(0).length;
    const first = normalizeAxis(axis, rank);
    return softmaxChannels(
      context,
      Array.from({ length: rank - first }, (_, i) => first + i),
    );
  },
  lower: (tf, [x], { axis }) => {
    const first = normalizeAxis(axis, x!.rank);
    const rows = x!.shape.slice(0, first).reduce((product, dim) => product * dim, 1);
    return [tf.reshape(tf.softmax(tf.reshape(x!, [rows, -1])), x!.shape)];
  },
};

/** Softmax over one axis (opset 13 and later): `Y = exp(X) / Σ exp(X)`. */
export const softmax: OpDef<SoftmaxAttributes> = {
  type: 'Softmax',
  domain: '',
  since: 13,
  inputs: ['data'],
  saturates: 'softmax',
  attributes: (raw) => ({ axis: raw.integer('axis', -1) }),
  channels: (context, { axis }) => softmaxChannels(context, [normalizeAxis(axis, context.inputDims(0).length)]),
  lower: (tf, [x], { axis }) => {
    // tf.js has the gradient for the last axis alone.
    const from = normalizeAxis(axis, x!.rank);
    const swap = x!.shape.map((_, i) => (i === from ? x!.rank - 1 : i === x!.rank - 1 ? from : i));
    return [tf.transpose(tf.softmax(tf.transpose(x!, swap)), swap)];
  },
};
