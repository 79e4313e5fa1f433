/** @file Sums over the pixels of images in blocks of channels. */
import { addInBlocks, knownBlocks } from './blocks.js';
import { binary, reduce, reshape, slice } from './emit.js';
import type { PendingGraph } from './pendingGraph.js';
import type { Source } from './source.js';
import { sameNumbers } from './traced.js';

/** The mean over the pixels of each image and channel: [N, C, H, W] in blocks → [N, C] */
function pixelMeans(graph: PendingGraph, x: Source): Source {
  const [batch, channels] = x.shape as [number, number];
  return reshape(graph, addInBlocks(graph, 'GlobalAveragePool', [x], [batch, channels, 1, 1], {}), [batch, channels]);
}

/** Σ over the batch and the pixels of x, for each channel: [N, C, H, W] in blocks → [C] */
export function channelSums(graph: PendingGraph, x: Source): Source {
  const [, , height, width] = x.shape as [number, number, number, number];
  const sum = reduce(graph, 'ReduceSum', pixelMeans(graph, x), [0]);
  return binary(graph, 'Mul', sum, graph.scalar('float32', height * width));
}

/** Σ over the batch and the pixels of x · y, for each channel: [N, C, H, W] in blocks → [C] */
export function channelProducts(graph: PendingGraph, x: Source, y: Source): Source {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const planes = batch * channels;
  const inputs = [reshape(graph, x, [1, planes, height, width]), reshape(graph, y, [planes, 1, height, width])];
  const products = addInBlocks(graph, 'Conv', inputs, [1, planes, 1, 1], {
    kernel_shape: [height, width],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    group: planes,
  });
  return reduce(graph, 'ReduceSum', reshape(graph, products, [batch, channels]), [0]);
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
    const means = times(pixelMeans(graph, blocks), op === 'ReduceSum' ? height * width : 1);
    return slice(graph, means, [0, 0], [batch, channels]);
  }
  if (!sameNumbers(axes, [0, 2, 3])) return undefined;
  const sums = slice(graph, channelSums(graph, blocks), [0], [channels]);
  return times(sums, op === 'ReduceSum' ? 1 : 1 / (batch * height * width));
}
