import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

/** GlobalAveragePool: the mean over all spatial axes of X [N, C, spatial…], kept with width 1. */
export const globalAveragePool: OpDef = {
  type: 'GlobalAveragePool',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: () => undefined,
  channels: (context) => [0, 1].map((axis) => tie(inputAxis(context, 0, axis), outputAxis(context, 0, axis))),
  lower: (tf, [x]) => [
    tf.mean(
      x!,
      x!.shape.slice(2).map((_, axis) => axis + 2),
      true,
    ),
  ],
};
