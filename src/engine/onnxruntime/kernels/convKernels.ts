import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import { type Convolution, convolveChannelsInBlocks, convolveInBlocks } from '../convolution/convolutionInBlocks.js';
import { filterGradient } from '../convolution/filterGradient.js';
import { channelFilterGradientInBlocks, filterGradientInBlocks } from '../convolution/filterGradientInBlocks.js';
import { channelImageGradientInBlocks, imageGradientInBlocks } from '../convolution/imageGradientInBlocks.js';
import {
  transposedPadding,
  type WindowAxis,
  type WindowGeometry,
  windowAttributes,
  windowGeometry,
} from '../convolution/windowGeometry.js';
import { flip, reshape, slice } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { sameNumbers, type Traced, tracedInOrder } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

type Shape4 = [number, number, number, number];

/** What the attributes of all six convolution kernels have in common. */
interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly pad: Conv2DAttrs['pad'];
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: 'NHWC' | 'NCHW';
}

function geometryOf(
  image: readonly number[],
  filter: readonly number[],
  attributes: ConvAttrs,
  isDepthwise: boolean,
): WindowGeometry {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attributes;
  return windowGeometry(
    backend_util.computeConv2DInfo(
      image as Shape4,
      filter as Shape4,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      isDepthwise,
      backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC'),
    ),
  );
}

// [kh, kw, I, O] in memory order [O, I, kh, kw], and the same with the roles of input and output swapped.
const filterOrder = [3, 2, 0, 1];
const swappedFilterOrder = [2, 3, 0, 1];

/** A filter [kh, kw, I, O] for convolutions in blocks, which take it with inputs or outputs first. */
function pairedFilter(graph: PendingGraph, filter: Traced): { readonly source: Source; readonly outFirst: boolean } {
  const outFirst = !sameNumbers(filter.order, swappedFilterOrder);
  return { source: inOrder(graph, filter, outFirst ? filterOrder : swappedFilterOrder), outFirst };
}

/** [kh, kw, C, m] → [C·m, 1, kh, kw]: one group for every input channel. */
function groupedFilter(graph: PendingGraph, filter: Traced, { height, width, outChannels }: WindowGeometry): Source {
  return reshape(graph, inOrder(graph, filter, swappedFilterOrder), [outChannels, 1, height.size, width.size]);
}

function convolve(graph: PendingGraph, image: Source, filter: Source, geometry: WindowGeometry, group: number): Traced {
  const { batch, outChannels, height, width, imageOrder } = geometry;
  const shape = [batch, outChannels, height.output, width.output];
  const attributes = { ...windowAttributes(geometry), group };
  return tracedInOrder(graph.add('Conv', [image, filter], 'float32', shape, attributes), imageOrder);
}

function convolutionOf(geometry: WindowGeometry): Convolution {
  const { outChannels, height, width } = geometry;
  return { outChannels, spatial: [height.output, width.output], attributes: windowAttributes(geometry) };
}

/** Whether the input gradient is a plain convolution of `dy`: stride 1, and no padding beyond the filter's reach. */
function isPlainConvolution(axis: WindowAxis): boolean {
  const reach = (axis.size - 1) * axis.dilation;
  return axis.stride === 1 && axis.before <= reach && axis.after <= reach;
}

/**
 * The gradient with respect to the image.
 * @param dy [N, O, H', W']
 * @param filter how the filter is wanted: [O, I/group, kh, kw] for a transposed convolution, or, for a plain one,
 *   the same with the roles of input and output swapped
 */
function imageGradient(
  graph: PendingGraph,
  dy: Source,
  filter: { readonly transposed: () => Source; readonly swapped: (() => Source) | undefined },
  geometry: WindowGeometry,
  group: number,
): Traced {
  const { batch, inChannels, height, width, imageOrder } = geometry;
  const shape = [batch, inChannels, height.input, width.input];
  const common = {
    kernel_shape: [height.size, width.size],
    dilations: [height.dilation, width.dilation],
    group,
  };
  if (filter.swapped !== undefined && isPlainConvolution(height) && isPlainConvolution(width)) {
    const reachHeight = (height.size - 1) * height.dilation;
    const reachWidth = (width.size - 1) * width.dilation;
    const top = reachHeight - height.before;
    const left = reachWidth - width.before;
    const bottom = height.input - height.output - top + reachHeight;
    const right = width.input - width.output - left + reachWidth;
    const turned = flip(graph, filter.swapped(), [2, 3]);
    const attributes = { ...common, strides: [1, 1], pads: [top, left, bottom, right] };
    return tracedInOrder(graph.add('Conv', [dy, turned], 'float32', shape, attributes), imageOrder);
  }
  const vertical = transposedPadding(height);
  const horizontal = transposedPadding(width);
  const attributes = {
    ...common,
    strides: [height.stride, width.stride],
    pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
    output_padding: [vertical.extra, horizontal.extra],
  };
  return tracedInOrder(graph.add('ConvTranspose', [dy, filter.transposed()], 'float32', shape, attributes), imageOrder);
}

