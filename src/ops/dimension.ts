import type { Value } from '../graph/graph.js';
import type { AxisRef } from './relation.js';

/**
 * Where one element of an integer tensor (a shape, say) comes from.
 *
 * - `constant`: element `element` of the constant `value`; a rewrite may change it there.
 * - `axis`: the width of an axis, so it follows a rewrite by itself.
 * - `computed`: element `element` of `value`, calculated from the widths of `sources`. Where none of them is free, a
 *   rewrite may put a number in its place.
 */
export type Dimension =
  | { readonly kind: 'constant'; readonly value: Value; readonly element: number }
  | { readonly kind: 'axis'; readonly axis: AxisRef }
  | {
      readonly kind: 'computed';
      readonly value: Value;
      readonly element: number;
      readonly sources: readonly AxisRef[];
    };

/** The axes whose widths an element depends on. */
function sourcesOf(dimension: Dimension): readonly AxisRef[] {
  switch (dimension.kind) {
    case 'constant':
      return [];
    case 'axis':
      return [dimension.axis];
    case 'computed':
      return dimension.sources;
  }
}

/** The axes whose widths any of the elements depends on, each once. */
export function distinctSources(dimensions: readonly Dimension[]): readonly AxisRef[] {
  const seen = new Map<Value, Set<number>>();
  return dimensions.flatMap(sourcesOf).filter(({ value, axis }) => {
    const axes = seen.get(value) ?? new Set();
    seen.set(value, axes);
    if (axes.has(axis)) return false;
    axes.add(axis);
    return true;
  });
}
