import { type ArgMaxAttrs, type SumAttrs, util } from '@tensorflow/tfjs-core';
import { reduceBlocks } from '../blocks/channelSums.js';
import { sizeOf, type TensorType } from '../elementType.js';
import { binary, cast, reduce, unary, where } from '../emit.js';
import { inOrder, orderWithout, physicalAxes } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import { reshapeTraced } from '../reshapeTraced.js';
import { elementOf, plainOrder, type Traced } from '../traced.js';
import { castTraced, mapAligned, mapSource } from './elementwise.js';
import { type Kernel, kernel, traceWith } from './kernel.js';

interface ReductionAttrs extends Partial<SumAttrs> {
  /** what Max and Min call their axes */
  readonly reductionIndices?: number | number[];
}

function axisOf({ axis, reductionIndices }: ReductionAttrs): number | number[] | undefined {
  return axis ?? reductionIndices;
}

/** What to do along axes where the value only repeats: multiply by their number, or nothing. */
type RepeatRule = 'multiply' | 'ignore' | 'expand';

/** Reduces over logical axes; what is left keeps lying as it did. */
function reduceTraced(
  graph: PendingGraph,
  op: string,
  value: Traced,
  axes: readonly number[],
  keepDims: boolean,
  rule: RepeatRule,
): Traced {
  if (axes.length === 0) return value;
  const whole: Traced = rule === 'expand' ? { ...value, source: inOrder(graph, value, value.order) } : value;
  const places = physicalAxes(whole, axes);
  const isRepeat = (p: number): boolean => whole.source.shape[p] === 1 && whole.shape[whole.order[p]!] !== 1;
  const count = sizeOf(places.filter(isRepeat).map((p) => whole.shape[whole.order[p]!]!));
  let source = reduceBlocks(graph, op, whole.source, places) ?? reduce(graph, op, whole.source, places);
  if (rule === 'multiply' && count !== 1) source = binary(graph, 'Mul', source, graph.scalar(source.type, count));
  const shape = whole.shape.filter((_, axis) => !axes.includes(axis));
  const reduced: Traced = { source, type: elementOf(source), shape, order: orderWithout(whole.order, axes) };
  if (!keepDims) return reduced;
  return reshapeTraced(
    graph,
    reduced,
    whole.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
  );
}

function reduction(
  name: string,
  op: string,
  rule: RepeatRule,
  types: { readonly compute: (type: TensorType) => TensorType; readonly result: (type: TensorType) => TensorType },
): Kernel {
  return kernel<ReductionAttrs>(name, (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const axis = axisOf(attributes);
    const axes = axis === undefined ? plainOrder(x.shape.length) : util.parseAxisParam(axis, [...x.shape]);
    const y = reduceTraced(
      graph,
      op,
      castTraced(graph, x, types.compute(x.type)),
      axes,
      attributes.keepDims ?? false,
      rule,
    );
    return castTraced(graph, y, types.result(x.type));
  });
}

// Whether ONNX Runtime's extremes see a NaN depends on its place.
function extreme(name: 'Max' | 'Min'): Kernel {
  const number = reduction(name, `Reduce${name}`, 'ignore', { compute: counted, result: same });
  return kernel<ReductionAttrs>(name, (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const largest = number.trace(graph, inputs, attributes) as Traced;
    if (x.type !== 'float32' || largest.source === x.source) return largest;
    const undefinedPlaces = mapSource(x, (source) => unary(graph, 'IsNaN', source, undefined, 'bool'));
    const hasNaN = traceWith(any, graph, { x: undefinedPlaces }, { ...attributes, axis: axisOf(attributes) });
    return mapAligned(graph, [hasNaN, largest], (test, value) =>
      where(graph, test!, graph.scalar('float32', Number.NaN), value!),
    );
  });
}

const counted = (type: TensorType): TensorType => (type === 'bool' ? 'int32' : type);
const same = (type: TensorType): TensorType => type;
const always = (type: TensorType) => (): TensorType => type;

/** NaN is never the extreme whose place is asked for. */
function withoutNaN(graph: PendingGraph, x: Traced, instead: number): Traced {
  if (x.type !== 'float32') return x;
  return mapSource(x, (source) =>
    where(graph, unary(graph, 'IsNaN', source, undefined, 'bool'), graph.scalar('float32', instead), source),
  );
}

function argKernel(name: string, worst: number): Kernel {
  return kernel<ArgMaxAttrs>(name, (graph, inputs, attributes) => {
    const x = withoutNaN(graph, castTraced(graph, inputs.get('x'), counted(inputs.get('x').type)), worst);
    const axis = util.parseAxisParam(attributes.axis, [...x.shape])[0]!;
    const data = inOrder(graph, x, x.order);
    const place = x.order.indexOf(axis);
    const indices = graph.add(
      name,
      [data],
      'int64',
      data.shape.filter((_, p) => p !== place),
      { axis: place, keepdims: 0 },
    );
    return {
      source: cast(graph, indices, 'int32'),
      type: 'int32',
      shape: x.shape.filter((_, logical) => logical !== axis),
      order: orderWithout(x.order, [axis]),
    };
  });
}

const any = reduction('Any', 'ReduceMax', 'ignore', { compute: always('int32'), result: always('bool') });

/** Kernels that reduce axes. */
export const reductionKernels: readonly Kernel[] = [
  reduction('All', 'ReduceMin', 'ignore', { compute: always('int32'), result: always('bool') }),
  any,
  argKernel('ArgMax', Number.NEGATIVE_INFINITY),
  argKernel('ArgMin', Number.POSITIVE_INFINITY),
  extreme('Max'),
  reduction('Mean', 'ReduceMean', 'ignore', { compute: always('float32'), result: always('float32') }),
  extreme('Min'),
  reduction('Prod', 'ReduceProd', 'expand', { compute: counted, result: counted }),
  reduction('Sum', 'ReduceSum', 'multiply', { compute: counted, result: counted }),
];
