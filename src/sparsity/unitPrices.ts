import type { Target } from '../cost/cost.js';
import type { TargetResource } from '../cost/resource.js';
import type { UnitWidths } from '../cost/unitWidths.js';
import type { UnitNorms } from './penalty.js';
import type { PenaltyLayout } from './penaltyLayout.js';

/** A target with what it costs at one moment. */
export interface TargetState {
  readonly resource: TargetResource;
  /** Cost of the units that are alive, and what it may be at most. */
  readonly aliveCost: number;
  readonly limit: number;
}

export interface PriceOptions {
  /** Whether whole groups may die; false by default. */
  readonly mayDie?: boolean | undefined;
  /** Largest norm of a unit that counts as dead; 0 by default. */
  readonly threshold?: number | undefined;
}

/**
 * What the penalty of each unit is worth while training goes on: which units are alive, what they cost, and how far the
 * penalty would have to pull until they die.
 *
 * A unit with norm n dies when `λ · learning rate`, summed over the steps, comes to `n · dim / w` with
 * `w = Σ ∂cost/∂alive / whole cost` at the present widths, over the targets that do not hold yet: its *price*. Other
 * norms than the Euclidean one say themselves how far they reach, in place of `n · dim`. The
 * dearest unit of each group pays nothing, so that no group can die and cut the path from input to output; where groups
 * may die, those pay in full that the network can do without, all of them together.
 */
export class UnitPrices {
  /** By unit of the layout: its price, infinite for the dearest of each group and for those that cost nothing, 0 for the dead. */
  readonly prices: Float64Array;
  /** By unit of the layout: what it pays, `w`. */
  readonly weights: Float64Array;
  /** By unit of the layout: 1 while it is alive. */
  readonly alive: Uint8Array;
  /** By unit of the analysis: 1 while it is alive. */
  private readonly copies: Uint8Array;
  private readonly mayDie: boolean;
  private readonly threshold: number;
  private readonly units: UnitWidths;
  private readonly wholes: readonly number[];
  private readonly unitsOfGroup: ReadonlyMap<number, readonly number[]>;
  /** Groups that may die, as was found when the last unit died; undefined where that has to be found anew. */
  private mortal: ReadonlySet<number> | undefined;
  private cheapestFirst: readonly number[] = [];
  private totals: readonly number[];

  /**
   * @param targets at least one, all of the model of the layout
   */
  constructor(
    private readonly targets: readonly Target[],
    private readonly layout: PenaltyLayout,
    { mayDie = false, threshold = 0 }: PriceOptions = {},
  ) {
    this.mayDie = mayDie;
    this.threshold = threshold;
    this.units = targets[0]!.cost.units;
    const { analysis } = this.units;
    this.copies = new Uint8Array(analysis.unitCount).fill(1);
    this.wholes = targets.map(({ cost }) => cost.total(this.copies));
    this.totals = this.wholes;
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
    this.unitsOfGroup = byGroup;
  }

  /**
   * How much of the way to the targets is left, of the one that is farthest: 1 at the start, 0 and below where all hold.
   */
  get excess(): number {
    return this.excessOf(this.totals);
  }

  /** The target that is farthest. */
  get worst(): TargetState {
    const excesses = this.totals.map((total, t) => this.excessAt(t, total));
    const t = excesses.indexOf(Math.max(...excesses));
    return this.states[t]!;
  }

  /** All targets, in their order. */
  get states(): readonly TargetState[] {
    return this.targets.map(({ cost: { resource }, limit }, t) => ({ resource, aliveCost: this.totals[t]!, limit }));
  }

  /** What all units pay together: `Σ w_u · n_u`. */
  penalty(norms: ArrayLike<number>): number {
    return this.weights.reduce((sum, weight, u) => sum + weight * norms[u]!, 0);
  }

  /** By unit of the layout: 1 where its group may die now. */
  get mayGo(): Uint8Array {
    const { groupOf } = this.units.analysis;
    return Uint8Array.from(this.layout.units, (unit) => (this.mortal?.has(groupOf[unit]!) === true ? 1 : 0));
  }

  /** Takes up the state of another one, and the norms that it saw last. */
  restore({ alive, mayGo }: Pick<UnitPrices, 'alive' | 'mayGo'>, seen: UnitNorms): void {
    const { groupOf } = this.units.analysis;
    this.alive.set(alive);
    this.layout.units.forEach((unit, u) => {
      this.copies[unit] = alive[u]!;
    });
    // Which of several groups may die hangs on the prices of the moment when that was found.
    this.mortal = new Set([...this.layout.units].filter((_, u) => mayGo[u] === 1).map((unit) => groupOf[unit]!));
    this.observe(seen.norms, seen.reaches);
  }

