import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { normalizeAxis } from '../ties.js';

/** Flatten: [d₀, …] as a matrix [d₀·…·d_{axis−1}, d_axis·…]. */
export const flatten: OpDef<{ axis: number }> = {
  type: 'Flatten',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ axis: raw.integer('axis', 1) }),
  channels: (context, attributes) => {
    const rank = context.inputDims(0).length;
    const axis = normalizeAxis(attributes.axis, rank);
    const axes = Array.from({ length: rank }, (_, i) => inputAxis(context, 0, i));
    return [
      { kind: 'product', whole: outputAxis(context, 0, 0), parts: axes.slice(0, axis) },
      { kind: 'product', whole: outputAxis(context, 0, 1), parts: axes.slice(axis) },
    ];
  },
  lower: (tf, [x], attributes) => {
    const axis = normalizeAxis(attributes.axis, x!.rank);
    const size = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1);
    return [tf.reshape(x!, [size(x!.shape.slice(0, axis)), size(x!.shape.slice(axis))])];
  },
};
