/** @file Operators that put in, or drop, axes of width 1. */
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { NodePatch, OpDef, ResizeContext } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinInput, tie } from '../ties.js';
import { fixedNumbers } from './targetShape.js';

interface AxesAttributes {
  readonly axes: readonly number[] | undefined;
}

/** The axes a node names, or undefined where the data decides; `[]` where it names none. */
function namedAxes(context: NodeContext, { axes }: AxesAttributes, rank: number): readonly number[] | undefined {
  const named = context.node.inputs[1] === undefined ? (axes ?? []) : fixedNumbers(context, 1);
  return named?.map((axis) => normalizeAxis(axis, rank));
}

/** The input axes that Squeeze keeps, in order; undefined where that depends on the data or on a free size. */
function keptAxes(context: NodeContext, attributes: AxesAttributes): readonly number[] | undefined {
  const dims = context.inputDims(0);
  const dropped = namedAxes(context, attributes, dims.length);
  if (dropped === undefined) return undefined;
  const all = dims.map((_, axis) => axis);
  if (dropped.length > 0) return all.filter((axis) => !dropped.includes(axis));
  if (all.some((axis) => context.isFree(inputAxis(context, 0, axis)))) return undefined;
  return all.filter((axis) => dims[axis] !== 1);
}

function squeezeChannels(context: NodeContext, attributes: AxesAttributes): readonly Relation[] {
  const kept = keptAxes(context, attributes);
  if (kept === undefined) return pinInput(context, 0, 'Squeeze drops axes by their width');
  return kept.map((axis, place) => tie(inputAxis(context, 0, axis), outputAxis(context, 0, place)));
}

/** Without named axes, one that a rewrite makes 1 wide would be dropped too. */
function squeezeResize(context: ResizeContext, attributes: AxesAttributes): NodePatch {
  const dims = context.inputDims(0);
  if (namedAxes(context, attributes, dims.length)?.length !== 0) return {};
  const after = context.newInputDims(0);
  if (!after.some((dim, axis) => dim === 1 && dims[axis] !== 1)) return {};
  const axes = dims.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  return context.opset < 13 ? { attributes: { axes } } : { constants: new Map([[1, axes]]) };
}

const squeezeShared = {
  type: 'Squeeze',
  domain: '',
  channels: squeezeChannels,
  resize: squeezeResize,
  lower: (tf, [x], _, context) => [tf.reshape(x!, [...context.runningDims(0)])],
  dimensions: (context) => context.dimensions(0),
} satisfies Partial<OpDef<AxesAttributes>>;

/** Squeeze: without the axes named, which are 1 wide; without all such axes where none is named. */
export const squeezeAttributes: OpDef<AxesAttributes> = {
  ...squeezeShared,
  since: 1,
  until: 12,
  inputs: ['data'],
  attributes: (raw) => ({ axes: raw.integers('axes') }),
};

/** Squeeze with its axes as an input (opset 13 and later). */
export const squeeze: OpDef<AxesAttributes> = {
  ...squeezeShared,
  since: 13,
  inputs: ['data', 'setting'],
  attributes: () => ({ axes: undefined }),
};

const unsqueezeShared = {
  type: 'Unsqueeze',
  domain: '',
  channels: (context, attributes) => {
    const rank = context.outputDims(0).length;
    const added = namedAxes(context, attributes, rank);
    if (added === undefined) return pinInput(context, 0, 'Unsqueeze has axes that the data decides');
    const kept = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !added.includes(axis));
    return kept.map((axis, place) => tie(inputAxis(context, 0, place), outputAxis(context, 0, axis)));
  },
  lower: (tf, [x], _, context) => [tf.reshape(x!, [...context.runningDims(0)])],
  dimensions: (context) => context.dimensions(0),
} satisfies Partial<OpDef<AxesAttributes>>;

/** Unsqueeze: with axes of width 1 at the places named, which count in the output. */
export const unsqueezeAttributes: OpDef<AxesAttributes> = {
  ...unsqueezeShared,
  since: 1,
  until: 12,
  inputs: ['data'],
  attributes: (raw) => ({ axes: raw.integers('axes') }),
};

/** Unsqueeze with its axes as an input (opset 13 and later). */
export const unsqueeze: OpDef<AxesAttributes> = {
  ...unsqueezeShared,
  since: 13,
  inputs: ['data', 'setting'],
  attributes: () => ({ axes: undefined }),
};
