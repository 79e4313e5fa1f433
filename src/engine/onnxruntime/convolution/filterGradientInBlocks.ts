/**
 * @file The gradient of a filter as a convolution in blocks: the image is convolved with dy, the batch is what the
 * channels were, and the channels are the batch.
 */
import {
  addInBlocks,
  blocksPay,
  fromBlocks,
  reorderInput,
  reorderOutput,
  toBlocks,
  wholeBlocks,
} from '../blocks/blocks.js';
import { concat, pad, reduce, reshape, transpose } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { type Traced, tracedInOrder } from '../traced.js';
import type { WindowAxis, WindowGeometry } from './windowGeometry.js';

// How a filter [kh, kw, I, O] lies as [O, I, kh, kw] and as [I, O, kh, kw].
const outputsByInputs = [3, 2, 0, 1];
const inputsByOutputs = [2, 3, 0, 1];

/**
 * @param x [N, I, H, W]
 * @param dy [N, O, H', W']
 * @returns logically [kh, kw, I, O]; undefined where blocks would not pay
 */
export function filterGradientInBlocks(
  graph: PendingGraph,
  x: Source,
  dy: Source,
  geometry: WindowGeometry,
): Traced | undefined {
  if (graph.blockSize === 0) return undefined;
  const { outChannels, inChannels, height, width } = geometry;
  if (isPointwise(height) && isPointwise(width)) return pointwise(graph, x, dy, geometry);
  const bands = bandsOf(graph, geometry);
  const filledOut = wholeBlocks(graph, outChannels);
  if (bands === undefined || !blocksPay(graph, outChannels)) return undefined;
  const { count, rows, batch } = bands;
  const paddedRows = (rows - 1) * height.stride + (height.size - 1) * height.dilation + 1;
  const paddedColumns = readPixels(width);
  // Padded columns are slow in the convolution itself, since few of its columns are without them.
  const left = width.before;
  const right = paddedColumns - left - width.input;
  const parts: Source[] = [];
  for (let band = 0; band < count; band++) {
    const top = height.before - band * rows * height.stride;
    const bottom = paddedRows - top - height.input;
    parts.push(pad(graph, x, [0, 0, top, left], [batch - x.shape[0]!, 0, bottom, right], 0));
  }
  const image = reorderInput(graph, transpose(graph, concat(graph, parts, 0), [1, 0, 2, 3]));
  const shape = [inChannels, filledOut, height.size, width.size];
  const result = addInBlocks(graph, 'Conv', [image, errorsAsFilter(graph, dy, bands, geometry)], shape, {
    kernel_shape: [rows, width.output],
    strides: [height.dilation, width.dilation],
    dilations: [height.stride, width.stride],
    pads: [0, 0, 0, 0],
    group: 1,
  });
  return tracedInOrder(outputsFirst(graph, result, outChannels), outputsByInputs);
}

// [I, O/b, kh, kw, b] → [O, I, kh, kw]: weights that are updated with it then lie as they did.
function outputsFirst(graph: PendingGraph, gradient: Source, outChannels: number): Source {
  const [inChannels, filled, rows, columns] = gradient.shape as [number, number, number, number];
  const b = graph.blockSize;
  const size = rows * columns;
  const moved = transpose(graph, reshape(graph, gradient, [inChannels, filled / b, size * b]), [1, 0, 2]);
  const ordered = reorderOutput(graph, reshape(graph, moved, [1, filled, inChannels * size, 1]), outChannels);
  return reshape(graph, ordered, [outChannels, inChannels, rows, columns]);
}

/** The rows of dy in bands, each of which counts as images of their own, so that those are whole blocks. */
interface Bands {
  readonly count: number;
  readonly rows: number;
  /** the batch, filled up */
  readonly batch: number;
}

/** Most that the batch may grow. */
const mostFilling = 1.34;

/** Undefined where the batch would be filled up too far, or has fewer rows than bands. */
function bandsOf({ blockSize }: PendingGraph, { batch, height }: WindowGeometry): Bands | undefined {
  let filled = batch;
  while (filled % blockSize !== 0 && blockSize % filled !== 0) filled++;
  const count = Math.max(1, blockSize / filled);
  if (filled > mostFilling * batch || count > height.output) return undefined;
  return { count, rows: Math.ceil(height.output / count), batch: filled };
}

