import {
  type BatchToSpaceNDAttrs,
  backend_util,
  type DepthToSpaceAttrs,
  type SpaceToBatchNDAttrs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { pad } from '../emit.js';
import { padTraced, sliceTraced, transposeTraced } from '../moveTraced.js';
import type { PendingGraph } from '../pendingGraph.js';
import { reshapeTraced } from '../reshapeTraced.js';
import type { Traced } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

/** Splits axes, moves the parts, and joins them again. */
function regroup(
  graph: PendingGraph,
  x: Traced,
  split: readonly number[],
  perm: readonly number[],
  joined: readonly number[],
): Traced {
  return reshapeTraced(graph, transposeTraced(reshapeTraced(graph, x, split), perm), joined);
}

function batchToSpace(graph: PendingGraph, x: Traced, { blockShape, crops }: BatchToSpaceNDAttrs): Traced {
  const shape = [...x.shape];
  const [blocks, elements] = [blockShape.length, sizeOf(blockShape)];
  const split = backend_util.getReshaped(shape, blockShape, elements);
  const joined = backend_util.getReshapedPermuted(shape, blockShape, elements);
  const whole = regroup(graph, x, split, backend_util.getPermuted(split.length, blocks), joined);
  const begin = backend_util.getSliceBeginCoords(crops, blocks);
  while (begin.length < joined.length) begin.push(0);
  const size = backend_util.getSliceSize(joined, crops, blocks);
  return sliceTraced(
    graph,
    whole,
    begin,
    begin.map((start, axis) => start + (size[axis] ?? joined[axis]!)),
  );
}

function spaceToBatch(graph: PendingGraph, x: Traced, { blockShape, paddings }: SpaceToBatchNDAttrs): Traced {
  const elements = sizeOf(blockShape);
  const all = x.shape.map((_, axis): [number, number] => {
    const [before, after] = paddings[axis - 1] ?? [0, 0];
    return [before!, after!];
  });
  const padded = padTraced(graph, x, all, (source, before, after) => pad(graph, source, before, after, 0));
  const shape = [...padded.shape];
  const split = backend_util.getReshaped(shape, blockShape, elements, false);
  const perm = backend_util.getPermuted(split.length, blockShape.length, false);
  return regroup(graph, padded, split, perm, backend_util.getReshapedPermuted(shape, blockShape, elements, false));
}

// Depth is (block row, block column, channel), as in TensorFlow.
function depthToSpace(graph: PendingGraph, x: Traced, { blockSize: b, dataFormat }: DepthToSpaceAttrs): Traced {
  const isLast = dataFormat === 'NHWC';
  const [batch, height, width, depth] = (isLast ? [0, 1, 2, 3] : [0, 2, 3, 1]).map((axis) => x.shape[axis]!);
  const channels = depth! / (b * b);
  return isLast
    ? regroup(
        graph,
        x,
        [batch!, height!, width!, b, b, channels],
        [0, 1, 3, 2, 4, 5],
        [batch!, height! * b, width! * b, channels],
      )
    : regroup(
        graph,
        x,
        [batch!, b, b, channels, height!, width!],
        [0, 3, 4, 1, 5, 2],
        [batch!, channels, height! * b, width! * b],
      );
}

/** Kernels that move blocks of pixels to another axis and back. */
export const blockKernels: readonly Kernel[] = [
  kernel<BatchToSpaceNDAttrs>('BatchToSpaceND', (graph, inputs, attributes) =>
    batchToSpace(graph, inputs.get('x'), attributes),
  ),
  kernel<DepthToSpaceAttrs>('DepthToSpace', (graph, inputs, attributes) =>
    depthToSpace(graph, inputs.get('x'), attributes),
  ),
  kernel<SpaceToBatchNDAttrs>('SpaceToBatchND', (graph, inputs, attributes) =>
    spaceToBatch(graph, inputs.get('x'), attributes),
  ),
];
