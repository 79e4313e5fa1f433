import type {
  BincountAttrs,
  DenseBincountAttrs,
  ScatterNdAttrs,
  SparseToDenseAttrs,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { binary, cast, expand, filled, reduce, reshape, slice, where } from '../emit.js';
import { inPlainOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { plainTraced, type Traced } from '../traced.js';
import { castTraced } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

/**
 * Puts updates, or adds them, at places of a tensor.
 * @param indices [count, depth], or [count] for the first axis alone
 * @param updates the rest of the tensor's shape for each index, or one value for all
 */
function scatter(
  graph: PendingGraph,
  into: Source,
  indices: Source,
  updates: Source,
  reduction: 'add' | 'none',
): Source {
  const rank = indices.shape.length;
  const places = rank > 1 ? indices : reshape(graph, indices, [sizeOf(indices.shape), 1]);
  const depth = places.shape[places.shape.length - 1]!;
  const shape = [...places.shape.slice(0, -1), ...into.shape.slice(depth)];
  const isOne = updates.shape.length === 0;
  const values = isOne ? expand(graph, updates, shape) : reshape(graph, updates, shape);
  return graph.add('ScatterND', [into, cast(graph, places, 'int64'), values], into.type, into.shape, { reduction });
}

// ONNX Runtime scatters no truth values.
function asNumbers(graph: PendingGraph, value: Traced): Traced {
  return castTraced(graph, value, value.type === 'bool' ? 'int32' : value.type);
}

/**
 * Sums rows by segments. Rows whose segment does not exist go to one row too many, which is cut off.
 * @param ids the shape of the leading axes of the rows
 */
function segmentSum(graph: PendingGraph, rows: Source, ids: Source, segments: number): Source {
  const last = graph.scalar('int32', segments);
  const isMissing = binary(
    graph,
    'Or',
    binary(graph, 'Less', ids, graph.scalar('int32', 0), 'bool'),
    binary(graph, 'Greater', ids, last, 'bool'),
  );
  const place = reshape(graph, where(graph, isMissing, last, ids), [...ids.shape, 1]);
  const rest = rows.shape.slice(ids.shape.length);
  const sums = scatter(graph, filled(graph, rows.type, [segments + 1, ...rest], 0), place, rows, 'add');
  const starts = sums.shape.map(() => 0);
  return slice(graph, sums, starts, [segments, ...rest]);
}

/** The weights of what is counted; none given means one each. */
function weightsOf(graph: PendingGraph, weights: Traced, x: Traced): Source {
  const given = asNumbers(graph, weights);
  if (sizeOf(weights.shape) > 0) return inPlainOrder(graph, given);
  return filled(graph, given.type, x.shape, 1);
}

// [rows, columns] → [rows, size]: every row counts for itself.
function countRows(graph: PendingGraph, x: Traced, weights: Source, size: number, binaryOutput: boolean): Traced {
  const ids = inPlainOrder(graph, x);
  const [rows, columns] = x.shape as [number, number];
  const places = graph.constant(
    'int32',
    [size],
    Array.from({ length: size }, (_, i) => i),
  );
  const isMet = binary(graph, 'Equal', reshape(graph, ids, [rows, columns, 1]), places, 'bool');
  const met = cast(graph, isMet, weights.type);
  if (binaryOutput) return plainTraced(reduce(graph, 'ReduceMax', met, [1]));
  const counted = binary(graph, 'Mul', met, reshape(graph, weights, [rows, columns, 1]));
  return plainTraced(reduce(graph, 'ReduceSum', counted, [1]));
}

/** Kernels that write elements to computed positions. */
export const scatterKernels: readonly Kernel[] = [
  kernel<BincountAttrs>('Bincount', (graph, inputs, { size }) => {
    const [x, weights] = [inputs.get('x'), inputs.get('weights')];
    return plainTraced(segmentSum(graph, weightsOf(graph, weights, x), inPlainOrder(graph, x), size));
  }),
  kernel<DenseBincountAttrs>('DenseBincount', (graph, inputs, { size, binaryOutput }) => {
    const [x, given] = [inputs.get('x'), inputs.get('weights')];
    const weights = weightsOf(graph, given, x);
    if (x.shape.length === 2) return countRows(graph, x, weights, size, binaryOutput ?? false);
    return plainTraced(segmentSum(graph, weights, inPlainOrder(graph, x), size));
  }),
  kernel<ScatterNdAttrs>('ScatterNd', (graph, inputs, { shape }) => {
    const updates = inPlainOrder(graph, asNumbers(graph, inputs.get('updates')));
    const zeros = filled(graph, updates.type, shape, 0);
    return plainTraced(scatter(graph, zeros, inPlainOrder(graph, inputs.get('indices')), updates, 'add'));
  }),
  kernel<SparseToDenseAttrs>('SparseToDense', (graph, inputs, { outputShape }) => {
    const given = inputs.get('sparseValues');
    const values = inPlainOrder(graph, asNumbers(graph, given));
    const filler = inPlainOrder(graph, castTraced(graph, inputs.get('defaultValue'), asNumbers(graph, given).type));
    const whole = expand(graph, reshape(graph, filler, []), outputShape);
    const places = inPlainOrder(graph, inputs.get('sparseIndices'));
    const indices = places.shape.length === 0 ? reshape(graph, places, [1]) : places;
    return castTraced(graph, plainTraced(scatter(graph, whole, indices, values, 'none')), given.type);
  }),
  kernel('TensorScatterUpdate', (graph, inputs) => {
    const x = inputs.get('tensor');
    const into = inPlainOrder(graph, x);
    const updates = inPlainOrder(graph, castTraced(graph, inputs.get('updates'), x.type));
    return plainTraced(scatter(graph, into, inPlainOrder(graph, inputs.get('indices')), updates, 'none'));
  }),
  kernel<UnsortedSegmentSumAttrs>('UnsortedSegmentSum', (graph, inputs, { numSegments }) =>
    plainTraced(
      segmentSum(
        graph,
        inPlainOrder(graph, inputs.get('x')),
        inPlainOrder(graph, inputs.get('segmentIds')),
        numSegments,
      ),
    ),
  ),
];
