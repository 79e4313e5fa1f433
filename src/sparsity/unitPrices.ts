import type { CostModel } from '../cost/costModel.js';
import type { PenaltyLayout } from './penaltyLayout.js';

/**
 * What the penalty of each unit is worth while training goes on: which units are alive, what they cost, and how far the
 * penalty would have to pull until they die.
 *
 * A unit with norm n dies when `λ · learning rate`, summed over the steps, comes to `n · dim / w` with
 * `w = ∂cost/∂alive / whole cost` at the present widths: its *price*. The dearest unit of each group pays nothing, so
 * that no group can die and cut the path from input to output.
 */
export class UnitPrices {
  /** By unit of the layout: its price, infinite for the dearest of each group, 0 for the dead. */
  readonly prices: Float64Array;
  /** By unit of the layout: what it pays, `w`. */
  readonly weights: Float64Array;
  /** By unit of the layout: 1 while it is alive. */
  readonly alive: Uint8Array;
  /** Cost of the whole network. */
  readonly whole: number;
  /** By unit of the analysis: 1 while it is alive. */
  private readonly copies: Uint8Array;
  private readonly unitsOfGroup: readonly (readonly number[])[];
  private cheapestFirst: readonly number[] = [];
  private costNow: number;

  constructor(
    private readonly cost: CostModel,
    private readonly layout: PenaltyLayout,
  ) {
    const { analysis } = cost;
    this.copies = new Uint8Array(analysis.unitCount).fill(1);
    this.whole = cost.total(this.copies);
    this.costNow = this.whole;
    this.prices = new Float64Array(layout.units.length);
    this.weights = new Float64Array(layout.units.length);
    this.alive = new Uint8Array(layout.units.length).fill(1);
    const byGroup = new Map<number, number[]>();
    layout.units.forEach((unit, u) => {
      const group = analysis.groupOf[unit]!;
      const units = byGroup.get(group);
      if (units === undefined) byGroup.set(group, [u]);
      else units.push(u);
    });
    this.unitsOfGroup = [...byGroup.values()];
  }

  /** Cost of the units that are alive. */
  get aliveCost(): number {
    return this.costNow;
  }

  /** What all units pay together: `Σ w_u · n_u`. */
  penalty(norms: ArrayLike<number>): number {
    return this.weights.reduce((sum, weight, u) => sum + weight * norms[u]!, 0);
  }

  /** Takes in the units' norms: units whose norm is 0 are dead from now on. */
  observe(norms: ArrayLike<number>): void {
    const { cost, layout, alive, copies } = this;
    alive.forEach((isAlive, u) => {
      if (isAlive === 0 || norms[u] !== 0) return;
      alive[u] = 0;
      copies[layout.units[u]!] = 0;
    });
    const widths = cost.widths(copies);
    this.costNow = cost.at(widths);
    const marginal = cost.marginal(widths);
    layout.units.forEach((unit, u) => {
      this.weights[u] = marginal[unit]! / this.whole;
      this.prices[u] = alive[u] === 0 ? 0 : (norms[u]! * layout.sizes[u]!) / Math.max(this.weights[u]!, 1e-12);
    });
    for (const units of this.unitsOfGroup) {
      const dearest = units.reduce((best, u) => (this.prices[u]! > this.prices[best]! ? u : best));
      this.weights[dearest] = 0;
      this.prices[dearest] = Number.POSITIVE_INFINITY;
    }
    this.cheapestFirst = [...alive.keys()]
      .filter((u) => alive[u] === 1)
      .sort((a, b) => this.prices[a]! - this.prices[b]! || a - b);
  }

  /** The price of the dearest unit that dies when the cheapest die one by one until the cost is down to `wanted`. */
  priceFor(wanted: number): number {
    const { cost, layout, prices } = this;
    const widths = cost.widths(this.copies);
    let total = this.costNow;
    let price = 0;
    for (const u of this.cheapestFirst) {
      if (total <= wanted || prices[u] === Number.POSITIVE_INFINITY) break;
      price = prices[u]!;
      total += cost.change(widths, layout.units[u]!, -1);
      cost.apply(widths, layout.units[u]!, -1);
    }
    return price;
  }
}
