/**
 * @file The ONNX operators that kernels are made of, as functions from sources to a source;
 * each infers the shape of its result.
 */
import { type ElementType, onnxTypeCode, sizeOf } from './elementType.js';
import type { PendingGraph } from './pendingGraph.js';
import { type Attributes, Source } from './source.js';
import { plainOrder, sameNumbers } from './traced.js';

/** One operand, result of the same shape, and of the same type unless told. */
export function unary(
  graph: PendingGraph,
  op: string,
  x: Source,
  attributes?: Attributes,
  type: ElementType = x.type,
): Source {
  return graph.add(op, [x], type, x.shape, attributes);
}

/** Two operands with broadcasting, result of the type of `a` unless told. */
export function binary(graph: PendingGraph, op: string, a: Source, b: Source, type: ElementType = a.type): Source {
  return graph.add(op, [a, b], type, broadcastShape(a.shape, b.shape), op === 'Mod' ? modAttributes(a) : undefined);
}

// ONNX wants fmod for floats; for integers its Mod has the sign of the divisor.
function modAttributes(a: Source): Attributes {
  return { fmod: a.type === 'float32' ? 1 : 0 };
}

/** `condition ? a : b`, with broadcasting. */
export function where(graph: PendingGraph, condition: Source, a: Source, b: Source): Source {
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  return graph.add('Where', [condition, a, b], a.type, shape);
}

export function cast(graph: PendingGraph, x: Source, type: ElementType): Source {
  return x.type === type ? x : graph.add('Cast', [x], type, x.shape, { to: onnxTypeCode[type] });
}

/** Same elements, another shape; free where the elements are there already. */
export function reshape(graph: PendingGraph, x: Source, shape: readonly number[]): Source {
  if (sameNumbers(x.shape, shape)) return x;
  switch (x.state.kind) {
    case 'constant':
      return graph.constant(x.type, shape, Array.from(x.state.data, Number));
    case 'inFlight':
    case 'ready':
      return new Source(x.type, shape, { kind: 'alias', of: x });
    case 'alias':
      return new Source(x.type, shape, x.state);
    default:
      return graph.add('Reshape', [x, graph.ints(shape)], x.type, shape, { allowzero: 1 });
  }
}

/** Output axis `p` is input axis `perm[p]`. */
export function transpose(graph: PendingGraph, x: Source, perm: readonly number[]): Source {
  if (sameNumbers(perm, plainOrder(perm.length))) return x;
  const shape = perm.map((axis) => x.shape[axis]!);
  return graph.add('Transpose', [x], x.type, shape, { perm });
}

/** Repeats along axes of size 1 until the shape is reached. */
export function expand(graph: PendingGraph, x: Source, shape: readonly number[]): Source {
  return sameNumbers(x.shape, shape) ? x : graph.add('Expand', [x, graph.ints(shape)], x.type, shape);
}

/** ReduceSum, ReduceMean, … over physical axes, which must not be empty. */
export function reduce(graph: PendingGraph, op: string, x: Source, axes: readonly number[], keepDims = false): Source {
  const shape: number[] = [];
  for (let axis = 0; axis < x.shape.length; axis++) {
    if (!axes.includes(axis)) shape.push(x.shape[axis]!);
    else if (keepDims) shape.push(1);
  }
  return graph.add(op, [x, graph.ints(axes)], x.type, shape, { keepdims: keepDims ? 1 : 0 });
}

const beforeFirst = -(2 ** 31);

/** Elements `starts[i] … ends[i]` (exclusive) of axis `i`, every `steps[i]`-th; all axes are given. */
export function slice(
  graph: PendingGraph,
  x: Source,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Source {
  const shape = starts.map((start, axis) => Math.max(0, Math.ceil((ends[axis]! - start) / steps[axis]!)));
  const axes = starts
    .map((_, axis) => axis)
    .filter((axis) => !(starts[axis] === 0 && steps[axis] === 1 && ends[axis] === x.shape[axis]));
  if (axes.length === 0) return x;
  const pick = (values: readonly number[]): Source => graph.ints(axes.map((axis) => values[axis]!));
  // Going backwards, "before the first element" has no index of its own; ONNX clamps the smallest one to it.
  const clamped = ends.map((end) => (end < 0 ? beforeFirst : end));
  return graph.add('Slice', [x, pick(starts), pick(clamped), graph.ints(axes), pick(steps)], x.type, shape);
}

/** Reverses the order along axes. */
export function flip(graph: PendingGraph, x: Source, axes: readonly number[]): Source {
  const turned = axes.filter((axis) => x.shape[axis]! > 1);
  if (turned.length === 0) return x;
  const all = (value: number): Source => graph.ints(turned.map(() => value));
  return graph.add('Slice', [x, all(-1), all(beforeFirst), graph.ints(turned), all(-1)], x.type, x.shape);
}

export function concat(graph: PendingGraph, parts: readonly Source[], axis: number): Source {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const shape = [...first.shape];
  shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return graph.add('Concat', parts, first.type, shape, { axis });
}

/** Adds `before[i]` and `after[i]` elements around axis `i`: a value, or what a mirror on the edge element shows. */
export function pad(
  graph: PendingGraph,
  x: Source,
  before: readonly number[],
  after: readonly number[],
  value: number,
  mode: 'constant' | 'reflect' = 'constant',
): Source {
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return x;
  const shape = x.shape.map((dim, axis) => before[axis]! + dim + after[axis]!);
  const inputs = [x, graph.ints([...before, ...after])];
  if (mode === 'constant') inputs.push(graph.scalar(x.type, value));
  return graph.add('Pad', inputs, x.type, shape, { mode });
}

/** Matrix product over the last two axes, either operand transposed, batch axes broadcast. */
export function matMul(graph: PendingGraph, a: Source, b: Source, transA = false, transB = false): Source {
  const rankA = a.shape.length;
  const rankB = b.shape.length;
  const rows = a.shape[rankA - (transA ? 1 : 2)]!;
  const columns = b.shape[rankB - (transB ? 2 : 1)]!;
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  if (!transA && !transB) return graph.add('MatMul', [a, b], a.type, shape);
  if (a.type === 'float32') {
    const attributes = { transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
    return graph.add('FusedMatMul', [a, b], a.type, shape, attributes, 'com.microsoft');
  }
  const left = transA ? transpose(graph, a, swapLast(rankA)) : a;
  const right = transB ? transpose(graph, b, swapLast(rankB)) : b;
  return graph.add('MatMul', [left, right], a.type, shape);
}

function swapLast(rank: number): number[] {
  const order = [...plainOrder(rank)];
  order[rank - 1] = rank - 2;
  order[rank - 2] = rank - 1;
  return order;
}

/**
 * The shape two shapes broadcast to.
 * @throws Error when they do not fit
 */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  if (sameNumbers(a, b) || b.length === 0) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new Error(`onnxruntime backend: shapes [${a}] and [${b}] do not broadcast`);
    }
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** A scalar constant repeated to a shape. */
export function filled(graph: PendingGraph, type: ElementType, shape: readonly number[], value: number): Source {
  const scalar = graph.scalar(type, value);
  return sizeOf(shape) === 1 ? reshape(graph, scalar, shape) : expand(graph, scalar, shape);
}
