/** @file TopK: the K largest (or smallest) elements along an axis, with their positions. */
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, tieSameAxes } from '../ties.js';

interface TopKAttributes {
  readonly axis: number;
}

function topKChannels(context: NodeContext, attributes: TopKAttributes): readonly Relation[] {
  const axis = normalizeAxis(attributes.axis, context.inputDims(0).length);
  const reason = 'TopK orders what is on it';
  return [
    pinAxis(inputAxis(context, 0, axis), reason),
    ...context.node.outputs.flatMap((value, output) =>
      value === undefined
        ? []
        : [...tieSameAxes(context, 0, output, [axis]), pinAxis(outputAxis(context, output, axis), reason)],
    ),
  ];
}

const shared = {
  type: 'TopK',
  domain: '',
  // The order may change where values are all but equal.
  saturates: 'steps',
  channels: topKChannels,
  lower: () => ({ untrainable: 'it chooses elements, and tf.js has no gradient for that' }),
} satisfies Partial<OpDef<TopKAttributes>>;

/** TopK with K as an attribute (opset 1 to 9). */
export const topKAttributes: OpDef<TopKAttributes> = {
  ...shared,
  since: 1,
  until: 9,
  inputs: ['data'],
  attributes: (raw) => {
    raw.ignore('k');
    return { axis: raw.integer('axis', -1) };
  },
};

/** TopK with K as an input (opset 10 and later). */
export const topK: OpDef<TopKAttributes> = {
  ...shared,
  since: 10,
  inputs: ['data', 'setting'],
  attributes: (raw) => {
    raw.ignore('largest', 'sorted');
    return { axis: raw.integer('axis', -1) };
  },
};
