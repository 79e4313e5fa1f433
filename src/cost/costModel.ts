import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { CostTerm } from '../ops/costTerm.js';
import { costTerms, termsOf } from './costTerms.js';
import type { Resource } from './resource.js';

interface CompiledTerm {
  readonly coefficient: number;
  /** Indices of tracked axes; the widths of all others are in the coefficient. */
  readonly axes: readonly number[];
}

/**
 * One resource of a model as a function of which units are alive.
 *
 * The report, the penalty and the planner all evaluate the same terms, so they cannot disagree.
 */
export class CostModel {
  private readonly terms: readonly CompiledTerm[];
  /** For each tracked axis, the terms that it is a factor of. */
  private readonly termsOfAxis: readonly (readonly number[])[];
  private positions: readonly ReadonlyMap<number, number>[] | undefined;

  constructor(
    readonly analysis: ChannelAnalysis,
    readonly resource: Resource,
  ) {
    const { model, table } = analysis;
    const compile = ({ coefficient, axes }: CostTerm): CompiledTerm => {
      let factor = coefficient;
      const tracked: number[] = [];
      for (const ref of axes) {
        const axis = table.find(ref);
        if (axis === undefined) factor *= model.typeOf(ref.value).dims[ref.axis] ?? 1;
        else tracked.push(axis.index);
      }
      return { coefficient: factor, axes: tracked };
    };
    this.terms = costTerms(model).flatMap((cost) => termsOf(cost, resource).map(compile));
    const termsOfAxis: number[][] = table.axes.map(() => []);
    this.terms.forEach(({ axes }, term) => {
      for (const axis of new Set(axes)) termsOfAxis[axis]!.push(term);
    });
    this.termsOfAxis = termsOfAxis;
  }

  /** For each unit, the axes it has positions on, with their number; found at the first call, totals need none of it. */
  get positionsOf(): readonly ReadonlyMap<number, number>[] {
    this.positions ??= findPositions(this.analysis);
    return this.positions;
  }

  /** Widths of all tracked axes where each unit stands `copies[unit]` times. */
  widths(copies: ArrayLike<number>): Float64Array {
    const { table, unitAt } = this.analysis;
    const widths = new Float64Array(table.axes.length);
    for (const axis of table.axes) {
      let width = 0;
      for (let i = 0; i < axis.width; i++) width += copies[unitAt[axis.base + i]!]!;
      widths[axis.index] = width;
    }
    return widths;
  }

  /** The cost at given widths. */
  at(widths: Float64Array): number {
    let cost = 0;
    for (const term of this.terms) cost += evaluate(term, widths);
    return cost;
  }

  /** The cost where each unit stands `copies[unit]` times. */
  total(copies: ArrayLike<number>): number {
    return this.at(this.widths(copies));
  }

  /** How the cost changes when a unit's positions grow by `change` copies (−1: it is removed); widths stay. */
  change(widths: Float64Array, unit: number, change: number): number {
    const counts = this.positionsOf[unit]!;
    const touched = new Set<number>();
    for (const axis of counts.keys()) for (const term of this.termsOfAxis[axis]!) touched.add(term);
    let before = 0;
    let after = 0;
    for (const index of touched) {
      const term = this.terms[index]!;
      before += evaluate(term, widths);
      let product = term.coefficient;
      for (const axis of term.axes) product *= widths[axis]! + change * (counts.get(axis) ?? 0);
      after += product;
    }
    return after - before;
  }

  /** Applies `change` copies of a unit to the widths. */
  apply(widths: Float64Array, unit: number, change: number): void {
    for (const [axis, count] of this.positionsOf[unit]!) widths[axis] = widths[axis]! + change * count;
  }

  /** ∂cost/∂alive for each unit: what one more copy of it costs at these widths, to first order. */
  marginal(widths: Float64Array): Float64Array {
    const slope = new Float64Array(widths.length); // ∂cost/∂width per axis
    for (const { coefficient, axes } of this.terms) {
      for (let k = 0; k < axes.length; k++) {
        let product = coefficient;
        for (let j = 0; j < axes.length; j++) if (j !== k) product *= widths[axes[j]!]!;
        slope[axes[k]!] = slope[axes[k]!]! + product;
      }
    }
    return Float64Array.from(this.positionsOf, (counts) => {
      let sum = 0;
      for (const [axis, count] of counts) sum += count * slope[axis]!;
      return sum;
    });
  }
}

function evaluate({ coefficient, axes }: CompiledTerm, widths: Float64Array): number {
  let product = coefficient;
  for (const axis of axes) product *= widths[axis]!;
  return product;
}

function findPositions({ table, unitCount, unitAt }: ChannelAnalysis): readonly ReadonlyMap<number, number>[] {
  const positions: Map<number, number>[] = Array.from({ length: unitCount }, () => new Map());
  for (const axis of table.axes) {
    for (let i = 0; i < axis.width; i++) {
      const counts = positions[unitAt[axis.base + i]!]!;
      counts.set(axis.index, (counts.get(axis.index) ?? 0) + 1);
    }
  }
  return positions;
}
