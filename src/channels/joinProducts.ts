import { type Node, nodeLabel } from '../graph/graph.js';
import type { AxisRef } from '../ops/relation.js';
import type { AxisTable, TrackedAxis } from './axisTable.js';
import type { PositionUnion } from './positionUnion.js';
import { PositionWatch } from './positionWatch.js';
import { type Merit, type Product, productMerit } from './productMerit.js';

export type { Product } from './productMerit.js';

/** A product of tracked axes, with what speaks for each part to carry the units. */
interface OpenProduct {
  readonly node: Node;
  readonly whole: TrackedAxis;
  readonly parts: readonly (TrackedAxis | number)[];
  readonly axes: readonly TrackedAxis[];
  readonly merits: ReadonlyMap<TrackedAxis, Merit>;
}

/**
 * Joins the axes of reshapes. Only one part of a product can lose positions and leave the shape rectangular: it
 * carries the units, the others are pinned.
 *
 * Products with one part left to change are settled first, since each may pin parts of others, then those of whose
 * parts one alone keeps apart what is apart in the whole (columns that are heads already), and then the neighbours of
 * settled ones. Where several parts are left, that one carries which carries in another product already; then one
 * that keeps apart what is apart in the whole; then that which is a part of most products; then one that can be
 * repeated too; then the widest, which makes the finest units. So heads carry in attention: they run through more
 * reshapes than the columns in them, which a product of activations sums over.
 *
 * Every product is settled once, and looked at again only when an axis of it is pinned.
 *
 * @param runs told which positions continue a block of the one before
 * @param unrepeatable axes whose positions can be removed, but not repeated
 * @returns the parts that carry, where the whole holds them several times one after the other
 */
export function joinProducts(
  products: readonly Product[],
  table: AxisTable,
  union: PositionUnion,
  runs: PositionUnion,
  unrepeatable: readonly AxisRef[],
): readonly { readonly node: Node; readonly axis: TrackedAxis }[] {
  const repeated: { readonly node: Node; readonly axis: TrackedAxis }[] = [];
  const watch = new PositionWatch(union);
  const pin = (axis: TrackedAxis, reason: string, node: Node) => {
    for (let i = 0; i < axis.width; i++) watch.pin(axis.base + i, `${nodeLabel(node)}: ${reason}`, node);
  };
  const meritOf = productMerit(products, table, union, unrepeatable);
  const open: OpenProduct[] = [];
  const twins: { readonly node: Node; readonly axis: TrackedAxis }[] = [];
  const isSame = (a: TrackedAxis, b: TrackedAxis) =>
    a.width === b.width && a.width > 1 && union.find(a.base) === union.find(b.base);
  for (const { node, whole: wholeRef, parts: partRefs } of products) {
    const whole = table.find(wholeRef);
    const parts = partRefs.map((part) => (typeof part === 'number' ? part : table.find(part)));
    const axes = parts.filter((part): part is TrackedAxis => typeof part === 'object');
    if (whole === undefined || parts.includes(undefined)) {
      for (const axis of [whole, ...axes]) if (axis !== undefined) pin(axis, 'mixes it with the batch', node);
    } else if (axes.length === 0) pin(whole, 'keeps this axis as it is', node);
    else {
      // Where two parts are the same channels (each with each, flattened), one would carry what the other pins.
      for (const axis of axes)
        if (axes.some((other) => other !== axis && isSame(axis, other))) twins.push({ node, axis });
      const merits = new Map(axes.map((axis) => [axis, meritOf(axis)]));
      open.push({ node, whole, parts: parts as (TrackedAxis | number)[], axes, merits });
    }
  }

  for (const { node, axis } of twins) pin(axis, 'flattens it with itself', node);

  const carried = new Set<number>();
  const isSettled = new Uint8Array(open.length);
  const settle = (index: number) => {
    if (isSettled[index] === 1) return;
    isSettled[index] = 1;
    const product = open[index]!;
    const { node, whole, axes } = product;
    const carrier = chooseCarrier(product, union, carried);
    const inner = innerWidth(product, carrier);
    if (whole.width > inner * carrier.width) repeated.push({ node, axis: carrier });
    for (let p = 0; p < whole.width; p++) {
      const position = carrier.base + (Math.floor(p / inner) % carrier.width);
      watch.join(whole.base + p, position);
      if (p % inner === 0) runs.join(whole.base + p, position);
      else runs.pin(whole.base + p, 'continues its block');
    }
    for (let p = carrier.base; p < carrier.base + carrier.width; p++) carried.add(union.find(p));
    for (const axis of axes) if (axis !== carrier) pin(axis, 'keeps it rectangular', node);
  };
  /** Settles a product with no choice, or waits until it has none. */
  const review = (index: number) => {
    if (isSettled[index] === 1) return;
    const left = candidates(open[index]!, union);
    const free = [open[index]!.whole, ...left].map((axis) => firstFree(axis, union));
    if (left.length <= 1 || free[0] === undefined) settle(index);
    else for (const position of free) watch.awaitPin(position!, index);
  };
  open.forEach(({ whole, axes }, index) => {
    for (const { base, width } of [whole, ...axes]) if (width > 0) watch.awaitJoin(base, index);
  });
  /** Goes on to what was pinned or joined. */
  const followUp = () => {
    for (;;) {
      const pinned = watch.pinned.pop();
      const joined = pinned === undefined ? watch.joined.pop() : undefined;
      if (pinned !== undefined) review(pinned);
      else if (joined !== undefined) settle(joined);
      else break;
    }
  };
  for (let next = 0; next < open.length; next++) review(next);
  for (let next = 0; next < open.length; next++) {
    followUp();
    if (isSettled[next] === 0 && isDecided(open[next]!, union)) settle(next);
  }
  for (let next = 0; next < open.length; next++) {
    followUp();
    settle(next);
  }
  return repeated;
}

