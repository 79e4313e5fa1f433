/** @file Pools over regions of interest: X [N, C, H, W] with regions [R, …] gives [R, C, rows, columns]. */
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

function roiPool(type: string, since: number, attributes: readonly string[]): OpDef {
  return {
    type,
    domain: '',
    since,
    inputs: ['data'],
    attributes: (raw) => raw.ignore(...attributes),
    // The regions stay, be they constants of the file.
    channels: (context) => [tie(inputAxis(context, 0, 1), outputAxis(context, 0, 1))],
    lower: () => ({ untrainable: 'tf.js has no gradient for regions of interest' }),
  };
}

export const roiAlign = roiPool('RoiAlign', 10, [
  'coordinate_transformation_mode',
  'mode',
  'output_height',
  'output_width',
  'sampling_ratio',
  'spatial_scale',
]);

export const maxRoiPool = roiPool('MaxRoiPool', 1, ['pooled_shape', 'spatial_scale']);
