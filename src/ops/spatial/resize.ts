/** @file Resize and its forerunner Upsample: axes of another length, by interpolation. */
import type { Attributes } from '../attributes.js';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { InputRole, OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { pinSources, resizedTarget, targetRelations } from '../shape/targetShape.js';
import { normalizeAxis, pinAxis, pinInput, tie } from '../ties.js';
import { resample } from './resample.js';
import { type Sampling, tapsOf } from './sampling.js';

interface ResizeAttributes {
  readonly mode: string;
  readonly coordinates: string;
  readonly rounding: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
  readonly policy: string;
  /** The axes that scales and sizes are of; all by default. */
  readonly axes: readonly number[] | undefined;
  /** Scales of Upsample before opset 9. */
  readonly scales: readonly number[] | undefined;
}

/** Where the inputs stand. */
interface Places {
  readonly roi?: number;
  readonly scales?: number;
  readonly sizes?: number;
}

/** What is asked of one axis. */
interface Target {
  /** Place in scales and sizes; undefined for an axis that they leave out. */
  readonly element: number | undefined;
  readonly scale: number;
  /** True where every element stays what and where it is. */
  readonly isUntouched: boolean;
}

/** Asked of all axes; a string where the data decides. */
function targetsOf(context: NodeContext, attributes: ResizeAttributes, places: Places): readonly Target[] | string {
  const input = context.inputDims(0);
  const output = context.outputDims(0);
  const { axes } = attributes;
  const listed = axes?.map((axis) => normalizeAxis(axis, input.length)) ?? input.map((_, axis) => axis);
  const scales = attributes.scales ?? given(context, places.scales);
  const sizes = given(context, places.sizes);
  if (scales === 'unknown') return 'its scales are calculated from the data';
  if (sizes === 'unknown') return 'its sizes are calculated from the data';
  return input.map((size, axis): Target => {
    const element = listed.indexOf(axis);
    if (element < 0) return { element: undefined, scale: 1, isUntouched: true };
    const scale = scales?.[element];
    const isSame = scale === undefined ? output[axis] === size && attributes.policy === 'stretch' : scale === 1;
    return {
      element,
      scale: Math.fround(scale ?? output[axis]! / size),
      isUntouched: isSame && attributes.coordinates !== 'tf_crop_and_resize',
    };
  });
}

/** Contents of an input; undefined where it was left out, be it by an empty tensor. */
function given(context: NodeContext, input: number | undefined): readonly number[] | undefined | 'unknown' {
  if (input === undefined || !hasInput(context, input) || context.inputDims(input)[0] === 0) return undefined;
  return context.numbers(input) ?? 'unknown';
}

function resizeChannels(context: NodeContext, attributes: ResizeAttributes, places: Places): readonly Relation[] {
  const settings = [places.roi, places.scales].flatMap((input) =>
    input !== undefined && hasInput(context, input) ? pinSources(context, input) : [],
  );
  const targets = targetsOf(context, attributes, places);
  if (typeof targets === 'string') return [...settings, ...pinInput(context, 0, targets)];
  const hasSizes = given(context, places.sizes) !== undefined;
  const relations = targets.flatMap(({ element, isUntouched }, axis): readonly Relation[] => {
    const from = inputAxis(context, 0, axis);
    const to = outputAxis(context, 0, axis);
    const isSized = hasSizes && element !== undefined;
    if (isUntouched) return [tie(from, to), ...(isSized ? targetRelations(context, places.sizes!, element, to) : [])];
    return [
      ...[from, to].map((ref) => pinAxis(ref, 'its length changes')),
      ...(isSized ? pinSources(context, places.sizes!, element) : []),
    ];
  });
  return [...settings, ...relations];
}

function resizing(
  type: string,
  opsets: { readonly since: number; readonly until?: number },
  inputs: readonly InputRole[],
  places: Places,
  attributes: (raw: Attributes) => Partial<ResizeAttributes>,
): OpDef<ResizeAttributes> {
  return {
    type,
    domain: '',
    ...opsets,
    inputs,
    attributes: (raw) => ({
      mode: raw.string('mode', 'nearest'),
      coordinates: 'asymmetric',
      rounding: 'simple',
      cubicCoefficient: -0.75,
      excludeOutside: false,
      antialias: false,
      policy: 'stretch',
      axes: undefined,
      scales: undefined,
      ...attributes(raw),
    }),
    channels: (context, own) => resizeChannels(context, own, places),
    lower: (tf, [x], own, context) => {
      const targets = targetsOf(context, own, places);
      if (typeof targets === 'string') return { untrainable: targets };
      if (own.antialias) return { untrainable: 'its antialias filter has no form in tf.js' };
      if (own.policy !== 'stretch') return { untrainable: `its keep_aspect_ratio_policy is '${own.policy}'` };
      const { coordinates, rounding, cubicCoefficient, excludeOutside } = own;
      const mode = knownMode(own.mode);
      if (mode === undefined) return { untrainable: `its mode is '${own.mode}'` };
      const sampling = { mode, coordinates, rounding, cubicCoefficient, excludeOutside };
      let y = x!;
      for (const [axis, { scale, isUntouched }] of targets.entries()) {
        if (isUntouched) continue;
        const dims = { input: context.inputDims(0)[axis]!, output: context.outputDims(0)[axis]!, scale };
        const taps = tapsOf(sampling, dims);
        if (taps === undefined) return { untrainable: `its coordinate_transformation_mode is '${coordinates}'` };
        y = resample(tf, y, axis, taps);
      }
      return [y === x ? tf.clone(y) : y];
    },
    resize: (context, own) => {
      const targets = targetsOf(context, own, places);
      if (typeof targets === 'string' || given(context, places.sizes) === undefined) return {};
      return resizedTarget(context, places.sizes!, (element) =>
        targets.findIndex((target) => target.element === element),
      );
    },
  };
}

function knownMode(mode: string): Sampling['mode'] | undefined {
  switch (mode) {
    case 'nearest':
    case 'linear':
    case 'cubic':
      return mode;
    default:
      return undefined;
  }
}

/** Upsample with its scales as an attribute (opset 7 and 8). */
export const upsampleAttributes = resizing('Upsample', { since: 7, until: 8 }, ['data'], {}, (raw) => ({
  scales: raw.floats('scales') ?? [],
}));

/** Upsample with its scales as an input (opset 9). */
export const upsample = resizing('Upsample', { since: 9, until: 9 }, ['data', 'setting'], { scales: 1 }, () => ({}));

/** Resize by scales alone (opset 10). */
export const resizeByScales = resizing(
  'Resize',
  { since: 10, until: 10 },
  ['data', 'setting'],
  { scales: 1 },
  () => ({}),
);

/** Resize by scales or sizes (opset 11 and later). */
export const resize = resizing(
  'Resize',
  { since: 11 },
  ['data', 'setting', 'setting', 'setting'],
  { roi: 1, scales: 2, sizes: 3 },
  (raw) => {
    raw.ignore('extrapolation_value');
    return {
      coordinates: raw.string('coordinate_transformation_mode', 'half_pixel'),
      rounding: raw.string('nearest_mode', 'round_prefer_floor'),
      cubicCoefficient: raw.float('cubic_coeff_a', -0.75),
      excludeOutside: raw.integer('exclude_outside', 0) !== 0,
      antialias: raw.integer('antialias', 0) !== 0,
      policy: raw.string('keep_aspect_ratio_policy', 'stretch'),
      axes: raw.integers('axes'),
    };
  },
);
