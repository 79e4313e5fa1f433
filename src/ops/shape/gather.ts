import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import { EMBEDDING, type NodePatch, type OpDef, type ResizeContext } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, tie } from '../ties.js';
import { fixedNumbers, pinSources } from './targetShape.js';

interface GatherAttributes {
  readonly axis: number;
}

/** The positions that a list of indices picks; undefined where it is no list, or not known beforehand. */
function pickedPositions(context: NodeContext, { axis }: GatherAttributes): readonly number[] | undefined {
  const indices = fixedNumbers(context, 1);
  if (indices === undefined || context.inputDims(1).length !== 1) return undefined;
  const width = context.inputDims(0)[normalizeAxis(axis, context.inputDims(0).length)]!;
  const positions = indices.map((index) => normalizeAxis(index, width));
  return positions.every((position) => position >= 0 && position < width) ? positions : undefined;
}

/**
 * Gather: `Y[…, i…, …] = X[…, indices[i…], …]` along `axis`; the indices' axes take its place.
 *
 * A list of constant indices is rewritten. An axis that one number, a table, or the data picks from stays: that of the
 * words of an embedding [V, D], say, while its D columns are channels.
 */
export const gather: OpDef<GatherAttributes> = {
  type: 'Gather',
  domain: '',
  since: 1,
  inputs: ['weight', 'setting'],
  freshStart: () => EMBEDDING,
  attributes: (raw) => ({ axis: raw.integer('axis', 0) }),
  channels: (context, attributes) => {
    const dims = context.inputDims(0);
    const axis = normalizeAxis(attributes.axis, dims.length);
    const added = context.inputDims(1).length;
    const others = dims.flatMap((_, i) => {
      if (i === axis) return [];
      return [tie(inputAxis(context, 0, i), outputAxis(context, 0, i < axis ? i : i + added - 1))];
    });
    const from = inputAxis(context, 0, axis);
    const indices = pickedPositions(context, attributes);
    if (indices !== undefined) return [...others, { kind: 'take', from, to: outputAxis(context, 0, axis), indices }];
    const table = context
      .inputDims(1)
      .map((_, i): Relation => tie(inputAxis(context, 1, i), outputAxis(context, 0, axis + i)));
    return [...others, pinAxis(from, 'picks positions of it'), ...table, ...pinSources(context, 1)];
  },
  lower: (tf, [x, given], attributes, context) => {
    const axis = normalizeAxis(attributes.axis, x!.rank);
    const width = x!.shape[axis]!;
    const numbers = fixedNumbers(context, 1);
    if (numbers !== undefined) {
      const positions = numbers.map((index) => normalizeAxis(index, width));
      return [tf.gather(x!, tf.tensor(positions, [...context.inputDims(1)], 'int32'), axis)];
    }
    if (given === undefined) return { untrainable: 'its indices are calculated from shapes' };
    const indices = tf.cast(given, 'int32');
    const fromEnd = tf.add(indices, tf.scalar(width, 'int32'));
    return [tf.gather(x!, tf.where(tf.less(indices, 0), fromEnd, indices), axis)];
  },
  resize: resizeIndices,
  dimensions: (context) => {
    const from = context.dimensions(0);
    const indices = context.numbers(1);
    if (from === undefined || indices === undefined || context.inputDims(0).length !== 1) return undefined;
    return indices.map((index) => from[normalizeAxis(index, from.length)]!);
  },
};

/** Each position of the new output picks the copy of its old position that has the same number. */
function resizeIndices(context: ResizeContext, attributes: GatherAttributes): NodePatch {
  const indices = pickedPositions(context, attributes);
  if (indices === undefined) return {};
  const numbers = context.numbers(1)!;
  const axis = normalizeAxis(attributes.axis, context.inputDims(0).length);
  const from = context.keptPositions(inputAxis(context, 0, axis));
  const to = context.keptPositions(outputAxis(context, 0, axis));
  if (from === undefined && to === undefined) return { constants: new Map([[1, numbers]]) };
  const places = new Map<number, number[]>();
  const sources = from ?? Array.from({ length: context.inputDims(0)[axis]! }, (_, i) => i);
  sources.forEach((old, place) => {
    const known = places.get(old);
    if (known === undefined) places.set(old, [place]);
    else known.push(place);
  });
  const used = new Map<number, number>();
  const changed = (to ?? indices.map((_, i) => i)).map((old) => {
    const copies = places.get(indices[old]!) ?? [0];
    const copy = used.get(old) ?? 0;
    used.set(old, copy + 1);
    return copies[copy % copies.length]!;
  });
  return { constants: new Map([[1, changed]]) };
}
