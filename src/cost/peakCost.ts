import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Collapse } from '../channels/topology/collapse.js';
import { addSlopes, evaluateTerm } from './compiledTerm.js';
import type { Cost } from './cost.js';
import { PeakActivation } from './peakActivation.js';
import { UnitWidths } from './unitWidths.js';

interface Peak {
  readonly activation: PeakActivation;
  /** For each tracked axis, the values that have it. */
  readonly valuesOfAxis: readonly (readonly number[])[];
}

function peakOf(analysis: ChannelAnalysis, collapse?: Collapse): Peak {
  const activation = new PeakActivation(analysis, collapse);
  const valuesOfAxis: number[][] = analysis.table.axes.map(() => []);
  activation.values.forEach(({ axes }, value) => {
    for (const axis of new Set(axes)) valuesOfAxis[axis]!.push(value);
  });
  return { activation, valuesOfAxis };
}

/**
 * The peak of the activations as a cost: not a sum but the largest of many, one for each node while it runs. A limit
 * holds where all of them keep it, so what counts for it are the nodes that exceed it.
 */
export class PeakCost implements Cost {
  readonly resource = 'peakActivationBytes';
  private readonly whole: Peak;
  private readonly left = new Map<Collapse, Peak>();

  constructor(
    analysis: ChannelAnalysis,
    readonly units = new UnitWidths(analysis),
  ) {
    this.whole = peakOf(analysis);
  }

  on(units: UnitWidths): PeakCost {
    return new PeakCost(units.analysis, units);
  }

  at(widths: Float64Array): number {
    return this.peakAt(widths).activation.at(widths).bytes;
  }

  total(copies: ArrayLike<number>): number {
    return this.at(this.units.at(copies));
  }

  change(widths: Float64Array, unit: number, change: number): number {
    const before = this.at(widths);
    const after = Float64Array.from(widths);
    this.units.apply(after, unit, change);
    return this.at(after) - before;
  }

  marginal(widths: Float64Array, limit = Number.POSITIVE_INFINITY): Float64Array {
    const exceeding = this.exceeding(widths, limit);
    const all = exceeding.at(-1)!;
    const slopes = new Float64Array(widths.length);
    for (const value of this.peakAt(widths).activation.values) {
      const share = (exceeding[value.last + 1]! - exceeding[value.first]!) / all;
      if (share > 0) addSlopes(slopes, value, widths, share);
    }
    return this.units.perUnit(slopes);
  }

  relief(widths: Float64Array, limit: number): (unit: number) => number {
    const exceeding = this.exceeding(widths, limit);
    const all = exceeding.at(-1)!;
    const { activation, valuesOfAxis } = this.peakAt(widths);
    return (unit) => {
      const counts = this.units.positionsOf[unit]!;
      const touched = new Set<number>();
      for (const axis of counts.keys()) for (const value of valuesOfAxis[axis]!) touched.add(value);
      let sum = 0;
      for (const index of touched) {
        const value = activation.values[index]!;
        const share = (exceeding[value.last + 1]! - exceeding[value.first]!) / all;
        if (share === 0) continue;
        let after = value.coefficient;
        for (const axis of value.axes) after *= widths[axis]! - (counts.get(axis) ?? 0);
        sum += share * (evaluateTerm(value, widths) - after);
      }
      return sum;
    };
  }

  unmet(widths: Float64Array, limit: number): number {
    return this.peakAt(widths)
      .activation.alive(widths)
      .reduce((count, bytes) => (bytes > limit ? count + 1 : count), 0);
  }

  /** Where groups are dead, the graph that is left counts. */
  private peakAt(widths: Float64Array): Peak {
    const collapse = this.units.leftAt(widths);
    if (collapse === undefined || 'obstacle' in collapse) return this.whole;
    let found = this.left.get(collapse);
    if (found === undefined) {
      found = peakOf(this.units.analysis, collapse);
      this.left.set(collapse, found);
    }
    return found;
  }

  /** Before each node and after the last, how many nodes exceed the limit; only the peak counts where none does. */
  private exceeding(widths: Float64Array, limit: number): Float64Array {
    const alive = this.peakAt(widths).activation.alive(widths);
    const above = alive.some((bytes) => bytes > limit) ? limit : undefined;
    const top = above === undefined ? alive.reduce((best, bytes, step) => (bytes > alive[best]! ? step : best), 0) : -1;
    const counts = new Float64Array(alive.length + 1);
    alive.forEach((bytes, step) => {
      const counted = above === undefined ? step === top : bytes > above;
      counts[step + 1] = counts[step]! + (counted ? 1 : 0);
    });
    return counts;
  }
}
