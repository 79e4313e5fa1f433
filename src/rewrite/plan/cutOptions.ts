import type { WidthRules } from './widthRules.js';

export const CUT_SCOPES = ['global', 'local'] as const;
/** `global`: the least worthy units of the whole model go; `local`: the same share of every group. */
export type CutScope = (typeof CUT_SCOPES)[number];

export interface CutOptions extends WidthRules {
  /** What each unit is worth; units with less are cut first. Ties keep the order of the units. */
  readonly importance: ArrayLike<number>;
  /** Whether importance counts by what a unit saves at the widths of the moment; false by default. */
  readonly perSaving?: boolean;
  readonly scope?: CutScope;
}

/** Units, the least important first; ties keep their order. */
export function byImportance(units: readonly number[], importance: ArrayLike<number>): readonly number[] {
  // Infinity − Infinity is no number.
  const order = (a: number, b: number) =>
    importance[a]! < importance[b]! ? -1 : importance[a]! > importance[b]! ? 1 : 0;
  return [...units].sort((a, b) => order(a, b) || a - b);
}
