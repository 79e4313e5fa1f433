import type { Node } from '../graph/graph.js';
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

/** What speaks for an axis to carry the units of the products that it is a part of. */
export interface Merit {
  /**
   * How many products the axis is a part of, directly or by a product of its own: heads are one of queries, keys,
   * values and outputs.
   */
  readonly products: number;
  readonly isRepeatable: boolean;
}

/**
 * The merits of axes as they are before any product is settled.
 *
 * @param unrepeatable axes whose positions can be removed, but not repeated
 */
export function productMerit(
  products: readonly Product[],
  table: AxisTable,
  union: PositionUnion,
  unrepeatable: readonly AxisRef[],
): (axis: TrackedAxis) => Merit {
  const rootOf = (ref: AxisRef | number): number | undefined => {
    const axis = typeof ref === 'number' ? undefined : table.find(ref);
    return axis === undefined || axis.width === 0 ? undefined : union.find(axis.base);
  };
  const count = (weightOf: (product: Product) => number): ReadonlyMap<number | undefined, number> => {
    const counts = new Map<number | undefined, number>();
    for (const product of products) {
      for (const part of product.parts) {
        const root = rootOf(part);
        if (root !== undefined) counts.set(root, (counts.get(root) ?? 0) + weightOf(product));
      }
    }
    return counts;
  };
  const direct = count(() => 1);
  const all = count(({ whole }) => 1 + (direct.get(rootOf(whole)) ?? 0));
  const single = new Set<number>();
  for (const ref of unrepeatable) {
    const axis = table.find(ref);
    for (let i = 0; i < (axis?.width ?? 0); i++) single.add(union.find(axis!.base + i));
  }
  return ({ base, width }) => {
    let isRepeatable = true;
    for (let p = base; p < base + width && isRepeatable; p++) isRepeatable = !single.has(union.find(p));
    return { products: width === 0 ? 0 : (all.get(union.find(base)) ?? 0), isRepeatable };
  };
}
