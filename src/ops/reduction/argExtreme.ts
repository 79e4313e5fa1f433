import type { Tensor } from '@tensorflow/tfjs-core';
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import { normalizeAxis, pinAxis, tie } from '../ties.js';

interface ArgAttributes {
  readonly axis: number;
  readonly keepDims: boolean;
  readonly selectLastIndex: boolean;
}

/** Record of an operator that gives the position of an extreme along `axis`: the first, or with `select_last_index` the last. */
function argExtreme(type: string, apply: (tf: Tf, x: Tensor, axis: number) => Tensor): OpDef<ArgAttributes> {
  return {
    type,
    domain: '',
    since: 1,
    inputs: ['data'],
    saturates: 'steps',
    attributes: (raw) => ({
      axis: raw.integer('axis', 0),
      keepDims: raw.integer('keepdims', 1) !== 0,
      selectLastIndex: raw.integer('select_last_index', 0) !== 0,
    }),
    channels: (context, { axis, keepDims }) => {
      const dims = context.inputDims(0);
      const searched = normalizeAxis(axis, dims.length);
      const kept = dims.flatMap((_, i) => (i === searched ? [] : [i]));
      return [
        ...kept.map((i, place) => tie(inputAxis(context, 0, i), outputAxis(context, 0, keepDims ? i : place))),
        pinAxis(inputAxis(context, 0, searched), `${type} gives positions on it`),
      ];
    },
    lower: (tf, [x], { axis, keepDims, selectLastIndex }) => {
      const searched = normalizeAxis(axis, x!.rank);
      const first = apply(tf, selectLastIndex ? tf.reverse(x!, searched) : x!, searched);
      const found = selectLastIndex ? tf.sub(tf.scalar(x!.shape[searched]! - 1, 'int32'), first) : first;
      return [keepDims ? tf.expandDims(found, searched) : found];
    },
  };
}

export const argMax = argExtreme('ArgMax', (tf, x, axis) => tf.argMax(x, axis));
export const argMin = argExtreme('ArgMin', (tf, x, axis) => tf.argMin(x, axis));
