/** @file Moving elements along logical axes, whatever order they lie in. */
import { slice } from './emit.js';
import { inOrder } from './layout.js';
import type { PendingGraph } from './pendingGraph.js';
import type { Source } from './source.js';
import { type Traced, tracedInOrder } from './traced.js';

/** The value with nothing repeated, lying as it does. */
export function expanded(graph: PendingGraph, value: Traced): Traced {
  return { ...value, source: inOrder(graph, value, value.order) };
}

/** Numbers that belong to logical axes, in the order of the physical ones. */
export function physical<T>(value: Traced, perAxis: readonly T[]): T[] {
  return value.order.map((axis) => perAxis[axis]!);
}

/** Elements `begin[i] … end[i]` (exclusive) of logical axis `i`, every `strides[i]`-th. */
export function sliceTraced(
  graph: PendingGraph,
  value: Traced,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[] = begin.map(() => 1),
): Traced {
  const whole = expanded(graph, value);
  const pick = (perAxis: readonly number[]): number[] => physical(whole, perAxis);
  return tracedInOrder(slice(graph, whole.source, pick(begin), pick(end), pick(strides)), whole.order);
}

/** Adds elements around logical axes; `apply` gets the source and what to add to its physical axes. */
export function padTraced(
  graph: PendingGraph,
  value: Traced,
  paddings: readonly [number, number][],
  apply: (source: Source, before: readonly number[], after: readonly number[]) => Source,
): Traced {
  const whole = expanded(graph, value);
  const pads = physical(whole, paddings);
  const source = apply(
    whole.source,
    pads.map(([before]) => before),
    pads.map(([, after]) => after),
  );
  return tracedInOrder(source, whole.order);
}

/** Logical axis `i` of the result is axis `perm[i]` of the value: nothing moves in memory. */
export function transposeTraced(x: Traced, perm: readonly number[]): Traced {
  const newAxisOf = new Array<number>(perm.length);
  for (const [axis, old] of perm.entries()) newAxisOf[old] = axis;
  return {
    ...x,
    shape: perm.map((axis) => x.shape[axis]!),
    order: x.order.map((axis) => newAxisOf[axis]!),
  };
}
