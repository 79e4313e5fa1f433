import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie, tieSameAxes } from '../ties.js';
import { perChannel } from './perChannel.js';
import { axesFrom, restrictAxes, standardize } from './standardize.js';

/**
 * InstanceNormalization: `Y = (X − mean) / √(variance + ε) · scale + B` over the spatial axes of X [N, C, spatial…],
 * for each instance and channel by itself.
 */
export const instanceNormalization: OpDef<{ epsilon: number }> = {
  type: 'InstanceNormalization',
  domain: '',
  since: 6,
  inputs: ['data', 'scale', 'shift'],
  attributes: (raw) => ({ epsilon: raw.float('epsilon', 1e-5) }),
  channels: (context) => [
    ...tieSameAxes(context),
    ...[1, 2].map((input) => tie(inputAxis(context, input, 0), outputAxis(context, 0, 1))),
    ...restrictAxes(context, axesFrom(2, context.inputDims(0).length)),
  ],
  lower: (tf, [x, scale, shift], { epsilon }) => {
    const { normal } = standardize(tf, x!, axesFrom(2, x!.rank), epsilon);
    return [tf.add(tf.mul(normal, perChannel(tf, scale!, x!.rank)), perChannel(tf, shift!, x!.rank))];
  },
};
