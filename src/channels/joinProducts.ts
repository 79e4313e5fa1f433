import { type Node, nodeLabel } from '../graph/graph.js';
import type { AxisRef } from '../ops/relation.js';
import type { AxisTable, TrackedAxis } from './axisTable.js';
import type { PositionUnion } from './positionUnion.js';

/** `whole` is the row-major product of `parts`. */
export interface Product {
  readonly node: Node;
  readonly whole: AxisRef;
  /** A number is a part of that width that never changes. */
  readonly parts: readonly (AxisRef | number)[];
}

/**
 * Joins the axes of reshapes. Only one part of a product can lose positions and leave the shape rectangular: it
 * carries the units, the others are pinned. Products with one part left to change are settled first, since each may
 * pin parts of others; where several are left, the first one carries.
 *
 * @param runs told which positions continue a block of the one before
 */
export function joinProducts(
  products: readonly Product[],
  table: AxisTable,
  union: PositionUnion,
  runs: PositionUnion,
): void {
  const isPinned = (axis: TrackedAxis) => {
    for (let i = 0; i < axis.width; i++) if (union.reason(axis.base + i) === undefined) return false;
    return true;
  };
  const pin = (axis: TrackedAxis, reason: string, node: Node) => {
    for (let i = 0; i < axis.width; i++) union.pin(axis.base + i, `${nodeLabel(node)}: ${reason}`, node);
  };
  const tracked = (part: AxisRef | number) => (typeof part === 'number' ? part : table.find(part));
  const candidates = (product: Product): readonly TrackedAxis[] =>
    product.parts
      .map(tracked)
      .filter((part): part is TrackedAxis => typeof part === 'object' && part.width > 1 && !isPinned(part));

  const settle = (product: Product) => {
    const whole = table.find(product.whole);
    const parts = product.parts.map(tracked);
    const axes = parts.filter((part): part is TrackedAxis => typeof part === 'object');
    if (whole === undefined || parts.includes(undefined)) {
      for (const axis of [whole, ...axes]) {
        if (axis !== undefined) pin(axis, 'mixes it with the batch', product.node);
      }
      return;
    }
    const carrier = candidates(product)[0] ?? axes.find((axis) => axis.width > 1) ?? axes[0];
    if (carrier === undefined) {
      pin(whole, 'keeps this axis as it is', product.node);
      return;
    }
    const widths = parts.map((part) => (typeof part === 'number' ? part : part!.width));
    const inner = widths.slice(parts.indexOf(carrier) + 1).reduce((size, width) => size * width, 1);
    for (let p = 0; p < whole.width; p++) {
      const carried = carrier.base + (Math.floor(p / inner) % carrier.width);
      union.join(whole.base + p, carried);
      if (p % inner === 0) runs.join(whole.base + p, carried);
      else runs.pin(whole.base + p, 'continues its block');
    }
    for (const axis of axes) {
      if (axis !== carrier) pin(axis, 'keeps it rectangular', product.node);
    }
  };

  let open = [...products];
  while (open.length > 0) {
    const easy = open.filter((product) => candidates(product).length <= 1);
    const now = easy.length > 0 ? easy : open.slice(0, 1);
    for (const product of now) settle(product);
    const settled = new Set(now);
    open = open.filter((product) => !settled.has(product));
  }
}
