import { sizeOf } from './elementType.js';
import { reshape } from './emit.js';
import { inPlainOrder } from './layout.js';
import type { PendingGraph } from './pendingGraph.js';
import { plainOrder, plainTraced, sameNumbers, type Traced } from './traced.js';

/** Axes of the input that become axes of the output: the smallest runs with equal products, without axes of size 1. */
interface Run {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * Reshapes a value. Axes of size 1 come and go, and neighbouring axes merge and split, without a Transpose where the
 * value's layout allows it: flattening [N, 1, 1, C] that lies channels first costs nothing.
 */
export function reshapeTraced(graph: PendingGraph, value: Traced, shape: readonly number[]): Traced {
  if (sameNumbers(value.shape, shape)) return value;
  if (sizeOf(value.source.shape) === 1) {
    const ones = shape.map(() => 1);
    return { ...value, source: reshape(graph, value.source, ones), shape, order: plainOrder(shape.length) };
  }
  const runs = sizeOf(shape) === 0 ? undefined : runsOf(value.shape, shape);
  const wide = runs === undefined ? undefined : physicalRuns(value, runs);
  if (wide === undefined) return plainTraced(reshape(graph, inPlainOrder(graph, value), shape));

  const wideAxes = wide.flatMap((run) => run.to);
  const isPlain = wideAxes.every((axis, i) => i === 0 || wideAxes[i - 1]! < axis);
  const narrow = plainOrder(shape.length).filter((axis) => shape[axis] === 1);
  const order = isPlain ? plainOrder(shape.length) : [...narrow, ...wideAxes];
  const repeats = new Set(wide.flatMap((run) => (isRepeated(value, run) ? run.to : [])));
  const physical = order.map((axis) => (repeats.has(axis) ? 1 : shape[axis]!));
  return { ...value, source: reshape(graph, value.source, physical), shape, order };
}

/** The runs in the order in which the value holds them, or undefined where a run is torn apart in memory. */
function physicalRuns(value: Traced, runs: readonly Run[]): Run[] | undefined {
  const placeOf = (axis: number): number => value.order.indexOf(axis);
  const isWide = (p: number): boolean => value.shape[value.order[p]!] !== 1;
  for (const run of runs) {
    const places = run.from.map(placeOf);
    for (let i = 1; i < places.length; i++) {
      const before = places[i - 1]!;
      const here = places[i]!;
      if (here < before) return undefined;
      for (let p = before + 1; p < here; p++) if (isWide(p)) return undefined;
    }
    const repeated = run.from.filter((axis) => value.source.shape[placeOf(axis)] === 1).length;
    if (repeated !== 0 && repeated !== run.from.length) return undefined;
  }
  return [...runs].sort((a, b) => placeOf(a.from[0]!) - placeOf(b.from[0]!));
}

function isRepeated(value: Traced, run: Run): boolean {
  return value.source.shape[value.order.indexOf(run.from[0]!)] === 1;
}

function runsOf(from: readonly number[], to: readonly number[]): Run[] {
  const wideFrom = plainOrder(from.length).filter((axis) => from[axis] !== 1);
  const wideTo = plainOrder(to.length).filter((axis) => to[axis] !== 1);
  const runs: Run[] = [];
  let i = 0;
  let j = 0;
  while (i < wideFrom.length) {
    const run = { from: [wideFrom[i]!], to: [wideTo[j]!] };
    let m = from[wideFrom[i++]!]!;
    let n = to[wideTo[j++]!]!;
    while (m !== n) {
      if (m < n) {
        run.from.push(wideFrom[i]!);
        m *= from[wideFrom[i++]!]!;
      } else {
        run.to.push(wideTo[j]!);
        n *= to[wideTo[j++]!]!;
      }
    }
    runs.push(run);
  }
  return runs;
}
