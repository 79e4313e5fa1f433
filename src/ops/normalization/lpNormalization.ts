import { inputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { normalizeAxis, tieSameAxes } from '../ties.js';

/** Norms below this are taken for 0, where the output is 0, too. */
const SMALLEST_NORM = 1e-30;

/** LpNormalization: `Y = X / ‖X‖ₚ` along one axis, with p = 1 or 2. */
export const lpNormalization: OpDef<{ axis: number; p: number }> = {
  type: 'LpNormalization',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ axis: raw.integer('axis', -1), p: raw.integer('p', 2) }),
  channels: (context, { axis }) => [
    ...tieSameAxes(context),
    ...(context.inputDims(0).length === 0 ? [] : [{ kind: 'restrict', axis: inputAxis(context, 0, axis) } as const]),
  ],
  lower: (tf, [x], { axis, p }) => {
    const along = normalizeAxis(axis, x!.rank);
    const total = tf.sum(p === 1 ? tf.abs(x!) : tf.square(x!), along, true);
    const positive = tf.maximum(total, SMALLEST_NORM);
    return [p === 1 ? tf.div(x!, positive) : tf.mul(x!, tf.rsqrt(positive))];
  },
};
