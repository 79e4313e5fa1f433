/**
 * @file Convolutions that tf.js has no operator for: in groups, over one to three spatial axes, with strides and
 * dilations at once. Run them by `engine().runKernel('GroupedConv', { x, filter }, attributes)`.
 */

import type { SpatialGeometry } from '../convolution/spatialAxes.js';
import { convolve, filterGradient, imageGradient } from '../convolution/spatialConvolution.js';
import { windowAxis } from '../convolution/windowGeometry.js';
import { plainOrder } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

/** One entry for each spatial axis. */
export interface GroupedConvAttrs {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** [before, after], not negative */
  readonly padding: readonly (readonly [number, number])[];
  readonly group: number;
}

interface FilterGradientAttrs extends GroupedConvAttrs {
  readonly filterShape: readonly number[];
}

interface ImageGradientAttrs extends GroupedConvAttrs {
  readonly inputShape: readonly number[];
}

/** @param image [N, spatial…, C]; @param filter [kernel…, C / group, O] */
function geometryOf(
  image: readonly number[],
  filter: readonly number[],
  { strides, dilations, padding, group }: GroupedConvAttrs,
): SpatialGeometry {
  const spatial = image.slice(1, -1);
  const [inChannels, outChannels] = [image.at(-1)!, filter.at(-1)!];
  if (inChannels !== filter.at(-2)! * group || outChannels % group !== 0) {
    throw new Error(`onnxruntime backend: GroupedConv of [${image}] with [${filter}] does not fit ${group} groups`);
  }
  const axes = spatial.map((input, axis) => {
    const [before, after] = padding[axis]!;
    const [size, stride, dilation] = [filter[axis]!, strides[axis]!, dilations[axis]!];
    const output = Math.floor((before + input + after - (size - 1) * dilation - 1) / stride) + 1;
    return windowAxis(input, output, size, stride, dilation, before);
  });
  return { batch: image[0]!, inChannels, outChannels, axes, imageOrder: channelsSecond(image.length) };
}

/** [N, C, spatial…] of [N, spatial…, C]. */
function channelsSecond(rank: number): readonly number[] {
  return [0, rank - 1, ...plainOrder(rank).slice(1, -1)];
}

/** Convolutions in groups, x [N, spatial…, C] with filter [kernel…, C / group, O], and their gradients. */
export const groupedConvKernels: readonly Kernel[] = [
  kernel<GroupedConvAttrs>('GroupedConv', (graph, inputs, attributes) => {
    const [x, filter] = [inputs.get('x'), inputs.get('filter')];
    return convolve(graph, x, filter, geometryOf(x.shape, filter.shape, attributes), attributes.group);
  }),
  kernel<FilterGradientAttrs>('GroupedConvBackpropFilter', (graph, inputs, { filterShape, ...attributes }) => {
    const [x, dy] = [inputs.get('x'), inputs.get('dy')];
    return filterGradient(graph, x, dy, geometryOf(x.shape, filterShape, attributes), attributes.group);
  }),
  kernel<ImageGradientAttrs>('GroupedConvBackpropInput', (graph, inputs, { inputShape, ...attributes }) => {
    const [dy, filter] = [inputs.get('dy'), inputs.get('filter')];
    return imageGradient(graph, dy, filter, geometryOf(inputShape, filter.shape, attributes), attributes.group);
  }),
];
