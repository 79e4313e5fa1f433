/**
 * @file Convolutions on blocks of channels. ONNX Runtime has them for models whose weights are constants; here the
 * weights are reordered at every step, which costs little beside what the convolution saves.
 */
import {
  addInBlocks,
  blocksPay,
  fromBlocks,
  knownBlocks,
  reorderInput,
  toBlocks,
  wholeBlocks,
} from '../blocks/blocks.js';
import { flip, pad, reshape, transpose } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Attributes, Source } from '../source.js';

/** A filter [A, B, kh, kw] of which A or B are the output channels. */
export interface PairedFilter {
  readonly source: Source;
  readonly outFirst: boolean;
  /** whether it is turned by half a turn, as the gradient of the image needs it */
  readonly turned: boolean;
}

/** What is convolved to what. */
export interface Convolution {
  readonly outChannels: number;
  /** height and width of the result */
  readonly spatial: readonly [number, number];
  /** of ONNX's Conv, without the group */
  readonly attributes: Attributes;
}

/**
 * Convolves a plain image, or its twin in blocks.
 * @param image [N, I, H, W]
 * @returns a plain image with its twin; undefined where blocks would not pay
 */
export function convolveInBlocks(
  graph: PendingGraph,
  image: Source,
  filter: () => PairedFilter,
  { outChannels, spatial, attributes }: Convolution,
): Source | undefined {
  if (graph.blockSize === 0) return undefined;
  const [batch, inChannels] = image.shape as [number, number];
  // Images of a few channels are read as they are.
  const isThin = inChannels < graph.blockSize && knownBlocks(image) === undefined;
  const filledIn = isThin ? inChannels : wholeBlocks(graph, inChannels);
  const filledOut = wholeBlocks(graph, outChannels);
  if (!blocksPay(graph, outChannels, ...(isThin ? [] : [inChannels]))) return undefined;
  const inputs = [isThin ? image : toBlocks(graph, image), filterInBlocks(graph, filter(), filledIn, isThin)];
  const shape = [batch, filledOut, ...spatial];
  const result = addInBlocks(graph, 'Conv', inputs, shape, { ...attributes, group: 1 });
  return fromBlocks(graph, result, outChannels);
}

/**
 * [A, B, kh, kw] → [O/b, I/b, kh·kw, b of I, b of O], or [O/b, I, kh·kw, b of O] for thin images;
 * its shape is said to be [O, I, kh, kw].
 */
export function filterInBlocks(graph: PendingGraph, filter: PairedFilter, filledIn: number, isThin: boolean): Source {
  const { outFirst, turned } = filter;
  const source = turned && isThin ? flip(graph, filter.source, [2, 3]) : filter.source;
  const [a, c, rows, columns] = source.shape as [number, number, number, number];
  const filledOut = wholeBlocks(graph, outFirst ? a : c);
  const b = graph.blockSize;
  const [first, second] = outFirst ? [filledOut, filledIn] : [filledIn, filledOut];
  const filled = pad(graph, source, [0, 0, 0, 0], [first - a, second - c, 0, 0], 0);
  const size = rows * columns;
  const asImage = outFirst ? [1, filledOut, filledIn, size] : [filledIn, filledOut, size, 1];
  const outLast = reorderInput(graph, reshape(graph, filled, asImage));
  const shape = [filledOut, filledIn, rows, columns];
  if (isThin) {
    const thin = outFirst
      ? outLast
      : transpose(graph, reshape(graph, outLast, [filledIn, filledOut / b, size, b]), [1, 0, 2, 3]);
    return reshape(graph, thin, shape);
  }
  const blocks = outFirst
    ? transpose(graph, reshape(graph, outLast, [filledOut / b, filledIn / b, b, size, b]), [0, 1, 3, 2, 4])
    : transpose(graph, reshape(graph, outLast, [filledIn / b, b, filledOut / b, size, b]), [2, 0, 3, 1, 4]);
  return reshape(graph, turned ? flip(graph, blocks, [2]) : blocks, shape);
}

/**
 * Convolves every channel by itself.
 * @param image [N, C, H, W]
 * @param filter [C, 1, kh, kw]
 * @returns a plain image with its twin; undefined where blocks would not pay
 */
export function convolveChannelsInBlocks(
  graph: PendingGraph,
  image: Source,
  filter: () => Source,
  { spatial, attributes }: Convolution,
): Source | undefined {
  const [batch, channels] = image.shape as [number, number];
  if (!blocksPay(graph, channels)) return undefined;
  const filled = wholeBlocks(graph, channels);
  const plain = filter();
  const [, , rows, columns] = plain.shape as [number, number, number, number];
  const whole = pad(
    graph,
    reshape(graph, plain, [1, channels, rows, columns]),
    [0, 0, 0, 0],
    [0, filled - channels, 0, 0],
    0,
  );
  const ordered = reshape(graph, reorderInput(graph, whole), [filled, 1, rows, columns]);
  const shape = [batch, filled, ...spatial];
  const inputs = [toBlocks(graph, image), ordered];
  const result = addInBlocks(graph, 'Conv', inputs, shape, { ...attributes, group: filled });
  return fromBlocks(graph, result, channels);
}

/** Puts zeros between the pixels of an image in blocks, and behind the last ones. */
export function spreadPixels(graph: PendingGraph, blocks: Source, [down, across]: readonly [number, number]): Source {
  const [batch, channels, height, width] = blocks.shape as [number, number, number, number];
  const b = graph.blockSize;
  const rows = reshape(graph, blocks, [batch * (channels / b) * height, 1, width, b]);
  const spread = pad(graph, rows, [0, 0, 0, 0], [0, down - 1, 0, (across - 1) * b], 0);
  return reshape(graph, spread, [batch, channels, height * down, width * across]);
}
