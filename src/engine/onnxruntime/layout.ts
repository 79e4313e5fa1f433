/**
 * @file Moving between logical and physical axes. Everything that costs a Transpose is decided here.
 */
import { sizeOf } from './elementType.js';
import { broadcastShape, expand, reshape, transpose } from './emit.js';
import type { PendingGraph } from './pendingGraph.js';
import type { Source } from './source.js';
import { plainOrder, sameNumbers, type Traced } from './traced.js';

/**
 * The value as a source whose physical axes are the logical axes in the wanted order.
 * With `repeats: 'keep'` axes along which the value repeats may stay at size 1.
 */
export function inOrder(
  graph: PendingGraph,
  value: Traced,
  order: readonly number[],
  repeats: 'expand' | 'keep' = 'expand',
): Source {
  const moved = sameNumbers(value.order, order) ? value.source : rearrange(graph, value, order);
  return repeats === 'keep'
    ? moved
    : expand(
        graph,
        moved,
        order.map((axis) => value.shape[axis]!),
      );
}

/** The value as a source in logical order, nothing repeated. */
export function inPlainOrder(graph: PendingGraph, value: Traced): Source {
  return inOrder(graph, value, plainOrder(value.shape.length));
}

// Axes of size 1 lie anywhere, so they never ask for a Transpose.
function rearrange(graph: PendingGraph, value: Traced, order: readonly number[]): Source {
  const { source } = value;
  const placeOf = new Array<number>(order.length);
  for (let p = 0; p < order.length; p++) placeOf[value.order[p]!] = p;
  const perm = order.map((axis) => placeOf[axis]!);
  const shape = perm.map((p) => source.shape[p]!);
  const wide = perm.filter((p) => source.shape[p] !== 1);
  const keepsOrder = wide.every((p, i) => i === 0 || wide[i - 1]! < p);
  return keepsOrder ? reshape(graph, source, shape) : transpose(graph, source, perm);
}

/** Operands of an elementwise operator, brought to one order so that plain ONNX broadcasting is right. */
export interface Aligned {
  readonly sources: readonly Source[];
  readonly order: readonly number[];
  /** the logical shape of the result */
  readonly shape: readonly number[];
}

/**
 * Aligns the operands of an elementwise operator. The largest operand stays as it lies; among equally large ones a
 * channels-first one wins over a plain one, since convolutions will ask for that next.
 */
export function align(graph: PendingGraph, values: readonly Traced[]): Aligned {
  let shape = values[0]!.shape;
  for (let i = 1; i < values.length; i++) shape = broadcastShape(shape, values[i]!.shape);
  const rank = shape.length;

  let leader = values[0]!;
  let largest = -1;
  for (const value of values) {
    const size = sizeOf(value.source.shape);
    const isPlain = sameNumbers(value.order, plainOrder(value.order.length));
    if (
      size > largest ||
      (size === largest && !isPlain && sameNumbers(leader.order, plainOrder(leader.order.length)))
    ) {
      leader = value;
      largest = size;
    }
  }
  const order = orderInRank(leader.order, rank);
  const sources = values.map((value) => {
    const source = broadcastable(graph, value, order, rank);
    return value === leader ? reshape(graph, source, leadingOnes(source.shape, rank)) : source;
  });
  return { sources, order, shape };
}

// numpy broadcasting puts missing axes in front.
function orderInRank(order: readonly number[], rank: number): readonly number[] {
  const missing = rank - order.length;
  if (missing === 0) return order;
  return [...plainOrder(missing), ...order.map((axis) => axis + missing)];
}

function leadingOnes(shape: readonly number[], rank: number): readonly number[] {
  return shape.length === rank ? shape : [...new Array<number>(rank - shape.length).fill(1), ...shape];
}

/** The operand with its axes in the leader's order; leading axes of size 1 are left to broadcasting. */
function broadcastable(graph: PendingGraph, value: Traced, order: readonly number[], rank: number): Source {
  const { source } = value;
  if (sizeOf(source.shape) === 1 && source.shape.length <= rank) return source;
  const own = orderInRank(value.order, rank);
  if (sameNumbers(own, order)) return source;
  const widened = leadingOnes(source.shape, rank);
  const perm = order.map((axis) => own.indexOf(axis));
  const shape = perm.map((p) => widened[p]!);
  const wide = perm.filter((p) => widened[p] !== 1);
  if (wide.every((p, i) => i === 0 || wide[i - 1]! < p)) {
    const firstWide = shape.findIndex((dim) => dim !== 1);
    const lean = firstWide < 0 ? shape.slice(0, 0) : shape.slice(firstWide);
    const isSame = sameNumbers(lean, source.shape.slice(source.shape.length - lean.length));
    return isSame && source.shape.slice(0, source.shape.length - lean.length).every((dim) => dim === 1)
      ? source
      : reshape(graph, source, lean);
  }
  return transpose(graph, reshape(graph, source, widened), perm);
}

/** The physical axes of logical axes. */
export function physicalAxes(value: Traced, axes: readonly number[]): number[] {
  return axes.map((axis) => value.order.indexOf(axis)).sort((a, b) => a - b);
}

/** The order that is left when logical axes are removed. */
export function orderWithout(order: readonly number[], axes: readonly number[]): readonly number[] {
  const kept = order.filter((axis) => !axes.includes(axis));
  return kept.map((axis) => axis - axes.filter((gone) => gone < axis).length);
}
