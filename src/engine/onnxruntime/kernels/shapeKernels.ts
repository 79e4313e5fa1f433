import {
  backend_util,
  type ConcatAttrs,
  type ExpandDimsAttrs,
  type MirrorPadAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  slice_util,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { concat, filled, flip, pad, slice } from '../emit.js';
import { inOrder, physicalAxes } from '../layout.js';
import { expanded, padTraced, physical, sliceTraced, transposeTraced } from '../moveTraced.js';
import type { PendingGraph } from '../pendingGraph.js';
import { reshapeTraced } from '../reshapeTraced.js';
import type { Source } from '../source.js';
import { plainOrder, plainTraced, sameNumbers, type Traced, tracedInOrder } from '../traced.js';
import { castTraced, commonType } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

function joinAxis(graph: PendingGraph, values: readonly Traced[], axis: number): Traced {
  const type = commonType(values);
  const shapes = values.map(({ shape }) => [...shape]);
  backend_util.assertParamsConsistent(shapes, axis);
  const joined = backend_util.computeOutShape(shapes, axis);
  if (sizeOf(joined) === 0) return plainTraced(filled(graph, type, joined, 0));
  const filledValues = values.filter(({ shape }) => sizeOf(shape) > 0);
  if (filledValues.length < 2) return castTraced(graph, filledValues[0]!, type);
  const largest = filledValues.reduce((a, b) => (sizeOf(b.shape) > sizeOf(a.shape) ? b : a));
  const channelsFirst = filledValues.find(({ order }) => !sameNumbers(order, plainOrder(order.length)));
  const order = sameNumbers(largest.order, plainOrder(largest.order.length))
    ? (channelsFirst ?? largest).order
    : largest.order;
  const parts = filledValues.map((value) => inOrder(graph, castTraced(graph, value, type), order));
  return tracedInOrder(concat(graph, parts, order.indexOf(axis)), order);
}

function splitAxis(graph: PendingGraph, value: Traced, axis: number, sizes: readonly number[]): Traced[] {
  const whole = expanded(graph, value);
  const place = whole.order.indexOf(axis);
  const outputs = sizes.map((size) => ({
    type: whole.source.type,
    shape: whole.source.shape.map((dim, p) => (p === place ? size : dim)),
  }));
  if (sizes.length === 1) return [whole];
  const parts = graph.addMany('Split', [whole.source, graph.ints(sizes)], outputs, { axis: place });
  return parts.map((part) => tracedInOrder(part, whole.order));
}

function withAxis(shape: readonly number[], axis: number): number[] {
  return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
}

function withoutAxis(shape: readonly number[], axis: number): number[] {
  return shape.filter((_, index) => index !== axis);
}

// Repeating an axis of size 1 is a view; tf.broadcastTo asks for nothing else.
function tile(graph: PendingGraph, value: Traced, reps: readonly number[]): Traced {
  const shape = value.shape.map((dim, axis) => dim * reps[axis]!);
  if (reps.every((rep, axis) => (rep === 1 || value.shape[axis] === 1) && rep > 0)) return { ...value, shape };
  const whole = expanded(graph, value);
  const source = whole.source;
  const physicalReps = physical(whole, reps);
  const dims = source.shape.map((dim, p) => dim * physicalReps[p]!);
  return tracedInOrder(graph.add('Tile', [source, graph.ints(physicalReps)], source.type, dims), whole.order);
}

function flipTraced(graph: PendingGraph, value: Traced, axes: readonly number[]): Traced {
  const whole = expanded(graph, value);
  return { ...whole, source: flip(graph, whole.source, physicalAxes(whole, axes)) };
}

// ONNX has no mode that repeats the edge element itself.
function symmetricPad(
  graph: PendingGraph,
  source: Source,
  before: readonly number[],
  after: readonly number[],
): Source {
  let padded = source;
  for (let axis = 0; axis < source.shape.length; axis++) {
    if (before[axis] === 0 && after[axis] === 0) continue;
    const { shape } = padded;
    const mirrored = (from: number, to: number): Source => {
      const starts = shape.map((_, a) => (a === axis ? from : 0));
      const ends = shape.map((dim, a) => (a === axis ? to : dim));
      return flip(graph, slice(graph, padded, starts, ends), [axis]);
    };
    const dim = shape[axis]!;
    const parts: Source[] = [];
    if (before[axis]! > 0) parts.push(mirrored(0, before[axis]!));
    parts.push(padded);
    if (after[axis]! > 0) parts.push(mirrored(dim - after[axis]!, dim));
    padded = concat(graph, parts, axis);
  }
  return padded;
}

function stridedSlice(graph: PendingGraph, x: Traced, attributes: StridedSliceAttrs): Traced {
  const info = slice_util.sliceInfo(
    [...x.shape],
    attributes.begin,
    attributes.end,
    attributes.strides,
    attributes.beginMask,
    attributes.endMask,
    attributes.ellipsisMask,
    attributes.newAxisMask,
    attributes.shrinkAxisMask,
  );
  if (info.isIdentity) return reshapeTraced(graph, x, info.finalShape);
  if (sizeOf(info.finalShapeSparse) === 0) {
    return plainTraced(filled(graph, x.source.type, info.finalShape, 0));
  }
  return reshapeTraced(graph, sliceTraced(graph, x, info.begin, info.end, info.strides), info.finalShape);
}

/** Kernels that move elements by position alone. */
export const shapeKernels: readonly Kernel[] = [
  kernel<ConcatAttrs>('Concat', (graph, inputs, { axis }) => {
    const values = inputs.all();
    return joinAxis(graph, values, util.parseAxisParam(axis, [...values[0]!.shape])[0]!);
  }),
  kernel<ExpandDimsAttrs>('ExpandDims', (graph, inputs, { dim }) => {
    const x = inputs.get('input');
    const rank = x.shape.length;
    util.assert(dim >= -rank - 1 && dim <= rank, () => `Axis must be in the interval [${-rank - 1}, ${rank}]`);
    return reshapeTraced(graph, x, withAxis(x.shape, dim < 0 ? rank + 1 + dim : dim));
  }),
  kernel('FlipLeftRight', (graph, inputs) => flipTraced(graph, inputs.get('image'), [2])),
  kernel<MirrorPadAttrs>('MirrorPad', (graph, inputs, { paddings, mode }) =>
    padTraced(graph, inputs.get('x'), paddings, (source, before, after) =>
      mode === 'symmetric'
        ? symmetricPad(graph, source, before, after)
        : pad(graph, source, before, after, 0, 'reflect'),
    ),
  ),
  kernel<PackAttrs>('Pack', (graph, inputs, { axis }) => {
    const values = inputs.all();
    const { shape, type } = values[0]!;
    for (const value of values) {
      util.assertShapesMatch([...shape], [...value.shape], 'All tensors passed to stack must have matching shapes');
      util.assert(type === value.type, () => 'All tensors passed to stack must have matching dtypes');
    }
    const place = axis < 0 ? shape.length + 1 + axis : axis;
    return joinAxis(
      graph,
      values.map((value) => reshapeTraced(graph, value, withAxis(value.shape, place))),
      place,
    );
  }),
  kernel<PadV2Attrs>('PadV2', (graph, inputs, { paddings, constantValue }) =>
    padTraced(graph, inputs.get('x'), paddings, (source, before, after) =>
      pad(graph, source, before, after, constantValue),
    ),
  ),
  kernel<ReshapeAttrs>('Reshape', (graph, inputs, { shape }) => {
    const x = inputs.get('x');
    return reshapeTraced(graph, x, util.inferFromImplicitShape(shape, sizeOf(x.shape)));
  }),
  kernel<ReverseAttrs>('Reverse', (graph, inputs, { dims }) => {
    const x = inputs.get('x');
    return flipTraced(graph, x, util.parseAxisParam(dims, [...x.shape]));
  }),
  kernel<SliceAttrs>('Slice', (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const info = { dataId: {}, shape: [...x.shape], dtype: x.type };
    const [begin, size] = slice_util.parseSliceParams(info, attributes.begin, attributes.size);
    slice_util.assertParamsValid(info, begin!, size!);
    return sliceTraced(
      graph,
      x,
      begin!,
      begin!.map((start, axis) => start + size![axis]!),
    );
  }),
  kernel<SplitVAttrs>('SplitV', (graph, inputs, { numOrSizeSplits, axis }) => {
    const x = inputs.get('x');
    const place = util.parseAxisParam(axis, [...x.shape])[0]!;
    const info = { dataId: {}, shape: [...x.shape], dtype: x.type };
    return splitAxis(graph, x, place, backend_util.prepareSplitSize(info, numOrSizeSplits, place));
  }),
  kernel<StridedSliceAttrs>('StridedSlice', (graph, inputs, attributes) =>
    stridedSlice(graph, inputs.get('x'), attributes),
  ),
  kernel<TileAttrs>('Tile', (graph, inputs, { reps }) => tile(graph, inputs.get('x'), reps)),
  kernel<TransposeAttrs>('Transpose', (_graph, inputs, { perm }) => transposeTraced(inputs.get('x'), perm)),
  kernel<UnpackAttrs>('Unpack', (graph, inputs, { axis }) => {
    const x = inputs.get('value');
    const place = util.parseAxisParam(axis, [...x.shape])[0]!;
    const sizes = new Array<number>(x.shape[place]!).fill(1);
    return splitAxis(graph, x, place, sizes).map((part) => reshapeTraced(graph, part, withoutAxis(x.shape, place)));
  }),
];
