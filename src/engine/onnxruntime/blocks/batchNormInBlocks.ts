/**
 * @file BatchNormalization on blocks of channels. Sums over pixels and affine maps of each channel are convolutions
 * there: of an image with a filter of its own size, and with one of 1 × 1.
 */

import { binary, reshape, slice, unary } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { addInBlocks, filledVector } from './blocks.js';
import { channelProducts, channelSums } from './channelSums.js';

/** factor · x + offset for each channel, plus another image where one is given. */
export function channelAffine(
  graph: PendingGraph,
  x: Source,
  factor: Source,
  offset?: Source,
  addend?: Source,
): Source {
  const channels = x.shape[1]!;
  const inputs = [x, reshape(graph, factor, [channels, 1, 1, 1]), offset, addend];
  while (inputs.at(-1) === undefined) inputs.pop();
  return addInBlocks(graph, 'Conv', inputs, x.shape, {
    kernel_shape: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    group: channels,
  });
}

/** The result in blocks, and the statistics of the batch, [C]. */
export interface NormalizedBlocks {
  readonly y: Source;
  readonly mean: Source;
  readonly variance: Source;
}

/**
 * Normalises by the statistics of the batch.
 * @param x [N, C', H, W] in blocks
 * @param scale [C], as is the offset
 */
export function normalizeBlocks(
  graph: PendingGraph,
  x: Source,
  scale: Source,
  offset: Source,
  epsilon: number,
): NormalizedBlocks {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const { times, minus, float } = arithmetic(graph);
  const share = float(1 / (batch * height * width));
  const mean = times(channelSums(graph, x), share);
  const squares = times(channelProducts(graph, x, x), share);
  const variance = binary(graph, 'Max', minus(squares, times(mean, mean)), float(0));
  const factor = times(filledVector(graph, scale), reciprocalDeviation(graph, variance, epsilon));
  const y = channelAffine(graph, x, factor, minus(filledVector(graph, offset), times(mean, factor)));
  const channels = scale.shape[0]!;
  return { y, mean: slice(graph, mean, [0], [channels]), variance: slice(graph, variance, [0], [channels]) };
}

/** The gradients of a normalisation; those of scale and offset are [C]. */
export interface NormalizationGradients {
  readonly x: Source;
  readonly scale: Source;
  readonly offset: Source;
}

/**
 * With k = 1/√(variance + ε): ∂x = a·dy + b·x + c for a, b and c of each channel.
 * @param dy in blocks, as is x
 */
export function normalizeBlocksGradient(
  graph: PendingGraph,
  dy: Source,
  x: Source,
  statistics: { readonly scale: Source; readonly mean: Source; readonly variance: Source },
  epsilon: number,
): NormalizationGradients {
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const { times, minus, float } = arithmetic(graph);
  const [scale, mean, variance] = [statistics.scale, statistics.mean, statistics.variance].map((vector) =>
    filledVector(graph, vector),
  ) as [Source, Source, Source];
  const share = float(1 / (batch * height * width));
  const k = reciprocalDeviation(graph, variance, epsilon);
  const offsetGradient = channelSums(graph, dy);
  const scaleGradient = times(minus(channelProducts(graph, x, dy), times(mean, offsetGradient)), k);
  const a = times(scale, k);
  const minusB = times(times(a, k), times(scaleGradient, share));
  const c = minus(times(minusB, mean), times(a, times(offsetGradient, share)));
  const ofImage = channelAffine(graph, x, unary(graph, 'Neg', minusB), c);
  const channels = statistics.scale.shape[0]!;
  return {
    x: channelAffine(graph, dy, a, undefined, ofImage),
    scale: slice(graph, scaleGradient, [0], [channels]),
    offset: slice(graph, offsetGradient, [0], [channels]),
  };
}

function reciprocalDeviation(graph: PendingGraph, variance: Source, epsilon: number): Source {
  const sum = binary(graph, 'Add', variance, graph.scalar('float32', epsilon));
  return unary(graph, 'Reciprocal', unary(graph, 'Sqrt', sum));
}

function arithmetic(graph: PendingGraph) {
  const of = (op: string) => (a: Source, b: Source) => binary(graph, op, a, b);
  return {
    times: of('Mul'),
    minus: of('Sub'),
    float: (value: number) => graph.scalar('float32', value),
  };
}
