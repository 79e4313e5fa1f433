/**
 * @file What a convolution in blocks does on the way: it adds a number to each channel, another image, and bounds the
 * result. Each saves reading and writing the image once more. The plain result is there beside the fused one, and is
 * computed only where it is asked for.
 */

import { sizeOf } from '../elementType.js';
import { reshape } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Attributes, PendingNode, Source } from '../source.js';
import { sameNumbers, type Traced } from '../traced.js';
import { addInBlocks, blocksDomain, filledVector, fromBlocks, knownBlocks } from './blocks.js';

/** The convolution in blocks that gives this, if nothing follows the sum in it. */
function convolutionOf({ state }: Source): PendingNode | undefined {
  if (state.kind !== 'pending') return undefined;
  const { node } = state;
  return node.domain === blocksDomain && node.op === 'Conv' && node.attributes.activation === undefined
    ? node
    : undefined;
}

/** One that costs no more than reading and writing: should its plain result be asked for as well, nothing is lost. */
function affineOf(source: Source): PendingNode | undefined {
  const node = convolutionOf(source);
  if (node === undefined) return undefined;
  const { group, kernel_shape } = node.attributes;
  const isAffine = group === source.shape[1] && sameNumbers(kernel_shape as readonly number[], [1, 1]);
  return isAffine ? node : undefined;
}

/**
 * An affine map of each channel with a function behind it.
 * @param x in blocks
 * @returns undefined where x is no such map
 */
export function activatedInBlocks(graph: PendingGraph, x: Source, activation: Attributes): Source | undefined {
  const node = affineOf(x);
  return node && addInBlocks(graph, 'Conv', node.inputs, x.shape, { ...node.attributes, ...activation });
}

/**
 * An affine map of each channel plus another image.
 * @param a in blocks, as is b
 * @returns undefined where neither is such a map
 */
export function addedInBlocks(graph: PendingGraph, a: Source, b: Source): Source | undefined {
  if (!sameNumbers(a.shape, b.shape)) return undefined;
  for (const [mapped, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const node = affineOf(mapped);
    if (node === undefined || node.inputs.length > 3) continue;
    const [x, factor, offset] = node.inputs;
    return addInBlocks(graph, 'Conv', [x, factor, offset, other], mapped.shape, node.attributes);
  }
  return undefined;
}

/**
 * A convolution with a bias.
 * @param image what the convolution gave, logically [N, H, W, C]
 * @param bias one number for each channel
 * @returns undefined where they are not that
 */
export function biasedInBlocks(graph: PendingGraph, image: Traced, bias: Traced): Traced | undefined {
  const blocks = knownBlocks(image.source);
  const node = blocks && convolutionOf(blocks);
  const channels = image.source.shape[1];
  if (node === undefined || node.inputs.length > 2 || affineOf(blocks!) !== undefined) return undefined;
  const isVector = bias.type === 'float32' && sizeOf(bias.source.shape) === channels && bias.shape.at(-1) === channels;
  if (!isVector || bias.shape.length > 4 || image.order[1] !== 3) return undefined;
  const offset = filledVector(graph, reshape(graph, bias.source, [channels!]));
  const biased = addInBlocks(graph, 'Conv', [...node.inputs, offset], blocks!.shape, node.attributes);
  return { ...image, source: fromBlocks(graph, biased, channels!) };
}
