import {
  backend_util,
  type GatherV2Attrs,
  type SearchSortedAttrs,
  type TensorInfo,
  type TopKAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { binary, cast, reduce, reshape, transpose } from '../emit.js';
import { inOrder, inPlainOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import { elementOf, plainOrder, plainTraced, type Traced, tracedInOrder } from '../traced.js';
import { castTraced, commonType } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

function tensorInfo({ shape, type }: Traced): TensorInfo {
  return { dataId: {}, shape: [...shape], dtype: type };
}

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
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(
    tensorInfo(x),
    tensorInfo(indices),
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

// How many elements of its row stand before a value: [rows, length, 1] against [rows, 1, count].
function searchSorted(graph: PendingGraph, sorted: Traced, values: Traced, side: SearchSortedAttrs['side']): Traced {
  const type = commonType([sorted, values]) === 'float32' ? 'float32' : 'int32';
  const [left, right] = [sorted, values].map((value) => inPlainOrder(graph, castTraced(graph, value, type)));
  const [rows, length] = left!.shape as [number, number];
  const column = reshape(graph, left!, [rows, length, 1]);
  const row = reshape(graph, right!, [rows, 1, right!.shape[1]!]);
  const isBefore = binary(graph, side === 'left' ? 'Less' : 'LessOrEqual', column, row, 'bool');
  return plainTraced(reduce(graph, 'ReduceSum', cast(graph, isBefore, 'int32'), [1]));
}

/** Kernels that read elements at computed positions, or give positions. */
export const gatherKernels: readonly Kernel[] = [
  kernel('GatherNd', (graph, inputs) => {
    const [x, places] = [inputs.get('params'), inputs.get('indices')];
    const [shape] = backend_util.prepareAndValidate(tensorInfo(x), tensorInfo(places));
    const [params, indices] = [inPlainOrder(graph, x), inPlainOrder(graph, places)];
    return plainTraced(graph.add('GatherND', [params, cast(graph, indices, 'int64')], params.type, shape));
  }),
  kernel<GatherV2Attrs>('GatherV2', (graph, inputs, { axis, batchDims }) => {
    const x = inputs.get('x');
    const place = util.parseAxisParam(axis, [...x.shape])[0]!;
    const batches = batchDims ?? 0;
    if (batches === 0) return gatherAxis(graph, x, inputs.get('indices'), place);
    return gatherInBatches(graph, x, inputs.get('indices'), place, batches);
  }),
  kernel<SearchSortedAttrs>('SearchSorted', (graph, inputs, { side }) =>
    searchSorted(graph, inputs.get('sortedSequence'), inputs.get('values'), side),
  ),
  kernel<TopKAttrs>('TopK', (graph, inputs, { k }) => {
    const x = inPlainOrder(graph, inputs.get('x'));
    const shape = [...x.shape.slice(0, -1), k];
    const [values, indices] = graph.addMany(
      'TopK',
      [x, graph.ints([k])],
      [
        { type: x.type, shape },
        { type: 'int64', shape },
      ],
      // Equal elements come in the order of their places only where they are sorted.
      { axis: -1, largest: 1, sorted: 1 },
    );
    return [{ ...plainTraced(values!), type: elementOf(values!) }, plainTraced(cast(graph, indices!, 'int32'))];
  }),
];
