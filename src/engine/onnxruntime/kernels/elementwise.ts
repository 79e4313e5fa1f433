import { fromBlocks, mapBlocks } from '../blocks/blocks.js';
import type { TensorType } from '../elementType.js';
import { broadcastShape, cast } from '../emit.js';
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

/** Applies nodes that work element by element; the value stays as it lies. */
export function mapElements(graph: PendingGraph, value: Traced, apply: (source: Source) => Source): Traced {
  return mapSource(value, (source) => inBothForms(graph, [source], source.shape, (x) => apply(x!)));
}

/** Applies nodes that work element by element to operands that broadcast; the result lies as the largest operand does. */
export function mapAligned(
  graph: PendingGraph,
  values: readonly Traced[],
  apply: (...sources: readonly Source[]) => Source,
): Traced {
  const { sources, order, shape } = align(graph, values);
  const physical = sources.map((source) => source.shape).reduce((a, b) => broadcastShape(a, b));
  const source = inBothForms(graph, sources, physical, apply);
  return { source, type: elementOf(source), shape, order };
}

/** Where an operand is known in blocks of channels, the result is computed so and known so. */
function inBothForms(
  graph: PendingGraph,
  sources: readonly Source[],
  shape: readonly number[],
  apply: (...sources: readonly Source[]) => Source,
): Source {
  const blocks = mapBlocks(graph, sources, shape, apply);
  if (blocks === undefined) return apply(...sources);
  if (blocks.type === 'float32') return fromBlocks(graph, blocks, shape[1]!);
  // Nothing reorders other types: should they be asked for, they are computed from the plain operands.
  const plain = apply(...sources);
  plain.blocks = blocks;
  return plain;
}

/** A value in another element type, with the rules of tf.js: to int truncates, to bool asks for non-zero. */
export function castTraced(graph: PendingGraph, value: Traced, type: TensorType): Traced {
  return value.type === type ? value : mapElements(graph, value, (source) => cast(graph, source, type));
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
