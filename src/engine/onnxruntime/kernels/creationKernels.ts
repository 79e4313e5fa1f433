import type { FillAttrs, LinSpaceAttrs, OneHotAttrs, RangeAttrs } from '@tensorflow/tfjs-core';
import { Tensor } from 'onnxruntime-node';
import { sizeOf, type TensorType, tensorType } from '../elementType.js';
import { binary, cast, reshape, where } from '../emit.js';
import { inPlainOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import { reshapeTraced } from '../reshapeTraced.js';
import { Source } from '../source.js';
import { plainOrder, plainTraced, type Traced } from '../traced.js';
import { castTraced, mapAligned } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

/** Numbers computed on the host; they are fed, so that other numbers do not make another model. */
export function fed(values: Float32Array | Int32Array, shape: readonly number[]): Source {
  const type: TensorType = values instanceof Float32Array ? 'float32' : 'int32';
  return new Source(type, shape, { kind: 'ready', tensor: new Tensor(type, values as Float32Array, shape) });
}

function fill(graph: PendingGraph, { shape, value, dtype }: FillAttrs): Traced {
  if (typeof value === 'string') throw new Error('onnxruntime backend: Fill with a string is not supported');
  const type = tensorType(dtype ?? 'float32');
  const source = graph.constant(
    type,
    shape.map(() => 1),
    [value],
  );
  return { source, type, shape, order: plainOrder(shape.length) };
}

function linSpace({ start, stop, num }: LinSpaceAttrs): Traced {
  const step = num > 1 ? (stop - start) / (num - 1) : 0;
  return plainTraced(
    fed(
      Float32Array.from({ length: num }, (_, i) => start + i * step),
      [num],
    ),
  );
}

function range({ start, stop, step, dtype }: RangeAttrs): Traced {
  const runsAway = (start < stop && step < 0) || (stop < start && step > 1);
  const count = start === stop || runsAway ? 0 : Math.abs(Math.ceil((stop - start) / step));
  // tf.js counts down by itself when only the default step of 1 is given.
  const by = stop < start && step === 1 ? -1 : step;
  const values = dtype === 'int32' ? new Int32Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = start + i * by;
  return plainTraced(fed(values, [count]));
}

function oneHot(graph: PendingGraph, indices: Traced, attributes: OneHotAttrs): Traced {
  const { depth, onValue, offValue, dtype } = attributes;
  const type = tensorType(dtype ?? 'int32');
  const compute = type === 'bool' ? 'int32' : type;
  const places = Int32Array.from({ length: depth }, (_, i) => i);
  const classes = plainTraced(graph.constant('int32', [depth], places));
  const column = reshapeTraced(graph, indices, [...indices.shape, 1]);
  const chosen = mapAligned(graph, [column, classes], (index, place) => {
    const isChosen = binary(graph, 'Equal', index!, place!, 'bool');
    return where(graph, isChosen, graph.scalar(compute, onValue), graph.scalar(compute, offValue));
  });
  return type === 'bool' ? { ...chosen, type, source: cast(graph, chosen.source, 'bool') } : chosen;
}

// A row number that is the column number.
function diagonal(graph: PendingGraph, x: Traced): Traced {
  const size = sizeOf(x.shape);
  const places = Int32Array.from({ length: size }, (_, i) => i);
  const isDiagonal = binary(graph, 'Equal', fed(places, [size, 1]), fed(places, [size]), 'bool');
  const number = castTraced(graph, x, x.type === 'bool' ? 'int32' : x.type);
  const square = where(graph, isDiagonal, reshape(graph, inPlainOrder(graph, number), [size]), zero(graph, number));
  return castTraced(graph, plainTraced(reshape(graph, square, [...x.shape, ...x.shape])), x.type);
}

function zero(graph: PendingGraph, like: Traced): Source {
  return graph.scalar(like.source.type, 0);
}

/** Kernels that make values from attributes, or a pattern from few numbers. */
export const creationKernels: readonly Kernel[] = [
  kernel('Diag', (graph, inputs) => diagonal(graph, inputs.get('x'))),
  kernel<FillAttrs>('Fill', (graph, _inputs, attributes) => fill(graph, attributes)),
  kernel<LinSpaceAttrs>('LinSpace', (_graph, _inputs, attributes) => linSpace(attributes)),
  kernel<OneHotAttrs>('OneHot', (graph, inputs, attributes) => oneHot(graph, inputs.get('indices'), attributes)),
  kernel<RangeAttrs>('Range', (_graph, _inputs, attributes) => range(attributes)),
];
