import {
  backend_util,
  type GatherV2Attrs,
  type ScatterNdAttrs,
  type TensorInfo,
  type TopKAttrs,
  type UnsortedSegmentSumAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { binary, cast, filled, reshape, slice, transpose, where } from '../emit.js';
import { inOrder, inPlainOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { elementOf, plainOrder, plainTraced, type Traced, tracedInOrder } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

// The gathered axis becomes the axes of the indices; the others stay where they lie.
function gatherAxis(graph: PendingGraph, x: Traced, indices: Traced, axis: number): Traced {
  const data = inOrder(graph, x, x.order);
  const index = inPlainOrder(graph, indices);
  const place = x.order.indexOf(axis);
  const added = indices.shape.length;
  const shape = [...data.shape.slice(0, place), ...index.shape, ...data.shape.slice(place + 1)];
  const order = x.order.flatMap((logical) => {
    if (logical === axis) return plainOrder(added).map((i) => axis + i);
    return logical < axis ? [logical] : [logical + added - 1];
  });
  return tracedInOrder(graph.add('Gather', [data, index], data.type, shape, { axis: place }), order);
}

// [batch, outer, dim, rest] and [batch, n] → [batch, outer, n, rest]
function gatherInBatches(graph: PendingGraph, x: Traced, indices: Traced, axis: number, batchDims: number): Traced {
  const info = ({ shape, type }: Traced): TensorInfo => ({ dataId: {}, shape: [...shape], dtype: type });
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(
    info(x),
    info(indices),
    axis,
    batchDims,
  );
  const count = sizeOf(indices.shape) / batchSize;
  const blocks = reshape(graph, inPlainOrder(graph, x), [batchSize, outerSize, dimSize, sliceSize]);
  const rows = transpose(graph, blocks, [0, 2, 1, 3]);
  const index = cast(graph, reshape(graph, inPlainOrder(graph, indices), [batchSize, count, 1]), 'int64');
  const shape = [batchSize, count, outerSize, sliceSize];
  const gathered = graph.add('GatherND', [rows, index], rows.type, shape, { batch_dims: 1 });
  return plainTraced(reshape(graph, transpose(graph, gathered, [0, 2, 1, 3]), outputShape));
}

function scatterAdd(graph: PendingGraph, shape: readonly number[], indices: Source, updates: Source): Source {
  const zeros = filled(graph, updates.type, shape, 0);
  return graph.add('ScatterND', [zeros, cast(graph, indices, 'int64'), updates], updates.type, shape, {
    reduction: 'add',
  });
}

// Rows whose segment does not exist go to one row too many, which is cut off.
function segmentSum(graph: PendingGraph, x: Traced, ids: Traced, segments: number): Traced {
  const rows = inPlainOrder(graph, x);
  const id = inPlainOrder(graph, ids);
  const rank = id.shape.length;
  const last = graph.scalar('int32', segments);
  const isMissing = binary(
    graph,
    'Or',
    binary(graph, 'Less', id, graph.scalar('int32', 0), 'bool'),
    binary(graph, 'Greater', id, last, 'bool'),
  );
  const place = reshape(graph, where(graph, isMissing, last, id), [...id.shape, 1]);
  const rest = rows.shape.slice(rank);
  const sums = scatterAdd(graph, [segments + 1, ...rest], place, rows);
  const starts = sums.shape.map(() => 0);
  return plainTraced(slice(graph, sums, starts, [segments, ...rest]));
}

/** Kernels that move elements by computed positions. */
export const gatherKernels: readonly Kernel[] = [
  kernel('GatherNd', (graph, inputs) => {
    const params = inPlainOrder(graph, inputs.get('params'));
    const indices = inPlainOrder(graph, inputs.get('indices'));
    const depth = indices.shape[indices.shape.length - 1]!;
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
    return plainTraced(graph.add('GatherND', [params, cast(graph, indices, 'int64')], params.type, shape));
  }),
  kernel<GatherV2Attrs>('GatherV2', (graph, inputs, { axis, batchDims }) => {
    const x = inputs.get('x');
    const place = util.parseAxisParam(axis, [...x.shape])[0]!;
    const batches = batchDims ?? 0;
    if (batches === 0) return gatherAxis(graph, x, inputs.get('indices'), place);
    return gatherInBatches(graph, x, inputs.get('indices'), place, batches);
  }),
  kernel<ScatterNdAttrs>('ScatterNd', (graph, inputs, { shape }) => {
    const indices = inPlainOrder(graph, inputs.get('indices'));
    const updates = inPlainOrder(graph, inputs.get('updates'));
    return plainTraced(scatterAdd(graph, shape, indices, updates));
  }),
  kernel<TopKAttrs>('TopK', (graph, inputs, { k, sorted }) => {
    const x = inPlainOrder(graph, inputs.get('x'));
    const shape = [...x.shape.slice(0, -1), k];
    const [values, indices] = graph.addMany(
      'TopK',
      [x, graph.ints([k])],
      [
        { type: x.type, shape },
        { type: 'int64', shape },
      ],
      { axis: -1, largest: 1, sorted: sorted ? 1 : 0 },
    );
    return [{ ...plainTraced(values!), type: elementOf(values!) }, plainTraced(cast(graph, indices!, 'int32'))];
  }),
  kernel<UnsortedSegmentSumAttrs>('UnsortedSegmentSum', (graph, inputs, { numSegments }) =>
    segmentSum(graph, inputs.get('x'), inputs.get('segmentIds'), numSegments),
  ),
];
