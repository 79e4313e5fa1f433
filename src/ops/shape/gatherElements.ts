import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { normalizeAxis, pinAxis, tie } from '../ties.js';
import { elementPositions } from './flatPositions.js';
import { fixedNumbers, pinSources } from './targetShape.js';

/** GatherElements: `Y[i, j, …] = X[indices[i, j, …], j, …]` for axis 0, and so on; Y is as large as the indices. */
export const gatherElements: OpDef<{ axis: number }> = {
  type: 'GatherElements',
  domain: '',
  since: 11,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ axis: raw.integer('axis', 0) }),
  channels: (context, attributes) => {
    const dims = context.inputDims(0);
    const taken = context.inputDims(1);
    const axis = normalizeAxis(attributes.axis, dims.length);
    const relations = dims.flatMap((width, i): readonly Relation[] => {
      const [from, index, to] = [inputAxis(context, 0, i), inputAxis(context, 1, i), outputAxis(context, 0, i)];
      if (i === axis) return [pinAxis(from, 'picks positions of it'), tie(index, to)];
      if (width === taken[i]) return [tie(from, to), tie(index, to)];
      return [from, index, to].map((ref) => pinAxis(ref, 'takes the first positions of it'));
    });
    return [...relations, ...pinSources(context, 1)];
  },
  lower: (tf, [x], attributes, context) => {
    const indices = fixedNumbers(context, 1);
    if (indices === undefined) return { untrainable: 'its indices are calculated from the data' };
    const shape = context.inputDims(1);
    const positions = elementPositions(x!.shape, shape, indices, normalizeAxis(attributes.axis, x!.rank));
    return [tf.reshape(tf.gather(tf.reshape(x!, [-1]), tf.tensor1d([...positions], 'int32')), [...shape])];
  },
};
