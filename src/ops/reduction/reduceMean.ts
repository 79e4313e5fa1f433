import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, tie } from '../ties.js';

interface ReduceAttributes {
  readonly axes: readonly number[] | undefined;
  readonly keepDims: boolean;
  readonly noopWithEmptyAxes: boolean;
}

/** The axes that are reduced, sorted; undefined where the data decides. */
function reducedAxes(context: NodeContext, attributes: ReduceAttributes): readonly number[] | undefined {
  const rank = context.inputDims(0).length;
  const given = context.node.inputs[1] === undefined ? (attributes.axes ?? []) : context.numbers(1);
  if (given === undefined) return undefined;
  if (given.length === 0) return attributes.noopWithEmptyAxes ? [] : Array.from({ length: rank }, (_, axis) => axis);
  return given.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
}

/** Kept axes with their place in the output. */
function reduceChannels(context: NodeContext, attributes: ReduceAttributes): readonly Relation[] {
  const reduced = reducedAxes(context, attributes);
  if (reduced === undefined) return [];
  const kept = context.inputDims(0).flatMap((_, axis) => (reduced.includes(axis) ? [] : [axis]));
  return kept.map((axis, place) =>
    tie(inputAxis(context, 0, axis), outputAxis(context, 0, attributes.keepDims ? axis : place)),
  );
}

const shared = {
  type: 'ReduceMean',
  domain: '',
  channels: reduceChannels,
  lower: (tf, [x], attributes, context) => {
    const axes = reducedAxes(context, attributes);
    if (axes === undefined) return { untrainable: 'its axes are calculated from the data' };
    return [axes.length === 0 ? tf.clone(x!) : tf.mean(x!, [...axes], attributes.keepDims)];
  },
} satisfies Partial<OpDef<ReduceAttributes>>;

/** ReduceMean with its axes as an attribute (opset 1 to 17). */
export const reduceMeanAttributes: OpDef<ReduceAttributes> = {
  ...shared,
  since: 1,
  until: 17,
  inputs: ['data'],
  attributes: (raw) => ({
    axes: raw.integers('axes'),
    keepDims: raw.integer('keepdims', 1) !== 0,
    noopWithEmptyAxes: false,
  }),
};

/** ReduceMean with its axes as an input (opset 18 and later). */
export const reduceMean: OpDef<ReduceAttributes> = {
  ...shared,
  since: 18,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({
    axes: undefined,
    keepDims: raw.integer('keepdims', 1) !== 0,
    noopWithEmptyAxes: raw.integer('noop_with_empty_axes', 0) !== 0,
  }),
};
