/** @file Pools over regions of interest: X [N, C, H, W] with regions [R, …] gives [R, C, rows, columns]. */
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

function roiPool(type: string, since: number, regions: number, attributes: readonly string[]): OpDef {
  return {
    type,
    domain: '',
    since,
    inputs: ['data'],
    attributes: (raw) => raw.ignore(...attributes),
    channels: (context) => [
      tie(inputAxis(context, 0, 1), outputAxis(context, 0, 1)),
      // The regions, and for RoiAlign the image that each lies in.
      ...Array.from({ length: regions }, (_, i) => tie(inputAxis(context, i + 1, 0), outputAxis(context, 0, 0))),
    ],
    lower: () => ({ untrainable: 'tf.js has no gradient for regions of interest' }),
  };
}

export const roiAlign = roiPool('RoiAlign', 10, 2, [
  'coordinate_transformation_mode',
  'mode',
  'output_height',
  'output_width',
  'sampling_ratio',
  'spatial_scale',
]);

export const maxRoiPool = roiPool('MaxRoiPool', 1, 1, ['pooled_shape', 'spatial_scale']);
