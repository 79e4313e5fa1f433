import type { Tensor } from '@tensorflow/tfjs-core';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { NodePatch, OpDef, ResizeContext, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, pinInput, tie } from '../ties.js';
import { resizedRange, type SliceRange, slicePositions, sliceRange } from './sliceRange.js';
import { fixedNumbers, pinSources } from './targetShape.js';

interface SliceAttributes {
  readonly starts: readonly number[] | undefined;
  readonly ends: readonly number[] | undefined;
  readonly axes: readonly number[] | undefined;
}

interface SliceNumbers {
  /** By element: what is taken of which axis. */
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
  /** Whether the bounds are the same for all sizes of the inputs. */
  readonly isFixed: boolean;
}

/** The numbers of a slice; undefined where the data decides. */
function sliceNumbers(context: NodeContext, attributes: SliceAttributes, rank: number): SliceNumbers | undefined {
  const isInput = attributes.starts === undefined;
  const starts = isInput ? context.numbers(1) : attributes.starts;
  const ends = isInput ? context.numbers(2) : attributes.ends;
  const optional = (input: number, others: readonly number[]) =>
    context.node.inputs[input] === undefined ? others : fixedNumbers(context, input);
  const axes = isInput ? optional(3, starts?.map((_, i) => i) ?? []) : (attributes.axes ?? starts?.map((_, i) => i));
  const steps = optional(4, starts?.map(() => 1) ?? []);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined) return undefined;
  if ([ends, axes, steps].some(({ length }) => length !== starts.length)) return undefined;
  if (new Set(axes).size !== axes.length) return undefined;
  const isFixed = !isInput || [1, 2].every((input) => fixedNumbers(context, input) !== undefined);
  return { axes: axes.map((axis) => normalizeAxis(axis, rank)), starts, ends, steps, isFixed };
}

function rangeOf({ starts, ends, steps }: SliceNumbers, element: number, width: number): SliceRange {
  return sliceRange(width, starts[element]!, ends[element]!, steps[element]!);
}

function sliceChannels(context: NodeContext, attributes: SliceAttributes): readonly Relation[] {
  const dims = context.inputDims(0);
  const numbers = sliceNumbers(context, attributes, dims.length);
  const bounds = [1, 2].flatMap((input) => pinSources(context, input));
  const others = [3, 4].flatMap((input) => pinSources(context, input));
  if (numbers === undefined) {
    return [...pinInput(context, 0, 'takes a part that the data decides'), ...bounds, ...others];
  }
  const relations = dims.flatMap((width, axis): readonly Relation[] => {
    const [from, to] = [inputAxis(context, 0, axis), outputAxis(context, 0, axis)];
    const element = numbers.axes.indexOf(axis);
    if (element < 0) return [tie(from, to)];
    const pin = (reason: string) => [pinAxis(from, reason), pinAxis(to, reason)];
    if (context.isFree(from)) return pin('takes a part of what follows the batch');
    if (!numbers.isFixed) return pin('takes a part that follows the batch');
    const range = rangeOf(numbers, element, width);
    const indices = slicePositions(range);
    if (Math.abs(range.step) !== 1) return pin(`takes positions in steps of ${Math.abs(range.step)}`);
    if (indices.length === 0) return pin('takes nothing of it');
    return [{ kind: 'take', from, to, indices }];
  });
  return [...relations, ...(numbers.isFixed ? [] : bounds), ...others];
}

/** Starts and ends that take exactly what is left of what was taken before. */
function resizedBounds(
  context: ResizeContext,
  numbers: SliceNumbers,
): { readonly starts: readonly number[]; readonly ends: readonly number[] } {
  const starts = [...numbers.starts];
  const ends = [...numbers.ends];
  numbers.axes.forEach((axis, element) => {
    const kept = context.keptPositions(inputAxis(context, 0, axis));
    if (kept === undefined) return;
    const range = rangeOf(numbers, element, context.inputDims(0)[axis]!);
    [starts[element], ends[element]] = resizedRange(range, kept, [starts[element]!, ends[element]!]);
  });
  return { starts, ends };
}

function lowerSlice(tf: Tf, x: Tensor, numbers: SliceNumbers | undefined): readonly Tensor[] | { untrainable: string } {
  if (numbers === undefined) return { untrainable: 'it takes a part that the data decides' };
  if (!numbers.isFixed) return { untrainable: 'it takes a part that follows the batch' };
  let y = x;
  numbers.axes.forEach((axis, element) => {
    const { start, end, step } = rangeOf(numbers, element, x.shape[axis]!);
    const count = slicePositions({ start, end, step }).length;
    if (step === 1) {
      const begin = y.shape.map((_, i) => (i === axis ? start : 0));
      y = tf.slice(
        y,
        begin,
        y.shape.map((dim, i) => (i === axis ? count : dim)),
      );
    } else {
      const positions = tf.tensor1d([...slicePositions({ start, end, step })], 'int32');
      y = tf.gather(y, positions, axis);
    }
  });
  return [y === x ? tf.clone(x) : y];
}

const shared = {
  type: 'Slice',
  domain: '',
  channels: sliceChannels,
  lower: (tf, [x], attributes, context) => lowerSlice(tf, x!, sliceNumbers(context, attributes, x!.rank)),
  dimensions: (context, attributes) => {
    const from = context.dimensions(0);
    const numbers = sliceNumbers(context, attributes, 1);
    if (from === undefined || context.inputDims(0).length !== 1 || numbers?.isFixed !== true) return undefined;
    return slicePositions(rangeOf(numbers, 0, from.length)).map((position) => from[position]!);
  },
} satisfies Partial<OpDef<SliceAttributes>>;

/** Slice with its bounds as attributes (opset 1 to 9). */
export const sliceAttributes: OpDef<SliceAttributes> = {
  ...shared,
  since: 1,
  until: 9,
  inputs: ['data'],
  attributes: (raw) => ({
    starts: raw.bounds('starts') ?? [],
    ends: raw.bounds('ends') ?? [],
    axes: raw.integers('axes'),
  }),
  resize: (context, attributes): NodePatch => {
    const numbers = sliceNumbers(context, attributes, context.inputDims(0).length);
    if (numbers === undefined) return {};
    const { starts, ends } = resizedBounds(context, numbers);
    const isSame = (now: readonly number[], before: readonly number[]) => now.every((n, i) => n === before[i]);
    return isSame(starts, numbers.starts) && isSame(ends, numbers.ends) ? {} : { attributes: { starts, ends } };
  },
};

/** Slice: `X[start : end : step]` along each of `axes`, with starts, ends, axes and steps as inputs. */
export const slice: OpDef<SliceAttributes> = {
  ...shared,
  since: 10,
  inputs: ['data', 'setting', 'setting', 'setting', 'setting'],
  attributes: () => ({ starts: undefined, ends: undefined, axes: undefined }),
  resize: (context, attributes): NodePatch => {
    const numbers = sliceNumbers(context, attributes, context.inputDims(0).length);
    if (numbers?.isFixed !== true) return {};
    const { starts, ends } = resizedBounds(context, numbers);
    return {
      constants: new Map([
        [1, starts],
        [2, ends],
      ]),
    };
  },
};
