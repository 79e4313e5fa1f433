import { type CumprodAttrs, type CumsumAttrs, util } from '@tensorflow/tfjs-core';
import type { TensorType } from '../elementType.js';
import { binary, concat, filled, slice } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import type { Traced } from '../traced.js';
import { castTraced, mapSource } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

type Scan = (graph: PendingGraph, x: Source, axis: number, attributes: CumsumAttrs) => Source;

function scanKernel(name: string, scan: Scan): Kernel {
  return kernel<CumsumAttrs & CumprodAttrs>(name, (graph, inputs, attributes) => {
    const given = inputs.get('x');
    const type: TensorType = given.type === 'bool' ? 'int32' : given.type;
    const x: Traced = castTraced(graph, given, type);
    const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
    return mapSource({ ...x, source: inOrder(graph, x, x.order) }, (source) =>
      scan(graph, source, x.order.indexOf(axis), attributes),
    );
  });
}

// Each round doubles how many elements the running products hold: log₂ n rounds.
function products(graph: PendingGraph, x: Source, axis: number, { exclusive, reverse }: CumprodAttrs): Source {
  const length = x.shape[axis]!;
  const shifted = (source: Source, by: number): Source => {
    const part = (from: number, to: number): Source =>
      slice(
        graph,
        source,
        source.shape.map((_, a) => (a === axis ? from : 0)),
        source.shape.map((dim, a) => (a === axis ? to : dim)),
      );
    const ones = filled(
      graph,
      source.type,
      source.shape.map((dim, a) => (a === axis ? by : dim)),
      1,
    );
    return concat(graph, reverse ? [part(by, length), ones] : [ones, part(0, length - by)], axis);
  };
  let running = exclusive && length > 0 ? shifted(x, 1) : x;
  for (let by = 1; by < length; by *= 2) running = binary(graph, 'Mul', running, shifted(running, by));
  return running;
}

/** Running sums and products along an axis. */
export const scanKernels: readonly Kernel[] = [
  scanKernel('Cumprod', products),
  scanKernel('Cumsum', (graph, x, axis, { exclusive, reverse }) =>
    graph.add('CumSum', [x, graph.scalar('int64', axis)], x.type, x.shape, {
      exclusive: exclusive ? 1 : 0,
      reverse: reverse ? 1 : 0,
    }),
  ),
];