  /** Takes in the units' norms: units whose norm is at most the threshold are dead from now on. */
  observe(norms: ArrayLike<number>, reaches?: ArrayLike<number>): void {
    const { layout, alive } = this;
    this.bury(norms);
    const widths = this.units.at(this.copies);
    this.totals = this.targets.map(({ cost }) => cost.at(widths));
    this.weights.fill(0);
    for (const [t, { cost, limit }] of this.targets.entries()) {
      if (this.totals[t]! <= limit && this.excess > 0) continue;
      const marginal = cost.marginal(widths, limit);
      layout.units.forEach((unit, u) => {
        this.weights[u] = this.weights[u]! + marginal[unit]! / this.wholes[t]!;
      });
    }
    layout.units.forEach((_, u) => {
      const weight = this.weights[u]!;
      const reach = reaches?.[u] ?? norms[u]! * layout.sizes[u]!;
      const price = weight > 0 ? reach / weight : Number.POSITIVE_INFINITY;
      this.prices[u] = alive[u] === 0 ? 0 : price;
    });
    const dearest = new Map<number, number>();
    for (const [group, units] of this.unitsOfGroup) {
      dearest.set(
        group,
        units.reduce((best, u) => (this.prices[u]! > this.prices[best]! ? u : best)),
      );
    }
    const cheapestGroups = [...dearest].sort(([, a], [, b]) => this.prices[a]! - this.prices[b]!);
    this.mortal ??= this.findMortal(cheapestGroups.map(([group]) => group));
    for (const [group, u] of dearest) {
      if (this.mortal.has(group)) continue;
      this.weights[u] = 0;
      this.prices[u] = Number.POSITIVE_INFINITY;
    }
    this.cheapestFirst = [...alive.keys()]
      .filter((u) => alive[u] === 1)
      .sort((a, b) => this.prices[a]! - this.prices[b]! || a - b);
  }

  /** The price of the dearest unit that dies when the cheapest die one by one until the excess is down to `wanted`. */
  priceFor(wanted: number): number {
    const { layout, prices, targets } = this;
    const widths = this.units.at(this.copies);
    const totals = [...this.totals];
    let price = 0;
    for (const u of this.cheapestFirst) {
      if (this.excessOf(totals) <= wanted || prices[u] === Number.POSITIVE_INFINITY) break;
      price = prices[u]!;
      targets.forEach(({ cost }, t) => {
        totals[t] = totals[t]! + cost.change(widths, layout.units[u]!, -1);
      });
      this.units.apply(widths, layout.units[u]!, -1);
    }
    return price;
  }

  /** Marks the dead. Of a group that was not found to be mortal, the unit of the largest norm always lives. */
  private bury(norms: ArrayLike<number>): void {
    const { alive, copies, layout, threshold } = this;
    const { mortal } = this;
    for (const [group, units] of this.unitsOfGroup) {
      const living = units.filter((u) => alive[u] === 1);
      const dying = living.filter((u) => norms[u]! <= threshold);
      if (dying.length === 0) continue;
      // Of zeros, none is better than the others, and none is trained up again.
      const spared =
        threshold > 0 && dying.length === living.length && mortal?.has(group) !== true
          ? dying.reduce((best, u) => (norms[u]! > norms[best]! ? u : best))
          : undefined;
      for (const u of dying) {
        if (u === spared) continue;
        alive[u] = 0;
        copies[layout.units[u]!] = 0;
        this.mortal = undefined;
      }
    }
  }

  /** Groups that the network can do without, each alone and all together; the first of them come first. */
  private findMortal(groups: readonly number[]): ReadonlySet<number> {
    const mortal = new Set<number>();
    if (!this.mayDie) return mortal;
    const isSound = (copies: Uint8Array) => {
      const left = this.units.leftAt(this.units.at(copies));
      return left === undefined || !('obstacle' in left);
    };
    const without = (copies: Uint8Array, group: number) => {
      const fewer = Uint8Array.from(copies);
      for (const unit of this.units.analysis.groups[group]!.units) fewer[unit] = 0;
      return fewer;
    };
    let all = this.copies;
    for (const group of groups) {
      const fewer = without(all, group);
      if (!isSound(fewer) || !isSound(without(this.copies, group))) continue;
      mortal.add(group);
      all = fewer;
    }
    return mortal;
  }

  private excessOf(totals: readonly number[]): number {
    return totals.reduce((most, total, t) => Math.max(most, this.excessAt(t, total)), Number.NEGATIVE_INFINITY);
  }

  /** A target that the whole network keeps holds for good: costs only fall. */
  private excessAt(t: number, total: number): number {
    const { limit } = this.targets[t]!;
    const way = this.wholes[t]! - limit;
    return way > 0 ? (total - limit) / way : total / limit - 1;
  }
}
