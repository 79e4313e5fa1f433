import type { Tensor } from '@tensorflow/tfjs-core';
import type { NodeContext } from '../nodeContext.js';
import { hasInput, inputAxis, outputAxis } from '../nodeContext.js';
import type { NodePatch, OpDef, ResizeContext, Tf, Untrainable } from '../opDef.js';
import type { Relation } from '../relation.js';
import { fixedNumbers, pinSources } from '../shape/targetShape.js';
import { normalizeAxis, pinInput, tie } from '../ties.js';
import { type Margin, padOrCrop } from './padOrCrop.js';

interface PadAttributes {
  readonly mode: string;
  readonly pads: readonly number[] | undefined;
  readonly value: number;
}

/** Channels that are constants can be cut along with what they are added to. */
const CHANNELS = 1;

const shared = {
  type: 'Pad',
  domain: '',
  channels: padChannels,
  lower: (tf, [x], attributes, context) => {
    const margins = marginsOf(context, attributes);
    const value = hasInput(context, 2) ? context.numbers(2)?.[0] : attributes.value;
    if (margins === undefined || value === undefined) return { untrainable: 'its padding is calculated from the data' };
    return padded(tf, x!, margins, attributes.mode, value);
  },
  resize: resized,
} satisfies Partial<OpDef<PadAttributes>>;

/** Pad with its widths as an attribute (opset 2 to 10). */
export const padAttributes: OpDef<PadAttributes> = {
  ...shared,
  since: 2,
  until: 10,
  inputs: ['data'],
  attributes: (raw) => ({
    mode: raw.string('mode', 'constant'),
    pads: raw.integers('pads', []),
    value: raw.float('value', 0),
  }),
};

/** Pad with its widths as an input, and its axes too from opset 18 (opset 11 and later). */
export const pad: OpDef<PadAttributes> = {
  ...shared,
  since: 11,
  inputs: ['data', 'setting', 'setting', 'setting'],
  attributes: (raw) => ({ mode: raw.string('mode', 'constant'), pads: undefined, value: 0 }),
};

/** The axis of each pair of pads; undefined where the data decides. */
function paddedAxes(context: NodeContext): readonly number[] | undefined {
  const rank = context.inputDims(0).length;
  if (!hasInput(context, 3)) return Array.from({ length: rank }, (_, axis) => axis);
  return fixedNumbers(context, 3)?.map((axis) => normalizeAxis(axis, rank));
}

/** What every axis gains or loses; undefined where the data decides, or the batch. */
function marginsOf(context: NodeContext, { pads }: PadAttributes): readonly Margin[] | undefined {
  const numbers = pads ?? fixedNumbers(context, 1);
  const axes = paddedAxes(context);
  if (numbers === undefined || axes === undefined || numbers.length !== 2 * axes.length) return undefined;
  return context.inputDims(0).map((_, axis): Margin => {
    const place = axes.indexOf(axis);
    return place < 0 ? [0, 0] : [numbers[place]!, numbers[place + axes.length]!];
  });
}

function padChannels(context: NodeContext, attributes: PadAttributes): readonly Relation[] {
  const margins = marginsOf(context, attributes);
  const settings = [1, 2, 3].flatMap((input) => (hasInput(context, input) ? pinSources(context, input) : []));
  if (margins === undefined) return [...settings, ...pinInput(context, 0, 'its padding is calculated from the data')];
  const relations = margins.flatMap(([before, after], axis): readonly Relation[] => {
    const from = inputAxis(context, 0, axis);
    const to = outputAxis(context, 0, axis);
    if (before === 0 && after === 0) return [tie(from, to)];
    if (axis !== CHANNELS || attributes.mode !== 'constant' || before < 0 || after < 0) return [];
    const indices = Array.from({ length: context.inputDims(0)[axis]! }, (_, i) => before + i);
    return [{ kind: 'take', from: to, to: from, indices }];
  });
  return [...settings, ...relations];
}

/** As many constant channels as are kept. */
function resized(context: ResizeContext, attributes: PadAttributes): NodePatch {
  const margins = marginsOf(context, attributes);
  const axes = paddedAxes(context);
  const kept = context.keptPositions(outputAxis(context, 0, CHANNELS));
  if (margins === undefined || axes === undefined || kept === undefined) return {};
  const [before, after] = margins[CHANNELS] ?? [0, 0];
  if (before === 0 && after === 0) return {};
  const end = before + context.inputDims(0)[CHANNELS]!;
  const next = margins.map((margin, axis) =>
    axis === CHANNELS
      ? [kept.filter((position) => position < before).length, kept.filter((position) => position >= end).length]
      : margin,
  );
  const pads = [...axes.map((axis) => next[axis]![0]!), ...axes.map((axis) => next[axis]![1]!)];
  return attributes.pads === undefined ? { constants: new Map([[1, pads]]) } : { attributes: { pads } };
}

function padded(
  tf: Tf,
  x: Tensor,
  margins: readonly Margin[],
  mode: string,
  value: number,
): readonly Tensor[] | Untrainable {
  if (mode === 'constant') return [padOrCrop(tf, x, margins, value)];
  if (mode !== 'reflect' && mode !== 'edge' && mode !== 'wrap') return { untrainable: `its mode is '${mode}'` };
  const cropped = padOrCrop(
    tf,
    x,
    margins.map(([before, after]): Margin => [Math.min(0, before), Math.min(0, after)]),
  );
  const result = margins.reduce((y, [before, after], axis) => {
    if (before <= 0 && after <= 0) return y;
    const size = cropped.shape[axis]!;
    const first = -Math.max(0, before);
    const length = size + Math.max(0, before) + Math.max(0, after);
    const places = Array.from({ length }, (_, i) => sourceOf(mode, first + i, size));
    return tf.gather(y, tf.tensor1d(places, 'int32'), axis);
  }, cropped);
  return [result];
}

/** Which element of an axis is seen at a place that may lie outside of it. */
function sourceOf(mode: 'reflect' | 'edge' | 'wrap', place: number, size: number): number {
  switch (mode) {
    case 'edge':
      return Math.min(size - 1, Math.max(0, place));
    case 'wrap':
      return ((place % size) + size) % size;
    case 'reflect': {
      if (size === 1) return 0;
      const period = 2 * (size - 1);
      const within = ((place % period) + period) % period;
      return within < size ? within : period - within;
    }
  }
}
