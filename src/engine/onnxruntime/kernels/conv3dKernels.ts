import {
  backend_util,
  type Conv3DAttrs,
  type Conv3DBackpropFilterV2Attrs,
  type Conv3DBackpropInputV2Attrs,
} from '@tensorflow/tfjs-core';
import { type SpatialGeometry, volumeGeometry } from '../convolution/spatialAxes.js';
import { convolve, filterGradient, imageGradient } from '../convolution/spatialConvolution.js';
import { type Kernel, kernel } from './kernel.js';

type Shape5 = [number, number, number, number, number];

/** What the attributes of the three kernels have in common. */
interface VolumeAttrs {
  readonly strides: Conv3DAttrs['strides'];
  readonly pad: Conv3DAttrs['pad'];
  readonly dilations?: Conv3DAttrs['dilations'];
}

function geometryOf(
  image: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations }: VolumeAttrs,
): SpatialGeometry {
  return volumeGeometry(
    backend_util.computeConv3DInfo(image as Shape5, filter as Shape5, strides, dilations ?? 1, pad),
  );
}

/** Convolutions of volumes [N, D, H, W, C], and their gradients. */
export const conv3dKernels: readonly Kernel[] = [
  kernel<Conv3DAttrs>('Conv3D', (graph, inputs, attributes) => {
    const [x, filter] = [inputs.get('x'), inputs.get('filter')];
    return convolve(graph, x, filter, geometryOf(x.shape, filter.shape, attributes), 1);
  }),
  kernel<Conv3DBackpropFilterV2Attrs>('Conv3DBackpropFilterV2', (graph, inputs, attributes) => {
    const [x, dy] = [inputs.get('x'), inputs.get('dy')];
    return filterGradient(graph, x, dy, geometryOf(x.shape, attributes.filterShape, attributes), 1);
  }),
  kernel<Conv3DBackpropInputV2Attrs>('Conv3DBackpropInputV2', (graph, inputs, attributes) => {
    const [dy, filter] = [inputs.get('dy'), inputs.get('filter')];
    return imageGradient(graph, dy, filter, geometryOf(attributes.inputShape, filter.shape, attributes), 1);
  }),
];
