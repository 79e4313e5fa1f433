import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { pinAxis, tie } from '../ties.js';
import { rowPositions } from './flatPositions.js';
import { fixedNumbers, pinSources } from './targetShape.js';

/** GatherND: for each tuple in the last axis of the indices, the row of X that it names, behind `batch_dims` axes. */
export const gatherND: OpDef<{ batchDims: number }> = {
  type: 'GatherND',
  domain: '',
  since: 11,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ batchDims: raw.integer('batch_dims', 0) }),
  channels: (context, { batchDims }) => {
    const dims = context.inputDims(0);
    const tuples = context.inputDims(1).slice(0, -1);
    const named = batchDims + (context.inputDims(1).at(-1) ?? 0);
    return [
      ...tuples.map((_, i) => tie(inputAxis(context, 1, i), outputAxis(context, 0, i))),
      ...dims.map((_, i) => {
        const axis = inputAxis(context, 0, i);
        if (i < batchDims) return tie(axis, outputAxis(context, 0, i));
        if (i < named) return pinAxis(axis, 'picks positions of it');
        return tie(axis, outputAxis(context, 0, tuples.length + i - named));
      }),
      ...pinSources(context, 1),
    ];
  },
  lower: (tf, [x], { batchDims }, context) => {
    const indices = fixedNumbers(context, 1);
    if (indices === undefined) return { untrainable: 'its indices are calculated from the data' };
    const shape = context.inputDims(1);
    const rest = x!.shape.slice(batchDims + (shape.at(-1) ?? 0));
    const rows = tf.reshape(x!, [-1, rest.reduce((size, dim) => size * dim, 1)]);
    const positions = tf.tensor1d([...rowPositions(x!.shape, shape, indices, batchDims)], 'int32');
    return [tf.reshape(tf.gather(rows, positions), [...shape.slice(0, -1), ...rest])];
  },
};
