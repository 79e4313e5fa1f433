import type { TensorType } from '../elementType.js';
import { cast } from '../emit.js';
import { align } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import type { Traced } from '../traced.js';
import { elementOf } from '../traced.js';

/** Applies nodes that keep the shape; the value stays as it lies. */
export function mapSource(value: Traced, apply: (source: Source) => Source): Traced {
  const source = apply(value.source);
  return { ...value, source, type: elementOf(source) };
}

/** Applies nodes to operands that broadcast; the result lies as the largest operand does. */
export function mapAligned(
  graph: PendingGraph,
  values: readonly Traced[],
  apply: (...sources: readonly Source[]) => Source,
): Traced {
  const { sources, order, shape } = align(graph, values);
  const source = apply(...sources);
  return { source, type: elementOf(source), shape, order };
}

/** A value in another element type, with the rules of tf.js: to int truncates, to bool asks for non-zero. */
export function castTraced(graph: PendingGraph, value: Traced, type: TensorType): Traced {
  return value.type === type ? value : mapSource(value, (source) => cast(graph, source, type));
}

/** float32 over int32 over bool. */
export function commonType(values: readonly Traced[]): TensorType {
  if (values.some(({ type }) => type === 'float32')) return 'float32';
  return values.some(({ type }) => type === 'int32') ? 'int32' : 'bool';
}

/** True for a value that is the constant 1 everywhere. */
export function isOne(value: Traced): boolean {
  const { state } = value.source;
  return state.kind === 'constant' && state.data.length === 1 && Number(state.data[0]) === 1;
}
