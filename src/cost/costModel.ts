import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Collapse } from '../channels/topology/collapse.js';
import type { Node } from '../graph/graph.js';
import { addSlopes, type CompiledTerm, compileTerm, evaluateTerm } from './compiledTerm.js';
import type { Cost } from './cost.js';
import { costTerms, termsOf } from './costTerms.js';
import { addedTerms, payersOf } from './leftTerms.js';
import type { Resource } from './resource.js';
import { UnitWidths } from './unitWidths.js';

/** The terms that count where groups have died. */
interface LeftTerms {
  /** 1 for each term of the whole network that counts no more. */
  readonly isGone: Uint8Array;
  readonly added: readonly CompiledTerm[];
}

/**
 * A resource that is a sum over the nodes of a model.
 *
 * Where whole groups are dead, the graph that is left counts; where it cannot do without them, their terms alone vanish.
 */
export class CostModel implements Cost {
  private readonly terms: readonly CompiledTerm[];
  /** For each term, the nodes that it is paid for. */
  private readonly payers: readonly (readonly Node[])[];
  private readonly left = new Map<Collapse, LeftTerms>();
  /** For each tracked axis, the terms that it is a factor of. */
  private readonly termsOfAxis: readonly (readonly number[])[];

  constructor(
    readonly analysis: ChannelAnalysis,
    readonly resource: Resource,
    readonly units = new UnitWidths(analysis),
  ) {
    const { model, table } = analysis;
    const all = costTerms(model).flatMap((cost) =>
      termsOf(cost, resource).map((term) => ({ term: compileTerm(analysis, term), payers: payersOf(cost, term) })),
    );
    this.terms = all.map(({ term }) => term);
    this.payers = all.map(({ payers }) => payers);
    const termsOfAxis: number[][] = table.axes.map(() => []);
    this.terms.forEach(({ axes }, term) => {
      for (const axis of new Set(axes)) termsOfAxis[axis]!.push(term);
    });
    this.termsOfAxis = termsOfAxis;
  }

  on(units: UnitWidths): CostModel {
    return new CostModel(units.analysis, this.resource, units);
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
    for (const term of this.termsAt(widths)) cost += evaluateTerm(term, widths);
    return cost;
  }

  total(copies: ArrayLike<number>): number {
    return this.at(this.widths(copies));
  }

  change(widths: Float64Array, unit: number, change: number): number {
    if (this.units.meetsZero(widths, unit, change)) {
      const after = Float64Array.from(widths);
      this.units.apply(after, unit, change);
      return this.at(after) - this.at(widths);
    }
    const counts = this.positionsOf[unit]!;
    const touched = new Set<number>();
    for (const axis of counts.keys()) for (const term of this.termsOfAxis[axis]!) touched.add(term);
    const left = this.leftTerms(widths);
    let before = 0;
    let after = 0;
    const count = (term: CompiledTerm) => {
      before += evaluateTerm(term, widths);
      let product = term.coefficient;
      for (const axis of term.axes) product *= widths[axis]! + change * (counts.get(axis) ?? 0);
      after += product;
    };
    for (const index of touched) if (left?.isGone[index] !== 1) count(this.terms[index]!);
    left?.added.forEach(count);
    return after - before;
  }

  marginal(widths: Float64Array): Float64Array {
    const slopes = new Float64Array(widths.length); // ∂cost/∂width per axis
    for (const term of this.termsAt(widths)) addSlopes(slopes, term, widths);
    return this.units.perUnit(slopes);
  }

  relief(widths: Float64Array): (unit: number) => number {
    return (unit) => 0 - this.change(widths, unit, -1);
  }

  private *termsAt(widths: Float64Array): Iterable<CompiledTerm> {
    const left = this.leftTerms(widths);
    for (const [index, term] of this.terms.entries()) if (left?.isGone[index] !== 1) yield term;
    if (left !== undefined) yield* left.added;
  }

  private leftTerms(widths: Float64Array): LeftTerms | undefined {
    const collapse = this.units.leftAt(widths);
    if (collapse === undefined || 'obstacle' in collapse) return undefined;
    let found = this.left.get(collapse);
    if (found === undefined) {
      const { analysis } = this;
      found = {
        isGone: Uint8Array.from(this.payers, (nodes) => (nodes.every((node) => collapse.removed.has(node)) ? 1 : 0)),
        added: addedTerms(analysis, collapse, this.resource).map((term) => compileTerm(analysis, term)),
      };
      this.left.set(collapse, found);
    }
    return found;
  }

  unmet(_: Float64Array, limit: number, total: number): number {
    return total > limit ? 1 : 0;
  }
}
