import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

/** GridSample: X [N, C, spatial…] at the places of grid [N, out…, axes], which are the same for all channels. */
export const gridSample: OpDef = {
  type: 'GridSample',
  domain: '',
  since: 16,
  inputs: ['data'],
  attributes: (raw) => raw.ignore('align_corners', 'mode', 'padding_mode'),
  channels: (context) => [
    tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0)),
    tie(inputAxis(context, 1, 0), outputAxis(context, 0, 0)),
    tie(inputAxis(context, 0, 1), outputAxis(context, 0, 1)),
  ],
  lower: () => ({ untrainable: 'tf.js has no gradient for sampling by a grid' }),
};
