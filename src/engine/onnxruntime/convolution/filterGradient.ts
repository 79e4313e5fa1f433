import { sizeOf } from '../elementType.js';
import { concat, matMul, pad, reduce, reshape, slice, transpose } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { type Traced, tracedInOrder } from '../traced.js';
import type { WindowAxis, WindowGeometry } from './windowGeometry.js';

/**
 * The gradient of a convolution with respect to its filter.
 *
 * @param x [N, C, H, W]
 * @param dy [N, O, H', W'], or [N, C·m, H', W'] with `perChannel`
 * @param perChannel a depthwise convolution: every input channel meets its own m output channels only
 * @returns logically [kh, kw, C, O], or [kh, kw, C, m]
 */
export function filterGradient(
  graph: PendingGraph,
  x: Source,
  dy: Source,
  geometry: WindowGeometry,
  perChannel: boolean,
): Traced {
  const { inChannels, outChannels, height, width } = geometry;
  const isStrided = height.stride > 1 || width.stride > 1;
  if (perChannel && isStrided && outChannels === inChannels) return depthwiseCorrelation(graph, x, dy, geometry);
  // Large filters on images of few channels: many offsets, each of them a thin product. (Measured: 7×7 on 3 channels
  // takes a third of the time, 3×3 on 3 channels the same, 3×3 on 16 channels four times as long.)
  if (!perChannel && height.size * width.size > 8 * inChannels) return correlation(graph, x, dy, geometry);
  // [kh·kw, …] → […, kh·kw]: weights that are updated with it then lie as the next step's convolution wants them.
  const [rows, columns] = [height.size, width.size];
  const perOffset = offsetProducts(graph, x, dy, geometry, perChannel);
  const products = rows * columns === 1 ? perOffset : transpose(graph, perOffset, [1, 0]);
  if (perChannel) {
    const shape = [inChannels, outChannels / inChannels, rows, columns];
    return tracedInOrder(reshape(graph, products, shape), channelsByMultiplier);
  }
  return tracedInOrder(reshape(graph, products, [outChannels, inChannels, rows, columns]), outputsByInputs);
}

// How a filter [kh, kw, C, O] lies as [O, C, kh, kw], and one [kh, kw, C, m] as [C, m, kh, kw].
const outputsByInputs = [3, 2, 0, 1];
const channelsByMultiplier = [2, 3, 0, 1];

/** A convolution whose filter is dy: stride and dilation change places. */
function correlationShape(axis: WindowAxis): { readonly whole: number; readonly size: number } {
  const padded = axis.before + axis.input + axis.after;
  const reach = (axis.output - 1) * axis.stride + 1;
  return { whole: Math.floor((padded - reach) / axis.dilation) + 1, size: axis.size };
}

function correlationAttributes({ height, width }: WindowGeometry, group: number) {
  return {
    kernel_shape: [height.output, width.output],
    strides: [height.dilation, width.dilation],
    dilations: [height.stride, width.stride],
    pads: [height.before, width.before, height.after, width.after],
    group,
  };
}

// The batch becomes the contracted axis: [C, N, H, W] ∗ [O, N, H', W'] → [C, O, kh, kw]
function correlation(graph: PendingGraph, x: Source, dy: Source, geometry: WindowGeometry): Traced {
  const { inChannels, outChannels } = geometry;
  const [rows, columns] = [correlationShape(geometry.height), correlationShape(geometry.width)];
  const operands = [transpose(graph, x, [1, 0, 2, 3]), transpose(graph, dy, [1, 0, 2, 3])];
  const shape = [inChannels, outChannels, rows.whole, columns.whole];
  const whole = graph.add('Conv', operands, 'float32', shape, correlationAttributes(geometry, 1));
  // Pixels that floor rounding left unread give rows and columns too many.
  const read = slice(graph, whole, [0, 0, 0, 0], [inChannels, outChannels, rows.size, columns.size]);
  return tracedInOrder(transpose(graph, read, [1, 0, 2, 3]), outputsByInputs);
}

// One group for every channel of every image: [1, N·C, H, W] ∗ [N·C, 1, H', W'] → [1, N·C, kh, kw]
function depthwiseCorrelation(graph: PendingGraph, x: Source, dy: Source, geometry: WindowGeometry): Traced {
  const { batch, inChannels, height, width } = geometry;
  const planes = batch * inChannels;
  const [rows, columns] = [correlationShape(height), correlationShape(width)];
  const operands = [
    reshape(graph, x, [1, planes, height.input, width.input]),
    reshape(graph, dy, [planes, 1, height.output, width.output]),
  ];
  const shape = [1, planes, rows.whole, columns.whole];
  const whole = graph.add('Conv', operands, 'float32', shape, correlationAttributes(geometry, planes));
  const read = slice(graph, whole, [0, 0, 0, 0], [1, planes, rows.size, columns.size]);
  const perImage = reshape(graph, read, [batch, inChannels, 1, rows.size, columns.size]);
  return tracedInOrder(reduce(graph, 'ReduceSum', perImage, [0]), channelsByMultiplier);
}

/**
 * One matrix product per filter offset, of dy with the input pixels that this offset met, summed over the batch.
 * An im2col buffer would hold height × width copies of the input at once.
 *
 * @returns [kh·kw, O·C], or [kh·kw, C·m]
 */
