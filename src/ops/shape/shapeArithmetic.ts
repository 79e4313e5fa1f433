/** @file Operators that exporters calculate shapes with. They carry no channels here: on data they keep them as they are. */
import type { Dimension } from '../dimension.js';
import { inputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { normalizeAxis, tieSameAxes } from '../ties.js';

const untrainable = () => ({ untrainable: 'it can be trained through only where it calculates shapes' });

/** Shape: the dimensions of its input, from `start` to `end` (opset 15). */
export const shape: OpDef<{ start: number; end: number | undefined }> = {
  type: 'Shape',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ start: raw.integer('start', 0), end: raw.integer('end') }),
  shapeResult: (dims, { start, end }) => dims.slice(start, end),
  channels: () => [],
  lower: untrainable,
  dimensions: (context, { start, end }) =>
    context
      .inputDims(0)
      .map((_, axis): Dimension => ({ kind: 'axis', axis: inputAxis(context, 0, axis) }))
      .slice(start, end),
};

/** Gather of elements of a shape by constant indices. */
export const gather: OpDef<{ axis: number }> = {
  type: 'Gather',
  domain: '',
  since: 1,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ axis: raw.integer('axis', 0) }),
  channels: () => [],
  lower: untrainable,
  dimensions: (context) => {
    const from = context.dimensions(0);
    const indices = context.numbers(1);
    if (from === undefined || indices === undefined || context.inputDims(0).length !== 1) return undefined;
    return indices.map((index) => from[normalizeAxis(index, from.length)]!);
  },
};

/** Slice of a shape (opset 10 and later: starts, ends, axes and steps are inputs). */
export const slice: OpDef = {
  type: 'Slice',
  domain: '',
  since: 10,
  inputs: ['data', 'setting', 'setting', 'setting', 'setting'],
  attributes: () => undefined,
  channels: () => [],
  lower: untrainable,
  dimensions: (context) => {
    const from = context.dimensions(0);
    const start = context.numbers(1)?.[0];
    const end = context.numbers(2)?.[0];
    const step = context.node.inputs[4] === undefined ? 1 : context.numbers(4)?.[0];
    if (from === undefined || start === undefined || end === undefined || step !== 1) return undefined;
    return context.inputDims(0).length === 1 ? from.slice(start, end) : undefined;
  },
};

function rearrangement(type: string, since: number, setting: boolean, until?: number): OpDef {
  return {
    type,
    domain: '',
    since,
    ...(until === undefined ? {} : { until }),
    inputs: setting ? ['data', 'setting'] : ['data'],
    attributes: (raw) => raw.ignore('axes'),
    channels: () => [],
    lower: untrainable,
    dimensions: (context) => context.dimensions(0),
  };
}

/** Unsqueeze and Squeeze of a shape's elements; their axes became an input with opset 13. */
export const unsqueezeAttributes = rearrangement('Unsqueeze', 1, false, 12);
export const unsqueeze = rearrangement('Unsqueeze', 13, true);
export const squeezeAttributes = rearrangement('Squeeze', 1, false, 12);
export const squeeze = rearrangement('Squeeze', 13, true);

/** Cast: another element type, the same dimensions. */
export const cast: OpDef = {
  type: 'Cast',
  domain: '',
  since: 6,
  inputs: ['data'],
  attributes: (raw) => raw.ignore('to', 'saturate', 'round_mode'),
  channels: (context) => tieSameAxes(context),
  lower: untrainable,
  dimensions: (context) => context.dimensions(0),
};

/** Constant: its tensor is read as an initializer is. */
export const constant: OpDef = {
  type: 'Constant',
  domain: '',
  since: 1,
  inputs: [],
  attributes: (raw) =>
    raw.ignore(
      'value',
      'value_float',
      'value_floats',
      'value_int',
      'value_ints',
      'value_string',
      'value_strings',
      'sparse_value',
    ),
  channels: () => [],
  lower: untrainable,
};
