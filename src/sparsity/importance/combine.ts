import { type ChannelAnalysis, isPrunable } from '../../channels/channelAnalysis.js';
import type { Reduction } from './reduction.js';

/** Collects what members say of units. */
export class Combined {
  private readonly sums: Float64Array;
  private readonly largest: Float64Array;
  private readonly counts: Float64Array;

  constructor(unitCount: number) {
    this.sums = new Float64Array(unitCount);
    this.largest = new Float64Array(unitCount);
    this.counts = new Float64Array(unitCount);
  }

  add(units: readonly number[], measures: ArrayLike<number>): void {
    units.forEach((unit, place) => {
      const measure = measures[place]!;
      this.sums[unit] = this.sums[unit]! + measure;
      this.largest[unit] = Math.max(this.largest[unit]!, measure);
      this.counts[unit] = this.counts[unit]! + 1;
    });
  }

  /** Whether any member spoke of a unit. */
  has(unit: number): boolean {
    return this.counts[unit]! > 0;
  }

  get(unit: number, reduction: Reduction): number {
    switch (reduction) {
      case 'mean':
        return this.sums[unit]! / Math.max(1, this.counts[unit]!);
      case 'max':
        return this.largest[unit]!;
      case 'sum':
        return this.sums[unit]!;
    }
  }
}

/**
 * Turns what the units of each group are worth into their shares of the whole group, so that groups compare: a unit
 * among few is worth more than one among many.
 */
export function normalizeGroups({ groups }: ChannelAnalysis, importance: Float64Array): Float64Array {
  for (const { units } of groups.filter(isPrunable)) {
    const whole = units.reduce((sum, unit) => sum + importance[unit]!, 0);
    if (whole > 0) for (const unit of units) importance[unit] = importance[unit]! / whole;
  }
  return importance;
}