function offsetProducts(
  graph: PendingGraph,
  x: Source,
  dy: Source,
  geometry: WindowGeometry,
  perChannel: boolean,
): Source {
  const { batch, inChannels, outChannels, height, width } = geometry;
  const isDense = height.stride === 1 && width.stride === 1 && height.size * width.size > 1;
  const operands = (image: Source, error: Source): Operands =>
    isDense ? contiguousRuns(graph, image, error, geometry) : gatheredPixels(graph, image, error, geometry);
  if (!perChannel && isThick(geometry)) {
    return thickProducts(graph, operands(imagesInside(graph, x), imagesInside(graph, dy)), geometry);
  }
  const { errors, met, pixels } = operands(x, dy);
  const multiplier = outChannels / inChannels;
  const inShape = perChannel ? [batch, inChannels, 1, pixels] : [batch, inChannels, pixels];
  const outShape = perChannel ? [batch, inChannels, multiplier, pixels] : [batch, outChannels, pixels];
  const left = reshape(graph, errors, outShape);

  const products: Source[] = [];
  for (let row = 0; row < height.size; row++) {
    for (let column = 0; column < width.size; column++) {
      const right = reshape(graph, met(row * height.dilation, column * width.dilation), inShape);
      products.push(matMul(graph, left, right, false, true));
    }
  }
  const sums = sumOverBatch(graph, products);
  return reshape(graph, sums, [products.length, sizeOf(sums.shape) / products.length]);
}

/** Whether the products of single images are larger than the images: [N, O, C] beside [N, O, H', W'] and [N, C, H', W']. */
function isThick({ batch, inChannels, outChannels, height, width }: WindowGeometry): boolean {
  const pixels = height.output * width.output;
  return batch > 1 && 2 * inChannels * outChannels > pixels * (inChannels + outChannels);
}

/** [N, C, H, W] → [C, N, H, W] */
function imagesInside(graph: PendingGraph, images: Source): Source {
  return transpose(graph, images, [1, 0, 2, 3]);
}

/** The same with the channels outside, so that each product runs over the pixels of all images. */
function thickProducts(
  graph: PendingGraph,
  { errors, met, pixels }: Operands,
  { batch, inChannels, outChannels, height, width }: WindowGeometry,
): Source {
  const left = reshape(graph, errors, [outChannels, batch * pixels]);
  const products: Source[] = [];
  for (let row = 0; row < height.size; row++) {
    for (let column = 0; column < width.size; column++) {
      const right = reshape(graph, met(row * height.dilation, column * width.dilation), [inChannels, batch * pixels]);
      products.push(reshape(graph, matMul(graph, left, right, false, true), [1, outChannels * inChannels]));
    }
  }
  return concat(graph, products, 0);
}

/** Largest number of elements that is stacked to be summed in one go. */
const stackedElements = 2 ** 22;

// One sum instead of many is what small layers want; large ones should not hold all products at once.
function sumOverBatch(graph: PendingGraph, products: readonly Source[]): Source {
  if (products.length * sizeOf(products[0]!.shape) <= stackedElements) {
    return reduce(graph, 'ReduceSum', concat(graph, products, 1), [0]);
  }
  const sums = products.map((product) => reduce(graph, 'ReduceSum', product, [0], true));
  return concat(graph, sums, 0);
}

/** The operands of the products, flattened over `pixels` positions. */
interface Operands {
  readonly errors: Source;
  /** the input pixels that a filter element meets, by its distance from the filter's corner */
  readonly met: (top: number, left: number) => Source;
  readonly pixels: number;
}

function gatheredPixels(graph: PendingGraph, x: Source, dy: Source, geometry: WindowGeometry): Operands {
  const { height, width } = geometry;
  const [outer, inner] = x.shape as [number, number];
  const padded = pad(graph, x, [0, 0, height.before, width.before], [0, 0, height.after, width.after], 0);
  const met = (top: number, left: number): Source => {
    const bottom = top + (height.output - 1) * height.stride + 1;
    const right = left + (width.output - 1) * width.stride + 1;
    const steps = [1, 1, height.stride, width.stride];
    return slice(graph, padded, [0, 0, top, left], [outer, inner, bottom, right], steps);
  };
  return { errors: dy, met, pixels: height.output * width.output };
}

// At stride 1, and with dy padded by zeros to rows as long as those of the padded input, the pixels that a filter
// element meets are one run in memory: copying runs is several times faster than copying the rows of a window.
function contiguousRuns(graph: PendingGraph, x: Source, dy: Source, geometry: WindowGeometry): Operands {
  const { height, width } = geometry;
  const [outer, inner] = x.shape as [number, number];
  const rowLength = width.before + width.input + width.after;
  // The run of the last filter element reaches into one row more than there is.
  const padded = pad(graph, x, [0, 0, height.before, width.before], [0, 0, height.after + 1, width.after], 0);
  const errors = pad(graph, dy, [0, 0, 0, 0], [0, 0, 0, rowLength - width.output], 0);
  const flat = reshape(graph, padded, [outer, inner, padded.shape[2]! * rowLength]);
  const pixels = height.output * rowLength;
  const met = (top: number, left: number): Source => {
    const start = top * rowLength + left;
    return slice(graph, flat, [0, 0, start], [outer, inner, start + pixels]);
  };
  return { errors, met, pixels };
}
