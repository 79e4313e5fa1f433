import type { TargetResource } from './resource.js';
import type { UnitWidths } from './unitWidths.js';

/**
 * A resource of a model as a function of which units are alive. It never falls where a width grows.
 *
 * The report, the penalty and the planner all evaluate the same terms, so they cannot disagree.
 */
export interface Cost {
  readonly resource: TargetResource;
  readonly units: UnitWidths;
  /** The same cost of another form of the model. */
  on(units: UnitWidths): Cost;
  /** The cost at given widths of the tracked axes. */
  at(widths: Float64Array): number;
  /** The cost where each unit stands `copies[unit]` times. */
  total(copies: ArrayLike<number>): number;
  /** How the cost changes when a unit's positions grow by `change` copies (−1: it is removed); widths stay. */
  change(widths: Float64Array, unit: number, change: number): number;
  /**
   * ∂cost/∂alive for each unit: what one more copy of it costs at these widths, to first order.
   *
   * A cost that is the largest of several sums has the slope of the largest; with a limit, the mean of all that exceed it.
   */
  marginal(widths: Float64Array, limit?: number): Float64Array;
  /**
   * For each unit, what its removal does for the limit, at the widths as they are when the function is called. It holds
   * as long as `unmet` stays the same.
   */
  relief(widths: Float64Array, limit: number): (unit: number) => number;
  /** How many of the sums that the cost is the largest of exceed a limit; `total` is the cost at these widths. */
  unmet(widths: Float64Array, limit: number, total: number): number;
}

/** What a cost may be at most. */
export interface Target {
  readonly cost: Cost;
  readonly limit: number;
}
