/**
 * @file Images in blocks of channels: [N, C, H, W] in the memory order [N, C/b, H, W, b], which the convolutions of
 * ONNX Runtime's internal domain read and write. Channels are filled up to whole blocks.
 *
 * Nearly everything else wants plain channels-first images. So a source that is made in blocks always has a plain twin,
 * one reordering node away; what nobody asks for is never computed.
 */
import { concat, pad, reshape } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Attributes, Source } from '../source.js';
import { sameNumbers } from '../traced.js';

/** The domain of ONNX Runtime's operators on blocks of channels. */
export const blocksDomain = 'com.microsoft.nchwc';

/** Appends a node of that domain. */
export function addInBlocks(
  graph: PendingGraph,
  op: string,
  inputs: readonly (Source | undefined)[],
  shape: readonly number[],
  attributes: Attributes,
): Source {
  return graph.add(op, inputs, 'float32', shape, attributes, blocksDomain);
}

/** The number of channels, filled up to whole blocks. */
export function wholeBlocks(graph: PendingGraph, channels: number): number {
  return Math.ceil(channels / graph.blockSize) * graph.blockSize;
}

/** Most that work may grow by filling channels up to whole blocks. */
const mostFilling = 2;

/** Whether it pays to compute in blocks what grows with the product of these numbers of channels. */
export function blocksPay(graph: PendingGraph, ...channels: readonly number[]): boolean {
  if (graph.blockSize === 0) return false;
  const growth = channels.map((count) => wholeBlocks(graph, count) / count);
  return growth.reduce((product, factor) => product * factor, 1) <= mostFilling;
}

/** The twin in blocks of a plain image, where there is one in the pending graph. */
export function knownBlocks({ blocks }: Source): Source | undefined {
  return blocks?.state.kind === 'pending' ? blocks : undefined;
}

/** A plain image [N, C, H, W] as blocks: its twin, or one that is made. */
export function toBlocks(graph: PendingGraph, image: Source): Source {
  const known = knownBlocks(image);
  if (known !== undefined) return known;
  const channels = image.shape[1]!;
  // ReorderInput takes multiples of four only.
  const missing = (4 - (channels % 4)) % 4;
  const filled = pad(graph, image, [0, 0, 0, 0], [0, missing, 0, 0], 0);
  image.blocks = reorderInput(graph, filled);
  return image.blocks;
}

/** Blocks as a plain image [N, C, H, W] that knows them as its twin. */
export function fromBlocks(graph: PendingGraph, blocks: Source, channels: number): Source {
  // Channels of one pixel lie in the same order either way.
  const isSame = channels === blocks.shape[1] && blocks.shape[2] === 1 && blocks.shape[3] === 1;
  const image = isSame ? blocks : reorderOutput(graph, blocks, channels);
  image.blocks = blocks;
  return image;
}

/** [N, C, H, W] → blocks; C is a multiple of 4. */
export function reorderInput(graph: PendingGraph, image: Source): Source {
  const [batch, channels, ...spatial] = image.shape;
  return addInBlocks(graph, 'ReorderInput', [image], [batch!, wholeBlocks(graph, channels!), ...spatial], {});
}

/** Blocks → [N, C, H, W] */
export function reorderOutput(graph: PendingGraph, blocks: Source, channels: number): Source {
  const [batch, , ...spatial] = blocks.shape;
  return addInBlocks(graph, 'ReorderOutput', [blocks], [batch!, channels, ...spatial], { channels });
}

/** A vector of one number for each channel, filled up with zeros to whole blocks. */
export function filledVector(graph: PendingGraph, vector: Source): Source {
  const missing = wholeBlocks(graph, vector.shape[0]!) - vector.shape[0]!;
  return missing === 0
    ? vector
    : concat(graph, [vector, graph.constant('float32', [missing], Array(missing).fill(0))], 0);
}

/**
 * Applies nodes that work element by element to operands of which one at least is known in blocks.
 *
 * @param sources as they broadcast
 * @param shape what they broadcast to: the plain image
 * @returns undefined where it cannot be done in blocks
 */
export function mapBlocks(
  graph: PendingGraph,
  sources: readonly Source[],
  shape: readonly number[],
  apply: (...sources: readonly Source[]) => Source,
): Source | undefined {
  const isWhole = (source: Source): boolean => sameNumbers(source.shape, shape);
  if (shape.length !== 4 || !sources.some((source) => isWhole(source) && knownBlocks(source) !== undefined)) return;
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const filled = wholeBlocks(graph, channels);
  const b = graph.blockSize;
  const isScalar = (source: Source): boolean => source.shape.every((dim) => dim === 1);
  const repeats = sources.some((source) => !isWhole(source) && !isScalar(source));
  const operands: Source[] = [];
  for (const source of sources) {
    if (isScalar(source)) {
      operands.push(source);
    } else if (isWhole(source)) {
      if (source.type !== 'float32' && knownBlocks(source) === undefined) return;
      const blocks = toBlocks(graph, source);
      operands.push(repeats ? reshape(graph, blocks, [batch, filled / b, height * width, b]) : blocks);
    } else {
      const [n, c, h, w] = [...Array<number>(4 - source.shape.length).fill(1), ...source.shape];
      if (source.type !== 'float32' || h !== 1 || w !== 1 || c !== channels) return;
      const vectors = pad(graph, reshape(graph, source, [n!, c]), [0, 0], [0, filled - channels], 0);
      operands.push(reshape(graph, vectors, [n!, filled / b, 1, b]));
    }
  }
  const before = graph.size;
  const result = apply(...operands);
  // What fills up the last block meets zeros in the next convolution, and must not be infinite there.
  if (filled !== channels && !graph.since(before).every(({ op }) => finiteAtZero.has(op))) return;
  return reshape(graph, result, [batch, filled, height, width]);
}

/** Operators that give finite numbers for zeros. */
const finiteAtZero = new Set([
  'Abs',
  'Add',
  'And',
  'Cast',
  'Clip',
  'Conv',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Not',
  'Or',
  'Relu',
  'Sigmoid',
  'Sub',
  'Tanh',
]);