/** Convolutions and their gradients. */
export const convKernels: readonly Kernel[] = [
  kernel<Conv2DAttrs>('Conv2D', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const filter = inputs.get('filter');
    const geometry = geometryOf(x.shape, filter.shape, attributes, false);
    const image = inOrder(graph, x, geometry.imageOrder);
    const inBlocks = convolveInBlocks(
      graph,
      image,
      () => ({ ...pairedFilter(graph, filter), turned: false }),
      convolutionOf(geometry),
    );
    if (inBlocks !== undefined) return tracedInOrder(inBlocks, geometry.imageOrder);
    return convolve(graph, image, inOrder(graph, filter, filterOrder), geometry, 1);
  }),
  kernel<Conv2DBackpropFilterAttrs>('Conv2DBackpropFilter', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const geometry = geometryOf(x.shape, attributes.filterShape, attributes, false);
    const image = inOrder(graph, x, geometry.imageOrder);
    const dy = inOrder(graph, inputs.get('dy'), geometry.imageOrder);
    return filterGradientInBlocks(graph, image, dy, geometry) ?? filterGradient(graph, image, dy, geometry, false);
  }),
  kernel<Conv2DBackpropInputAttrs>('Conv2DBackpropInput', (graph, inputs, attributes) => {
    const filter = inputs.get('filter');
    const geometry = geometryOf(attributes.inputShape, filter.shape, attributes, false);
    const { batch, outChannels, height, width, imageOrder } = geometry;
    // A transposed convolution may be given more than its output asks for.
    const given = inOrder(graph, inputs.get('dy'), imageOrder);
    const dy = slice(graph, given, [0, 0, 0, 0], [batch, outChannels, height.output, width.output]);
    const inBlocks = imageGradientInBlocks(graph, dy, () => pairedFilter(graph, filter), geometry);
    if (inBlocks !== undefined) return tracedInOrder(inBlocks, geometry.imageOrder);
    const forms = {
      transposed: () => inOrder(graph, filter, filterOrder),
      swapped: () => inOrder(graph, filter, swappedFilterOrder),
    };
    return imageGradient(graph, dy, forms, geometry, 1);
  }),
  kernel<DepthwiseConv2dNativeAttrs>('DepthwiseConv2dNative', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const filter = inputs.get('filter');
    const geometry = geometryOf(x.shape, filter.shape, attributes, true);
    const grouped = (): Source => groupedFilter(graph, filter, geometry);
    const image = inOrder(graph, x, geometry.imageOrder);
    if (geometry.outChannels === geometry.inChannels) {
      const inBlocks = convolveChannelsInBlocks(graph, image, grouped, convolutionOf(geometry));
      if (inBlocks !== undefined) return tracedInOrder(inBlocks, geometry.imageOrder);
    }
    return convolve(graph, image, grouped(), geometry, geometry.inChannels);
  }),
  kernel<DepthwiseConv2dNativeBackpropFilterAttrs>(
    'DepthwiseConv2dNativeBackpropFilter',
    (graph, inputs, attributes) => {
      const x = inputs.get('x');
      const geometry = geometryOf(x.shape, attributes.filterShape, attributes, true);
      const image = inOrder(graph, x, geometry.imageOrder);
      const dy = inOrder(graph, inputs.get('dy'), geometry.imageOrder);
      const isOneToOne = geometry.outChannels === geometry.inChannels;
      const inBlocks = isOneToOne ? channelFilterGradientInBlocks(graph, image, dy, geometry) : undefined;
      return inBlocks ?? filterGradient(graph, image, dy, geometry, true);
    },
  ),
  kernel<DepthwiseConv2dNativeBackpropInputAttrs>('DepthwiseConv2dNativeBackpropInput', (graph, inputs, attributes) => {
    const filter = inputs.get('filter');
    const geometry = geometryOf(attributes.inputShape, filter.shape, attributes, true);
    const dy = inOrder(graph, inputs.get('dy'), geometry.imageOrder);
    const grouped = (): Source => groupedFilter(graph, filter, geometry);
    const isOneToOne = geometry.outChannels === geometry.inChannels;
    const inBlocks = isOneToOne ? channelImageGradientInBlocks(graph, dy, grouped, geometry) : undefined;
    if (inBlocks !== undefined) return tracedInOrder(inBlocks, geometry.imageOrder);
    // With one output channel for each input channel, swapping their roles changes nothing.
    const forms = { transposed: grouped, swapped: isOneToOne ? grouped : undefined };
    return imageGradient(graph, dy, forms, geometry, geometry.inChannels);
  }),
];
