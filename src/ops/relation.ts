/** @file What an operator says of its axes: which positions live and die together. */
import type { Value } from '../graph/graph.js';

/** One axis of one value. */
export interface AxisRef {
  readonly value: Value;
  readonly axis: number;
}

/**
 * How axes hang together. Positions are counted from 0; an axis that follows a free dimension has none.
 *
 * - `tie`: position i of `a` with position i of `b`.
 * - `contract`: a tie, and the operator sums over it: removing a position equals zeroing it in `weight`.
 * - `concat`: position `offset(k) + i` of `whole` with position i of `parts[k]`.
 * - `product`: `whole` is the row-major product of `parts`: position `(i₀·n₁ + i₁)·n₂ + …` with `(i₀, i₁, …)`.
 *   One of the parts carries the units, so that the shape stays rectangular.
 * - `take`: position i of `to` with position `indices[i]` of `from`.
 * - `pin`: nothing on this axis may be removed or repeated.
 */
export type Relation =
  | { readonly kind: 'tie'; readonly a: AxisRef; readonly b: AxisRef }
  | { readonly kind: 'contract'; readonly data: AxisRef; readonly weight: AxisRef }
  | { readonly kind: 'concat'; readonly whole: AxisRef; readonly parts: readonly AxisRef[] }
  | { readonly kind: 'product'; readonly whole: AxisRef; readonly parts: readonly AxisRef[] }
  | { readonly kind: 'take'; readonly from: AxisRef; readonly to: AxisRef; readonly indices: readonly number[] }
  | { readonly kind: 'pin'; readonly axis: AxisRef; readonly reason: string };
