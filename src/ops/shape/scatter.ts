/** @file Operators that put updates into a tensor at places that indices name. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef, Tf, Untrainable } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, pinInput, tie } from '../ties.js';
import { elementPositions, rowPositions } from './flatPositions.js';
import { fixedNumbers, pinSources } from './targetShape.js';

interface ScatterAttributes {
  readonly axis: number;
  readonly reduction: string;
}

/** Each row of the result is one of the data, or the last update that goes there. */
function replaced(tf: Tf, rows: Tensor, updates: Tensor, places: readonly number[]): Tensor {
  const sources = Array.from({ length: rows.shape[0]! }, (_, row) => row);
  places.forEach((place, update) => {
    sources[place] = rows.shape[0]! + update;
  });
  return tf.gather(tf.concat([rows, updates], 0), tf.tensor1d(sources, 'int32'));
}

function obstacle(indices: readonly number[] | undefined, { reduction }: ScatterAttributes): Untrainable | undefined {
  if (indices === undefined) return { untrainable: 'its indices are calculated from the data' };
  return reduction === 'none' ? undefined : { untrainable: `it joins updates by '${reduction}'` };
}

function elementsChannels(context: NodeContext, attributes: ScatterAttributes): readonly Relation[] {
  const dims = context.inputDims(0);
  const updated = context.inputDims(1);
  const axis = normalizeAxis(attributes.axis, dims.length);
  const relations = dims.flatMap((width, i): readonly Relation[] => {
    const to = outputAxis(context, 0, i);
    const [from, ...others] = [0, 1, 2].map((input) => inputAxis(context, input, i));
    if (i !== axis && width === updated[i]) return [from!, ...others].map((ref) => tie(ref, to));
    return [from!, ...others, to].map((ref) => pinAxis(ref, 'replaces positions of it'));
  });
  return [...relations, ...pinSources(context, 1)];
}

const elements = {
  domain: '',
  inputs: ['data', 'setting', 'data'],
  attributes: (raw) => ({ axis: raw.integer('axis', 0), reduction: raw.string('reduction', 'none') }),
  channels: elementsChannels,
  lower: (tf, [x, _, updates], attributes, context) => {
    const indices = fixedNumbers(context, 1);
    const problem = obstacle(indices, attributes);
    if (problem !== undefined) return problem;
    const axis = normalizeAxis(attributes.axis, x!.rank);
    const places = elementPositions(x!.shape, context.inputDims(1), indices!, axis);
    return [tf.reshape(replaced(tf, tf.reshape(x!, [-1]), tf.reshape(updates!, [-1]), places), x!.shape)];
  },
} satisfies Partial<OpDef<ScatterAttributes>>;

/** Scatter, which became ScatterElements with opset 11. */
export const scatter: OpDef<ScatterAttributes> = { ...elements, type: 'Scatter', since: 9, until: 10 };

/** ScatterElements: X with `Y[indices[i, j, …], j, …] = updates[i, j, …]` for axis 0, and so on. */
export const scatterElements: OpDef<ScatterAttributes> = { ...elements, type: 'ScatterElements', since: 11 };

/** ScatterND: X with its rows that tuples of indices name replaced by those of the updates. */
export const scatterND: OpDef<ScatterAttributes> = {
  type: 'ScatterND',
  domain: '',
  since: 11,
  inputs: ['data', 'setting', 'data'],
  attributes: (raw) => ({ axis: 0, reduction: raw.string('reduction', 'none') }),
  channels: (context) => {
    const dims = context.inputDims(0);
    const tuples = context.inputDims(1).length - 1;
    const named = context.inputDims(1).at(-1) ?? 0;
    return [
      ...dims.flatMap((_, i): readonly Relation[] => {
        const [from, to] = [inputAxis(context, 0, i), outputAxis(context, 0, i)];
        if (i < named) return [from, to].map((ref) => pinAxis(ref, 'replaces positions of it'));
        return [tie(from, to), tie(inputAxis(context, 2, tuples + i - named), to)];
      }),
      ...pinInput(context, 1, 'tells what is replaced'),
      ...Array.from({ length: tuples }, (_, i) => pinAxis(inputAxis(context, 2, i), 'replaces positions by it')),
      ...pinSources(context, 1),
    ];
  },
  lower: (tf, [x, _, updates], attributes, context) => {
    const indices = fixedNumbers(context, 1);
    const problem = obstacle(indices, attributes);
    if (problem !== undefined) return problem;
    const shape = context.inputDims(1);
    const width = x!.shape.slice(shape.at(-1) ?? 0).reduce((size, dim) => size * dim, 1);
    const rows = tf.reshape(x!, [-1, width]);
    const places = rowPositions(x!.shape, shape, indices!);
    return [tf.reshape(replaced(tf, rows, tf.reshape(updates!, [-1, width]), places), x!.shape)];
  },
};
