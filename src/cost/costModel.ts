import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import { addSlopes, type CompiledTerm, compileTerm, evaluateTerm } from './compiledTerm.js';
import type { Cost } from './cost.js';
import { costTerms, termsOf } from './costTerms.js';
import type { Resource } from './resource.js';
import { UnitWidths } from './unitWidths.js';

/** A resource that is a sum over the nodes of a model. */
export class CostModel implements Cost {
  private readonly terms: readonly CompiledTerm[];
  /** For each tracked axis, the terms that it is a factor of. */
  private readonly termsOfAxis: readonly (readonly number[])[];

  constructor(
    readonly analysis: ChannelAnalysis,
    readonly resource: Resource,
    readonly units = new UnitWidths(analysis),
  ) {
    const { model, table } = analysis;
    this.terms = costTerms(model).flatMap((cost) => termsOf(cost, resource).map((term) => compileTerm(analysis, term)));
    const termsOfAxis: number[][] = table.axes.map(() => []);
    this.terms.forEach(({ axes }, term) => {
      for (const axis of new Set(axes)) termsOfAxis[axis]!.push(term);
    });
    this.termsOfAxis = termsOfAxis;
  }

  get positionsOf(): readonly ReadonlyMap<number, number>[] {
    return this.units.positionsOf;
  }

  widths(copies: ArrayLike<number>): Float64Array {
    return this.units.at(copies);
  }

  apply(widths: Float64Array, unit: number, change: number): void {
    this.units.apply(widths, unit, change);
  }

  at(widths: Float64Array): number {
    let cost = 0;
    for (const term of this.terms) cost += evaluateTerm(term, widths);
    return cost;
  }

  total(copies: ArrayLike<number>): number {
    return this.at(this.widths(copies));
  }

  change(widths: Float64Array, unit: number, change: number): number {
    const counts = this.positionsOf[unit]!;
    const touched = new Set<number>();
    for (const axis of counts.keys()) for (const term of this.termsOfAxis[axis]!) touched.add(term);
    let before = 0;
    let after = 0;
    for (const index of touched) {
      const term = this.terms[index]!;
      before += evaluateTerm(term, widths);
      let product = term.coefficient;
      for (const axis of term.axes) product *= widths[axis]! + change * (counts.get(axis) ?? 0);
      after += product;
    }
    return after - before;
  }

  marginal(widths: Float64Array): Float64Array {
    const slopes = new Float64Array(widths.length); // ∂cost/∂width per axis
    for (const term of this.terms) addSlopes(slopes, term, widths);
    return this.units.perUnit(slopes);
  }

  relief(widths: Float64Array): (unit: number) => number {
    return (unit) => 0 - this.change(widths, unit, -1);
  }

  unmet(_: Float64Array, limit: number, total: number): number {
    return total > limit ? 1 : 0;
  }
}
