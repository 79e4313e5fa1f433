import type { Tensor } from '@tensorflow/tfjs-core';
import { hasInput } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import { tieSameAxes } from '../ties.js';

const FLOAT_MAX = 3.4028234663852886e38;

/** Clip with its limits as attributes (opset 6 to 10): `Y = min(max(X, min), max)`. */
export const clipAttributes: OpDef<{ min: number; max: number }> = {
  type: 'Clip',
  domain: '',
  since: 6,
  until: 10,
  inputs: ['data'],
  saturates: 'limits',
  attributes: (raw) => ({ min: raw.float('min', -FLOAT_MAX), max: raw.float('max', FLOAT_MAX) }),
  isPointwise: true,
  channels: (context) => tieSameAxes(context),
  lower: (tf, [x], { min, max }) => [clipTo(tf, x!, min, max)],
};

/** Clip with its limits as optional scalar inputs (opset 11 and later). */
export const clip: OpDef = {
  type: 'Clip',
  domain: '',
  since: 11,
  inputs: ['data', 'setting', 'setting'],
  saturates: 'limits',
  attributes: () => undefined,
  isPointwise: true,
  channels: (context) => tieSameAxes(context),
  lower: (tf, [x], _, context) => {
    const min = hasInput(context, 1) ? context.numbers(1)?.[0] : -FLOAT_MAX;
    const max = hasInput(context, 2) ? context.numbers(2)?.[0] : FLOAT_MAX;
    if (min === undefined || max === undefined) return { untrainable: 'its limits are calculated from the data' };
    // Where the limits cross, the standard gives `max` everywhere.
    return [clipTo(tf, x!, Math.min(min, max), max)];
  },
};

/** As the activation that the limits make, where they make one: its gradient needs the result alone. */
function clipTo(tf: Tf, x: Tensor, min: number, max: number): Tensor {
  if (x.dtype === 'float32' && min === 0 && max === 6) return tf.relu6(x);
  if (x.dtype === 'float32' && min === 0 && max === FLOAT_MAX) return tf.relu(x);
  return tf.clipByValue(x, min, max);
}
