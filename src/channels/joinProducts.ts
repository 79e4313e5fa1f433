import { type Node, nodeLabel } from '../graph/graph.js';
import type { AxisRef } from '../ops/relation.js';
import type { AxisTable, TrackedAxis } from './axisTable.js';
import type { PositionUnion } from './positionUnion.js';
import { PositionWatch } from './positionWatch.js';

/** `whole` is the row-major product of `parts`. */
export interface Product {
  readonly node: Node;
  readonly whole: AxisRef;
  /** A number is a part of that width that never changes. */
  readonly parts: readonly (AxisRef | number)[];
}

/** A product of tracked axes, with what speaks for each part to carry the units. */
interface OpenProduct {
  readonly node: Node;
  readonly whole: TrackedAxis;
  readonly parts: readonly (TrackedAxis | number)[];
  readonly axes: readonly TrackedAxis[];
  readonly merit: ReadonlyMap<TrackedAxis, Merit>;
}

interface Merit {
  /** How many products the axis is a part of: heads are one of queries, keys, values and outputs. */
  readonly products: number;
  readonly isRepeatable: boolean;
}

/**
 * Joins the axes of reshapes. Only one part of a product can lose positions and leave the shape rectangular: it
 * carries the units, the others are pinned. Products with one part left to change are settled first, since each may
 * pin parts of others. Where several are left, that part carries which carries in another product; then that which is
 * a part of most products; then one that can be repeated too; then the widest, which makes the finest units. So heads
 * carry in attention, where they run through more reshapes than the columns in them, which a product of activations
 * sums over.
 *
 * Every product is settled once, and looked at again only when an axis of it is pinned.
 *
 * @param runs told which positions continue a block of the one before
 * @param unrepeatable axes whose positions can be removed alone
 */
export function joinProducts(
  products: readonly Product[],
  table: AxisTable,
  union: PositionUnion,
  runs: PositionUnion,
  unrepeatable: readonly AxisRef[],
): void {
  const watch = new PositionWatch(union);
  const pin = (axis: TrackedAxis, reason: string, node: Node) => {
    for (let i = 0; i < axis.width; i++) watch.pin(axis.base + i, `${nodeLabel(node)}: ${reason}`, node);
  };
  const open: OpenProduct[] = [];
  const meritOf = tally(products, table, union, unrepeatable);
  for (const { node, whole: wholeRef, parts: partRefs } of products) {
    const whole = table.find(wholeRef);
    const parts = partRefs.map((part) => (typeof part === 'number' ? part : table.find(part)));
    const axes = parts.filter((part): part is TrackedAxis => typeof part === 'object');
    if (whole === undefined || parts.includes(undefined)) {
      for (const axis of [whole, ...axes]) if (axis !== undefined) pin(axis, 'mixes it with the batch', node);
    } else if (axes.length === 0) pin(whole, 'keeps this axis as it is', node);
    else {
      const merit = new Map(axes.map((axis) => [axis, meritOf(axis)]));
      open.push({ node, whole, parts: parts as (TrackedAxis | number)[], axes, merit });
    }
  }

  const firstFree = ({ base, width }: TrackedAxis): number | undefined => {
    for (let p = base; p < base + width; p++) if (union.reason(p) === undefined) return p;
    return undefined;
  };
  const carried = new Set<number>();
  const carries = ({ base, width }: TrackedAxis): boolean => {
    for (let p = base; p < base + width; p++) if (carried.has(union.find(p))) return true;
    return false;
  };
  const candidates = ({ axes }: OpenProduct) => axes.filter((axis) => axis.width > 1 && firstFree(axis) !== undefined);
  const chooseCarrier = (product: OpenProduct): TrackedAxis => {
    const left = candidates(product);
    if (left.length === 0) return product.axes.find(({ width }) => width > 1) ?? product.axes[0]!;
    const scores = new Map(left.map((axis) => [axis, { carries: carries(axis), ...product.merit.get(axis)! }]));
    return left.reduce((best, axis) => {
      const [a, b] = [scores.get(axis)!, scores.get(best)!];
      if (a.carries !== b.carries) return a.carries ? axis : best;
      if (a.products !== b.products) return a.products > b.products ? axis : best;
      if (a.isRepeatable !== b.isRepeatable) return a.isRepeatable ? axis : best;
      return axis.width > best.width ? axis : best;
    });
  };

  const isSettled = new Uint8Array(open.length);
  const settle = (index: number) => {
    isSettled[index] = 1;
    const product = open[index]!;
    const { node, whole, parts, axes } = product;
    const carrier = chooseCarrier(product);
    const widths = parts.map((part) => (typeof part === 'number' ? part : part.width));
    const inner = widths.slice(parts.indexOf(carrier) + 1).reduce((size, width) => size * width, 1);
    for (let p = 0; p < whole.width; p++) {
      const position = carrier.base + (Math.floor(p / inner) % carrier.width);
      watch.join(whole.base + p, position);
      if (p % inner === 0) runs.join(whole.base + p, position);
      else runs.pin(whole.base + p, 'continues its block');
    }
    for (let p = carrier.base; p < carrier.base + carrier.width; p++) carried.add(union.find(p));
    for (const axis of axes) if (axis !== carrier) pin(axis, 'keeps it rectangular', node);
  };

  const ready = watch.touched;
  const review = (index: number) => {
    if (isSettled[index] === 1) return;
    const left = candidates(open[index]!);
    const free = [open[index]!.whole, ...left].map(firstFree);
    if (left.length <= 1 || free[0] === undefined) settle(index);
    else for (const position of free) watch.add(position!, index);
  };
  for (let next = 0; next < open.length; next++) review(next);
  for (let next = 0; next < open.length; next++) {
    while (ready.length > 0) review(ready.pop()!);
    if (isSettled[next] === 0) settle(next);
  }
}

/** Counts, before any is settled, the products that an axis is a part of. */
function tally(
  products: readonly Product[],
  table: AxisTable,
  union: PositionUnion,
  unrepeatable: readonly AxisRef[],
): (axis: TrackedAxis) => Merit {
  const counts = new Map<number, number>();
  for (const { parts } of products) {
    for (const part of parts) {
      const axis = typeof part === 'number' ? undefined : table.find(part);
      if (axis === undefined || axis.width === 0) continue;
      const root = union.find(axis.base);
      counts.set(root, (counts.get(root) ?? 0) + 1);
    }
  }
  const single = new Set<number>();
  for (const ref of unrepeatable) {
    const axis = table.find(ref);
    for (let i = 0; i < (axis?.width ?? 0); i++) single.add(union.find(axis!.base + i));
  }
  return ({ base, width }) => {
    let isRepeatable = true;
    for (let p = base; p < base + width && isRepeatable; p++) isRepeatable = !single.has(union.find(p));
    return { products: width === 0 ? 0 : (counts.get(union.find(base)) ?? 0), isRepeatable };
  };
}
