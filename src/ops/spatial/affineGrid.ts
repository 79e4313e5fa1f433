import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

/** AffineGrid: a grid of places from matrices theta [N, axes, axes + 1], for a size [N, C, spatial…]. */
export const affineGrid: OpDef = {
  type: 'AffineGrid',
  domain: '',
  since: 20,
  inputs: ['data', 'setting'],
  attributes: (raw) => raw.ignore('align_corners'),
  channels: (context) => [tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0))],
  lower: () => ({ untrainable: 'tf.js has no grids of places' }),
};
