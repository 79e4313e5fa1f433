import { blocksPay, fromBlocks, toBlocks } from '../blocks/blocks.js';
import { flip } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import {
  type Convolution,
  convolveChannelsInBlocks,
  convolveInBlocks,
  type PairedFilter,
  spreadPixels,
} from './convolutionInBlocks.js';
import { stridedImageGradient } from './stridedImageGradient.js';
import type { WindowAxis, WindowGeometry } from './windowGeometry.js';

/**
 * The gradient with respect to the image of a convolution, in blocks of channels.
 *
 * @param dy [N, O, H', W']
 * @param filter as the convolution has it
 * @returns [N, I, H, W]; undefined where blocks would not pay
 */
export function imageGradientInBlocks(
  graph: PendingGraph,
  dy: Source,
  filter: () => Omit<PairedFilter, 'turned'>,
  geometry: WindowGeometry,
): Source | undefined {
  if (graph.blockSize === 0) return undefined;
  const swapped = (turned: boolean): PairedFilter => {
    const { source, outFirst } = filter();
    return { source, outFirst: !outFirst, turned };
  };
  if (!isDense(geometry) && blocksPay(graph, geometry.inChannels, geometry.outChannels)) {
    const strided = stridedImageGradient(graph, toBlocks(graph, dy), () => swapped(false), geometry);
    if (strided !== undefined) return strided;
  }
  return turnedConvolution(graph, dy, geometry, (image, convolution) =>
    convolveInBlocks(graph, image, () => swapped(true), convolution),
  );
}

/**
 * The same for a depthwise convolution with one output channel for each input channel.
 * @param filter [C, 1, kh, kw]
 */
export function channelImageGradientInBlocks(
  graph: PendingGraph,
  dy: Source,
  filter: () => Source,
  geometry: WindowGeometry,
): Source | undefined {
  if (graph.blockSize === 0) return undefined;
  return turnedConvolution(graph, dy, geometry, (image, convolution) =>
    convolveChannelsInBlocks(graph, image, () => flip(graph, filter(), [2, 3]), convolution),
  );
}

/** A convolution of dy with the turned filter; where the stride is not 1, of dy with zeros between its pixels. */
function turnedConvolution(
  graph: PendingGraph,
  dy: Source,
  geometry: WindowGeometry,
  convolve: (image: Source, convolution: Convolution) => Source | undefined,
): Source | undefined {
  const { inChannels, height, width } = geometry;
  const [vertical, horizontal] = [height, width].map(turnedPadding) as [Padding, Padding];
  if ([vertical, horizontal].some(({ before, after }) => before < 0 || after < 0)) return undefined;
  const image = isDense(geometry)
    ? dy
    : fromBlocks(graph, spreadPixels(graph, toBlocks(graph, dy), [height.stride, width.stride]), dy.shape[1]!);
  const attributes = {
    kernel_shape: [height.size, width.size],
    strides: [1, 1],
    dilations: [height.dilation, width.dilation],
    pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
  };
  return convolve(image, { outChannels: inChannels, spatial: [height.input, width.input], attributes });
}

function isDense({ height, width }: WindowGeometry): boolean {
  return height.stride === 1 && width.stride === 1;
}

interface Padding {
  readonly before: number;
  readonly after: number;
}

/** Padding of a convolution that gives back the input's size from `output · stride` pixels. */
function turnedPadding({ input, output, size, stride, dilation, before }: WindowAxis): Padding {
  const reach = (size - 1) * dilation;
  return { before: reach - before, after: input - output * stride + before };
}