/** The first position that is not pinned. */
function firstFree({ base, width }: TrackedAxis, union: PositionUnion): number | undefined {
  for (let p = base; p < base + width; p++) if (union.reason(p) === undefined) return p;
  return undefined;
}

function candidates({ axes }: OpenProduct, union: PositionUnion): readonly TrackedAxis[] {
  return axes.filter((axis) => axis.width > 1 && firstFree(axis, union) !== undefined);
}

/** Width of all parts further in than `carrier`: so many positions of the whole follow each other with one of it. */
function innerWidth({ parts }: OpenProduct, carrier: TrackedAxis): number {
  const widths = parts.slice(parts.indexOf(carrier) + 1).map((part) => (typeof part === 'number' ? part : part.width));
  return widths.reduce((size, width) => size * width, 1);
}

/** Whether all positions of the whole that belong to one of `axis` are one unit already. */
function keepsApart(product: OpenProduct, axis: TrackedAxis, union: PositionUnion): boolean {
  const { base, width } = product.whole;
  const inner = innerWidth(product, axis);
  const roots = Array.from({ length: axis.width }, (_, i) => union.find(base + i * inner));
  for (let p = 0; p < width; p++) {
    if (union.find(base + p) !== roots[Math.floor(p / inner) % axis.width]) return false;
  }
  return true;
}

/** Whether one alone of the parts that are left keeps apart what is apart in the whole. */
function isDecided(product: OpenProduct, union: PositionUnion): boolean {
  const left = candidates(product, union);
  return left.length > 1 && left.filter((axis) => keepsApart(product, axis, union)).length === 1;
}

/** @param carried sets of positions that carry the units of products already settled */
function chooseCarrier(product: OpenProduct, union: PositionUnion, carried: ReadonlySet<number>): TrackedAxis {
  const left = candidates(product, union);
  if (left.length <= 1) return left[0] ?? product.axes.find(({ width }) => width > 1) ?? product.axes[0]!;
  const carries = ({ base, width }: TrackedAxis) => {
    for (let p = base; p < base + width; p++) if (carried.has(union.find(p))) return true;
    return false;
  };
  const scores = left.map((axis) => {
    const { products, isRepeatable } = product.merits.get(axis)!;
    return [
      Number(carries(axis)),
      Number(keepsApart(product, axis, union)),
      products,
      Number(isRepeatable),
      axis.width,
    ];
  });
  let best = 0;
  scores.forEach((score, i) => {
    const differs = score.findIndex((value, criterion) => value !== scores[best]![criterion]);
    if (differs >= 0 && score[differs]! > scores[best]![differs]!) best = i;
  });
  return left[best]!;
}
