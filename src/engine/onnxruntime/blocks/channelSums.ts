/** @file Sums over the pixels of images in blocks of channels. */

import { binary, reduce, reshape, slice } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { sameNumbers } from '../traced.js';
import { addInBlocks, knownBlocks } from './blocks.js';

/** Most pixels that are added one after the other: rounding errors grow with their number. */
const longestSum = 512;

/** An image in blocks, [N, C, H, W], as one of bands of rows, [N, C · bands, H / bands, W], that lies the same. */
function inBands(graph: PendingGraph, x: Source): { readonly bands: number; readonly image: Source } {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  let bands = 1;
  while (bands < height && (height % bands !== 0 || (height / bands) * width > longestSum)) bands++;
  return { bands, image: reshape(graph, x, [batch, channels * bands, height / bands, width]) };
}

/** [N, C · bands] → [N, C] */
function sumOfBands(graph: PendingGraph, sums: Source, batch: number, channels: number, bands: number): Source {
  const b = graph.blockSize;
  const apart = reshape(graph, sums, [(batch * channels) / b, bands, b]);
  return reshape(graph, bands === 1 ? apart : reduce(graph, 'ReduceSum', apart, [1]), [batch, channels]);
}

/** Σ over the pixels of each image and channel: [N, C, H, W] in blocks → [N, C] */
function pixelSums(graph: PendingGraph, x: Source): Source {
  const [batch, channels] = x.shape as [number, number];
  const { bands, image } = inBands(graph, x);
  const [, planes, rows, columns] = image.shape as [number, number, number, number];
  const means = addInBlocks(graph, 'GlobalAveragePool', [image], [batch, planes, 1, 1], {});
  const sums = sumOfBands(graph, means, batch, channels, bands);
  return binary(graph, 'Mul', sums, graph.scalar('float32', rows * columns));
}

/** Σ over the batch and the pixels of x, for each channel: [N, C, H, W] in blocks → [C] */
export function channelSums(graph: PendingGraph, x: Source): Source {
  return reduce(graph, 'ReduceSum', pixelSums(graph, x), [0]);
}

/** Σ over the batch and the pixels of x · y, for each channel: [N, C, H, W] in blocks → [C] */
export function channelProducts(graph: PendingGraph, x: Source, y: Source): Source {
  const [batch, channels] = x.shape as [number, number];
  const { bands, image } = inBands(graph, x);
  const [, , rows, columns] = image.shape as [number, number, number, number];
  const planes = batch * channels * bands;
  const inputs = [reshape(graph, image, [1, planes, rows, columns]), reshape(graph, y, [planes, 1, rows, columns])];
  const products = addInBlocks(graph, 'Conv', inputs, [1, planes, 1, 1], {
    kernel_shape: [rows, columns],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    group: planes,
  });
  return reduce(graph, 'ReduceSum', sumOfBands(graph, products, batch, channels, bands), [0]);
}

/**
 * A sum or a mean over the pixels of a plain image whose twin in blocks is known, or over batch and pixels.
 * @param axes of [N, C, H, W]
 * @returns [N, C] or [C]; undefined where it is something else
 */
export function reduceBlocks(
  graph: PendingGraph,
  op: string,
  image: Source,
  axes: readonly number[],
): Source | undefined {
  const blocks = knownBlocks(image);
  if (blocks === undefined || (op !== 'ReduceSum' && op !== 'ReduceMean')) return undefined;
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const times = (source: Source, factor: number): Source =>
    factor === 1 ? source : binary(graph, 'Mul', source, graph.scalar('float32', factor));
  if (sameNumbers(axes, [2, 3])) {
    const sums = slice(graph, pixelSums(graph, blocks), [0, 0], [batch, channels]);
    return times(sums, op === 'ReduceSum' ? 1 : 1 / (height * width));
  }
  if (!sameNumbers(axes, [0, 2, 3])) return undefined;
  const sums = slice(graph, channelSums(graph, blocks), [0], [channels]);
  return times(sums, op === 'ReduceSum' ? 1 : 1 / (batch * height * width));
}
