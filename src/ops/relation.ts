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
 * - `contract`: a tie, and the operator sums over it: removing a position equals zeroing it in `weight`, or in `data`
 *   where the weight is calculated; then positions cannot be repeated. With `groups`, each of so many equal parts of
 *   `data` meets the whole of `weight` (a grouped convolution), and all parts lose the same positions.
 * - `cycle`: `axis` is made of `times` equal parts that lose the same positions (the outputs of a grouped convolution).
 * - `concat`: position `offset(k) + i` of `whole` with position i of `parts[k]`.
 * - `product`: `whole` is the row-major product of `parts`: position `(i₀·n₁ + i₁)·n₂ + …` with `(i₀, i₁, …)`.
 *   One of the parts carries the units, so that the shape stays rectangular. A number is a part of that width that
 *   never changes: the groups of a convolution, the gates of an LSTM.
 * - `blocks`: each part holds `count` blocks of `size` positions, one after the other, from position `from` on. Block i
 *   of every part is one unit: a head of attention, with its columns among queries, keys, values and outputs.
 * - `take`: position i of `to` with position `indices[i]` of `from`.
 * - `restrict`: the node calculates over the whole of `axis` (a mean, a norm), so that its result without some positions
 *   is not its result with zeros in their place: the proof restricts the node to the kept positions. Positions can be
 *   removed, but not repeated.
 * - `literal`: the width of `axis` is written in element `element` of the constant `value`, which reaches the operator
 *   through shape arithmetic: a rewrite changes it there, so all who read it must agree.
 * - `pin`: nothing on this axis may be removed or repeated.
 */
export type Relation =
  | { readonly kind: 'tie'; readonly a: AxisRef; readonly b: AxisRef }
  | { readonly kind: 'contract'; readonly data: AxisRef; readonly weight: AxisRef; readonly groups?: number }
  | { readonly kind: 'cycle'; readonly axis: AxisRef; readonly times: number }
  | { readonly kind: 'concat'; readonly whole: AxisRef; readonly parts: readonly AxisRef[] }
  | { readonly kind: 'product'; readonly whole: AxisRef; readonly parts: readonly (AxisRef | number)[] }
  | { readonly kind: 'blocks'; readonly count: number; readonly parts: readonly BlockPart[] }
  | { readonly kind: 'take'; readonly from: AxisRef; readonly to: AxisRef; readonly indices: readonly number[] }
  | { readonly kind: 'restrict'; readonly axis: AxisRef }
  | { readonly kind: 'literal'; readonly axis: AxisRef; readonly value: Value; readonly element: number }
  | { readonly kind: 'pin'; readonly axis: AxisRef; readonly reason: string };

/** Where on an axis a row of blocks lies; `from` is the first position. */
export interface BlockPart {
  readonly axis: AxisRef;
  readonly from: number;
  readonly size: number;
}

/** The axes that a relation speaks of. */
export function axesOfRelation(relation: Relation): readonly AxisRef[] {
  switch (relation.kind) {
    case 'tie':
      return [relation.a, relation.b];
    case 'contract':
      return [relation.data, relation.weight];
    case 'cycle':
      // It joins positions of one axis, which hangs together with others by another relation.
      return [];
    case 'concat':
      return [relation.whole, ...relation.parts];
    case 'product':
      return [relation.whole, ...relation.parts].filter((part) => typeof part !== 'number');
    case 'blocks':
      return relation.parts.map(({ axis }) => axis);
    case 'take':
      return [relation.from, relation.to];
    case 'restrict':
      // Where the axis is reduced, no other relation speaks of it.
      return [relation.axis];
    case 'literal':
      // It says where the width is written, not how the positions hang together.
      return [];
    case 'pin':
      return [relation.axis];
  }
}
