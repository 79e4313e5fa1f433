/** @file Operators that look at the shape of their input alone. */
import type { Dimension } from '../dimension.js';
import { axesOf, inputAxis, inputValue, outputValue } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { leaveFree } from '../ties.js';

/** Shape: the dimensions of its input, from `start` to `end` (opset 15). */
export const shape: OpDef<{ start: number; end: number | undefined }> = {
  type: 'Shape',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ start: raw.integer('start', 0), end: raw.integer('end') }),
  shapeResult: (dims, { start, end }) => dims.slice(start, end),
  channels: (context) => leaveFree(context, 0),
  lower: () => ({ untrainable: 'widths have no gradient' }),
  dimensions: (context, { start, end }) =>
    context
      .inputDims(0)
      .map((_, axis): Dimension => ({ kind: 'axis', axis: inputAxis(context, 0, axis) }))
      .slice(start, end),
};

/** Size: the number of elements of its input. */
export const size: OpDef<void> = {
  type: 'Size',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: () => undefined,
  shapeResult: (dims) => [dims.reduce((product, dim) => product * dim, 1)],
  channels: (context) => leaveFree(context, 0),
  lower: () => ({ untrainable: 'widths have no gradient' }),
  dimensions: (context) => [
    {
      kind: 'computed',
      value: outputValue(context),
      element: 0,
      sources: axesOf(inputValue(context, 0), context.inputDims(0).length),
    },
  ],
};
