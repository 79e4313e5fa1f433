import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { NodePatch, OpDef, ResizeContext } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, tie } from '../ties.js';
import { fixedNumbers, pinSources } from './targetShape.js';

interface SplitAttributes {
  readonly axis: number;
  /** Sizes as an attribute (opset 1 to 12). */
  readonly sizes: readonly number[] | undefined;
}

/** Sizes where the node names none: as equal as they can be, the last the smallest. */
function equalSizes(width: number, count: number): readonly number[] {
  const size = Math.ceil(width / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(size, width - i * size)));
}

/** The size of each output; undefined where they are not known beforehand, or do not add up. */
function splitSizes(context: NodeContext, { sizes }: SplitAttributes, width: number): readonly number[] | undefined {
  const named = context.node.inputs[1] === undefined ? sizes : fixedNumbers(context, 1);
  if (named === undefined && context.node.inputs[1] !== undefined) return undefined;
  const found = named ?? equalSizes(width, context.node.outputs.length);
  return found.reduce((sum, size) => sum + size, 0) === width ? found : undefined;
}

function splitChannels(context: NodeContext, attributes: SplitAttributes): readonly Relation[] {
  const dims = context.inputDims(0);
  const axis = normalizeAxis(attributes.axis, dims.length);
  const outputs = context.node.outputs.flatMap((value, output) => (value === undefined ? [] : [output]));
  const others = outputs.flatMap((output) =>
    dims.flatMap((_, i) => (i === axis ? [] : [tie(inputAxis(context, 0, i), outputAxis(context, output, i))])),
  );
  const whole = inputAxis(context, 0, axis);
  const sizes = splitSizes(context, attributes, dims[axis]!);
  if (sizes === undefined || outputs.length !== context.node.outputs.length) {
    return [...others, pinAxis(whole, 'splits it into sizes that are not known'), ...pinSources(context, 1)];
  }
  let offset = 0;
  const parts = sizes.map((size, output): Relation => {
    const indices = Array.from({ length: size }, (_, i) => offset + i);
    offset += size;
    return { kind: 'take', from: whole, to: outputAxis(context, output, axis), indices };
  });
  return [...others, ...parts];
}

/** Sizes after the rewrite, where they must be written; undefined where equal sizes stay equal. */
function resizedSizes(context: ResizeContext, attributes: SplitAttributes): readonly number[] | undefined {
  const dims = context.inputDims(0);
  const axis = normalizeAxis(attributes.axis, dims.length);
  const sizes = splitSizes(context, attributes, dims[axis]!);
  if (sizes === undefined || context.node.outputs.includes(undefined)) return undefined;
  const changed = sizes.map((_, output) => context.newOutputDims(output)[axis]!);
  if (context.node.inputs[1] !== undefined || attributes.sizes !== undefined) return changed;
  const width = changed.reduce((sum, size) => sum + size, 0);
  const isEqual = equalSizes(width, sizes.length).every((size, i) => size === changed[i]);
  // Before opset 18 unequal sizes must be written, even where only the last is smaller.
  return isEqual && (context.opset >= 18 || width % sizes.length === 0) ? undefined : changed;
}

const shared = {
  type: 'Split',
  domain: '',
  channels: splitChannels,
  lower: (tf, [x], attributes, context) => {
    const axis = normalizeAxis(attributes.axis, x!.rank);
    const sizes = splitSizes(context, attributes, x!.shape[axis]!);
    return sizes === undefined ? { untrainable: 'its sizes are not known' } : tf.split(x!, [...sizes], axis);
  },
} satisfies Partial<OpDef<SplitAttributes>>;

/** Split with its sizes as an attribute (opset 1 to 12; opset 1 had an input too). */
export const splitAttributes: OpDef<SplitAttributes> = {
  ...shared,
  since: 1,
  until: 12,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ axis: raw.integer('axis', 0), sizes: raw.integers('split') }),
  resize: (context, attributes): NodePatch => {
    const sizes = resizedSizes(context, attributes);
    if (sizes === undefined) return {};
    if (context.node.inputs[1] !== undefined) return { constants: new Map([[1, sizes]]) };
    return attributes.sizes?.every((size, i) => size === sizes[i]) === true ? {} : { attributes: { split: sizes } };
  },
};

/** Split: the parts of the input along `axis`, of the sizes in the second input, or of equal ones. */
export const split: OpDef<SplitAttributes> = {
  ...shared,
  since: 13,
  inputs: ['data', 'setting'],
  attributes: (raw) => {
    raw.ignore('num_outputs');
    return { axis: raw.integer('axis', 0), sizes: undefined };
  },
  resize: (context, attributes): NodePatch => {
    const sizes = resizedSizes(context, attributes);
    if (sizes === undefined) return {};
    const constants = new Map([[1, sizes]]);
    return context.node.inputs[1] === undefined ? { constants, attributes: { num_outputs: null } } : { constants };
  },
};