/** [N, O, H', W'] → [O/b, N·bands/b, rows, W', b of N·bands, b of O] */
function errorsAsFilter(
  graph: PendingGraph,
  dy: Source,
  { count, rows, batch }: Bands,
  { width }: WindowGeometry,
): Source {
  const b = graph.blockSize;
  const blocks = toBlocks(graph, dy);
  const [images, channels, height] = blocks.shape as [number, number, number];
  const rowwise = reshape(graph, blocks, [images, channels / b, height, width.output * b]);
  const whole = pad(graph, rowwise, [0, 0, 0, 0], [batch - images, 0, count * rows - height, 0], 0);
  const ordered =
    count === 1
      ? transpose(graph, reshape(graph, whole, [batch / b, b, channels / b, rows, width.output, b]), [2, 0, 3, 4, 1, 5])
      : transpose(
          graph,
          reshape(graph, whole, [batch, channels / b, count, rows, width.output, b]),
          [1, 3, 4, 2, 0, 5],
        );
  return reshape(graph, ordered, [channels, batch * count, rows, width.output]);
}

/** How many padded pixels are read along an axis. */
function readPixels({ output, stride, size, dilation }: WindowAxis): number {
  return (output - 1) * stride + (size - 1) * dilation + 1;
}

function isPointwise({ size, stride, before, after }: WindowAxis): boolean {
  return size === 1 && stride === 1 && before === 0 && after === 0;
}

/**
 * A filter of 1 × 1: a product over pixels. The wider of the two images is a filter as it lies, with the pixels for its
 * input channels; the channels of the other are the pixels that it meets.
 */
function pointwise(graph: PendingGraph, x: Source, dy: Source, geometry: WindowGeometry): Traced | undefined {
  const { batch, inChannels, outChannels, height, width } = geometry;
  const pixels = height.output * width.output;
  const isWideOut = outChannels >= inChannels;
  const [wide, narrow] = isWideOut ? [dy, x] : [x, dy];
  const [many, few] = isWideOut ? [outChannels, inChannels] : [inChannels, outChannels];
  const filled = wholeBlocks(graph, many);
  if (pixels % graph.blockSize !== 0 || !blocksPay(graph, many)) return undefined;
  const filter = reshape(graph, toBlocks(graph, wide), [batch * filled, pixels, 1, 1]);
  const rows = reshape(graph, narrow, [batch, few, 1, pixels]);
  const image = addInBlocks(graph, 'ReorderInput', [rows], [batch, pixels, few, 1], { channels_last: 1 });
  const products = addInBlocks(
    graph,
    'Conv',
    [reshape(graph, image, [1, batch * pixels, few, 1]), filter],
    [1, batch * filled, few, 1],
    { kernel_shape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: batch },
  );
  const sum = reduce(graph, 'ReduceSum', reshape(graph, products, [batch, filled, few, 1]), [0], true);
  const gradient = reorderOutput(graph, sum, many);
  const ordered = isWideOut ? gradient : transpose(graph, gradient, [0, 2, 1, 3]);
  return tracedInOrder(reshape(graph, ordered, [outChannels, inChannels, 1, 1]), outputsByInputs);
}

/**
 * The gradient of a depthwise filter with one output channel for each input channel: every channel of every image is a
 * channel here, and dy its filter.
 *
 * @returns logically [kh, kw, C, 1]; undefined where blocks would not pay
 */
export function channelFilterGradientInBlocks(
  graph: PendingGraph,
  x: Source,
  dy: Source,
  { batch, inChannels, height, width }: WindowGeometry,
): Traced | undefined {
  if (!blocksPay(graph, inChannels)) return undefined;
  const filled = wholeBlocks(graph, inChannels);
  const [below, right] = [height, width].map((axis) => readPixels(axis) - axis.before - axis.input);
  if (below! < 0) return undefined;
  const planes = batch * filled;
  const b = graph.blockSize;
  // Padded columns are slow in the convolution itself, since few of its columns are without them.
  const columns = reshape(graph, toBlocks(graph, x), [planes / b, height.input, width.input * b]);
  const padded = pad(graph, columns, [0, 0, width.before * b], [0, 0, right! * b], 0);
  const inputs = [
    reshape(graph, padded, [1, planes, height.input, readPixels(width)]),
    reshape(graph, toBlocks(graph, dy), [planes, 1, height.output, width.output]),
  ];
  const perImage = addInBlocks(graph, 'Conv', inputs, [1, planes, height.size, width.size], {
    kernel_shape: [height.output, width.output],
    strides: [height.dilation, width.dilation],
    dilations: [height.stride, width.stride],
    pads: [height.before, 0, below!, 0],
    group: planes,
  });
  const shape = [batch, filled, height.size, width.size];
  const sum = reduce(graph, 'ReduceSum', reshape(graph, perImage, shape), [0], true);
  const gradient = fromBlocks(graph, sum, inChannels);
  return tracedInOrder(reshape(graph, gradient, [inChannels, 1, height.size, width.size]), inputsByOutputs);
}
