import type { Target } from '../../cost/cost.js';
import type { UnitWidths } from '../../cost/unitWidths.js';

/** What all targets come to while units of a model go and come back. */
export class TargetLedger {
  private readonly units: UnitWidths;
  private readonly widths: Float64Array;
  private totals: number[];
  private reliefs: readonly ((unit: number) => number)[] | undefined;

  constructor(private readonly targets: readonly Target[]) {
    this.units = targets[0]!.cost.units;
    this.widths = this.units.at(new Uint8Array(this.units.analysis.unitCount).fill(1));
    this.totals = targets.map(({ cost }) => cost.at(this.widths));
  }

  /** How many limits are exceeded, counting every sum that one is for; it falls as units go. 0: all targets hold. */
  get unmet(): number {
    return this.targets.reduce((sum, _, t) => sum + this.unmetOf(t), 0);
  }

  /** Takes units out one by one, or puts them back. */
  apply(units: readonly number[], change: 1 | -1): void {
    for (const unit of units) {
      this.targets.forEach(({ cost }, t) => {
        this.totals[t] = this.totals[t]! + cost.change(this.widths, unit, change);
      });
      this.units.apply(this.widths, unit, change);
    }
    this.reliefs = undefined;
  }

  /** Whether the network can do without units: no group dies with them that it needs. */
  canSpare(units: readonly number[]): boolean {
    for (const unit of units) this.units.apply(this.widths, unit, -1);
    const canSpare = this.isSound;
    for (const unit of units) this.units.apply(this.widths, unit, 1);
    return canSpare;
  }

  /** Puts units back, where all targets hold afterwards. @returns whether they did */
  restore(units: readonly number[]): boolean {
    const before = [...this.totals];
    this.apply(units, 1);
    // What died together may not live alone.
    if (this.unmet === 0 && this.isSound) return true;
    for (const unit of units) this.units.apply(this.widths, unit, -1);
    this.totals = before;
    return false;
  }

  /**
   * What taking units out does for the limits that are exceeded, as a sum of shares of them; of a single target, the
   * saving itself.
   */
  saving(units: readonly number[]): number {
    this.reliefs ??= this.findReliefs();
    let sum = 0;
    for (const unit of units) {
      for (const relief of this.reliefs) sum += relief(unit);
      this.units.apply(this.widths, unit, -1);
    }
    for (const unit of units) this.units.apply(this.widths, unit, 1);
    return sum;
  }

  /**
   * What taking units out at once does for the limits that are exceeded, as `saving` counts it; undefined where the
   * network cannot do without them, or where it is more than is asked for.
   */
  savingAtOnce(units: readonly number[]): number | undefined {
    for (const unit of units) this.units.apply(this.widths, unit, -1);
    const after = this.isSound ? this.targets.map(({ cost }) => cost.at(this.widths)) : undefined;
    for (const unit of units) this.units.apply(this.widths, unit, 1);
    if (after === undefined || after.every((total, t) => total <= this.targets[t]!.limit)) return undefined;
    return after.reduce((sum, total, t) => {
      if (this.unmetOf(t) === 0) return sum;
      return sum + (this.totals[t]! - total) / (this.targets.length === 1 ? 1 : this.targets[t]!.limit);
    }, 0);
  }

  private get isSound(): boolean {
    const left = this.units.leftAt(this.widths);
    return left === undefined || !('obstacle' in left);
  }

  private findReliefs(): readonly ((unit: number) => number)[] {
    return this.targets.flatMap(({ cost, limit }, t) => {
      if (this.unmetOf(t) === 0) return [];
      const relief = cost.relief(this.widths, limit);
      return this.targets.length === 1 ? [relief] : [(unit: number) => relief(unit) / limit];
    });
  }

  private unmetOf(t: number): number {
    const { cost, limit } = this.targets[t]!;
    return cost.unmet(this.widths, limit, this.totals[t]!);
  }
}
