import type { AxisRef } from './relation.js';

/** A cost: `coefficient` times the product of the widths of `axes`. A repeated axis counts as often as it stands. */
export interface CostTerm {
  readonly coefficient: number;
  readonly axes: readonly AxisRef[];
}
