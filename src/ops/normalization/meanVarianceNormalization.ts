import type { OpDef } from '../opDef.js';
import { normalizeAxis, pinInput } from '../ties.js';

/** What the standard adds to the standard deviation. */
const EPSILON = 1e-9;

/** MeanVarianceNormalization: `Y = (X − mean) / (√variance + 1e-9)` over `axes`, all but the channels by default. */
export const meanVarianceNormalization: OpDef<{ axes: readonly number[] }> = {
  type: 'MeanVarianceNormalization',
  domain: '',
  since: 9,
  inputs: ['data'],
  attributes: (raw) => ({ axes: raw.integers('axes', [0, 2, 3]) }),
  // ONNX Runtime has the kernel, but infers no shape for it, so nothing is known of what comes after it.
  channels: (context) => pinInput(context, 0, 'ONNX Runtime does not tell the shape of its output'),
  lower: (tf, [x], { axes }) => {
    const over = axes.map((axis) => normalizeAxis(axis, x!.rank));
    const centered = tf.sub(x!, tf.mean(x!, over, true));
    const deviation = tf.sqrt(tf.mean(tf.square(centered), over, true));
    return [tf.div(centered, tf.add(deviation, EPSILON))];
  },
};
