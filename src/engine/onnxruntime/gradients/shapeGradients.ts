import {
  type ConcatAttrs,
  concat,
  expandDims,
  type GatherV2Attrs,
  type GradConfig,
  gather,
  gatherND,
  greaterEqual,
  maximum,
  type PackAttrs,
  type PadV2Attrs,
  pad,
  type Rank,
  type ReverseAttrs,
  reshape,
  reverse,
  type SliceAttrs,
  type SplitVAttrs,
  scalar,
  scatterND,
  slice,
  slice_util,
  split,
  stack,
  sum,
  type Tensor,
  type TileAttrs,
  type TransposeAttrs,
  transpose,
  type UnpackAttrs,
  type UnsortedSegmentSumAttrs,
  unsortedSegmentSum,
  unstack,
  util,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { flat, gradient, gradientOfList } from './gradient.js';

// Splits every axis into (repetition, element) and sums over the repetitions.
function tileGradient(dy: Tensor, shape: readonly number[], reps: readonly number[]): Tensor {
  const blocks = shape.flatMap((dim, axis) => [reps[axis]!, dim]);
  const repetitions = shape.map((_, axis) => 2 * axis).filter((axis) => blocks[axis] !== 1);
  if (repetitions.length === 0) return reshape(dy, [...shape]);
  return reshape(sum(reshape(dy, blocks), repetitions), [...shape]);
}

// Rows go back to where they were taken from; the gathered axis comes first for that.
function gatherGradient(dy: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const count = indices.rank;
  const gathered = Array.from({ length: count }, (_, i) => axis + i);
  const others = dy.shape.map((_, i) => i).filter((i) => !gathered.includes(i));
  const rest = x.shape.filter((_, i) => i !== axis);
  const rows = reshape(transpose(dy, [...gathered, ...others]), [indices.size, ...rest]);
  const summed = unsortedSegmentSum(rows, reshape<Rank.R1>(indices, [indices.size]), x.shape[axis]!);
  const back = x.shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i));
  return transpose(summed, back);
}

function gatherInBatchesGradient(dy: Tensor, x: Tensor, indices: Tensor, axis: number, batchDims: number): Tensor {
  const batches = x.shape.slice(0, batchDims);
  const batch = util.sizeFromShape(batches);
  const flatX = reshape(x, [batch, ...x.shape.slice(batchDims)]);
  const flatDy = reshape(dy, [batch, ...dy.shape.slice(batchDims)]);
  const flatIndices = reshape(indices, [batch, ...indices.shape.slice(batchDims)]);
  const [xs, dys, ids] = [flatX, flatDy, flatIndices].map((tensor) => unstack(tensor));
  const parts = xs!.map((part, i) => gatherGradient(dys![i]!, part, ids![i]!, axis - batchDims));
  return reshape(stack(parts), x.shape);
}

/** Gradients of kernels that move elements. */
export const shapeGradients: readonly GradConfig[] = [
  gradient<ConcatAttrs>('Concat', { allInputs: true }, (dy, saved, { axis }) => {
    const place = util.parseAxisParam(axis, saved[0]!.shape)[0]!;
    const parts = split(
      dy,
      saved.map(({ shape }) => shape[place]!),
      place,
    );
    return Object.fromEntries(parts.map((part, i) => [String(i), () => part]));
  }),
  gradient('ExpandDims', { inputs: ['input'] }, (dy, [input]) => ({ input: () => reshape(dy, input!.shape) })),
  gradient('GatherNd', { inputs: ['params', 'indices'] }, (dy, [params, indices]) => ({
    params: () => scatterND(indices!, dy, params!.shape as [number, number]),
  })),
  gradient<GatherV2Attrs>('GatherV2', { inputs: ['x', 'indices'] }, (dy, [x, indices], { axis, batchDims }) => ({
    x: () => {
      const place = util.parseAxisParam(axis, x!.shape)[0]!;
      return batchDims > 0
        ? gatherInBatchesGradient(dy, x!, indices!, place, batchDims)
        : gatherGradient(dy, x!, indices!, place);
    },
  })),
  flat('OneHot', 'indices'),
  gradient<PackAttrs>('Pack', {}, (dy, _saved, { axis }) => {
    const parts = unstack(dy, axis);
    return Object.fromEntries(parts.map((part, i) => [String(i), () => part]));
  }),
  gradient<PadV2Attrs>('PadV2', { inputs: ['x'] }, (dy, [x], { paddings }) => ({
    x: () =>
      slice(
        dy,
        paddings.map(([before]) => before),
        x!.shape,
      ),
  })),
  gradient('Reshape', { inputs: ['x'] }, (dy, [x]) => ({ x: () => reshape(dy, x!.shape) })),
  gradient<ReverseAttrs>('Reverse', {}, (dy, _saved, { dims }) => ({ x: () => reverse(dy, dims) })),
  gradient('ScatterNd', { inputs: ['indices'] }, (dy, [indices]) => ({
    updates: () => gatherND(dy, indices!),
  })),
  gradient<SliceAttrs>('Slice', { inputs: ['x'] }, (dy, [x], attributes) => ({
    x: () => {
      const [begin, size] = slice_util.parseSliceParams(x!, attributes.begin, attributes.size);
      const paddings = begin!.map((before, axis): [number, number] => [
        before,
        x!.shape[axis]! - before - size![axis]!,
      ]);
      return pad(dy, paddings);
    },
  })),
  gradientOfList<SplitVAttrs>('SplitV', {}, (dys, _saved, { axis }) => ({ x: () => concat([...dys], axis) })),
  gradient<TileAttrs>('Tile', { inputs: ['x'] }, (dy, [x], { reps }) => ({
    x: () => tileGradient(dy, x!.shape, reps),
  })),
  gradient<TransposeAttrs>('Transpose', {}, (dy, _saved, { perm }) => ({
    x: () =>
      transpose(
        dy,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
  })),
  gradientOfList<UnpackAttrs>('Unpack', {}, (dys, _saved, { axis }) => ({ value: () => stack([...dys], axis) })),
  gradient<UnsortedSegmentSumAttrs>('UnsortedSegmentSum', { inputs: ['segmentIds'] }, (dy, [ids]) => ({
    x: () => {
      const rows = gather(dy, maximum(ids!, scalar(0, 'int32')));
      let isKept = greaterEqual(ids!, 0);
      while (isKept.rank < rows.rank) isKept = expandDims(isKept, isKept.rank);
      return where(isKept, rows, zerosLike(rows));
    },
  })),
];
