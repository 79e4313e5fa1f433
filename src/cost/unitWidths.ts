import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Collapse, Obstacle } from '../channels/topology/collapse.js';
import { Topology } from '../channels/topology/topology.js';

/** Widths of the tracked axes of a model as a function of how often each unit stands in it. */
export class UnitWidths {
  private positions: readonly ReadonlyMap<number, number>[] | undefined;
  private readonly topology: Topology;
  /** What is left at widths that were asked for, until one of them comes to zero or leaves it. */
  private readonly left = new WeakMap<Float64Array, { readonly of: Collapse | Obstacle | undefined }>();

  constructor(readonly analysis: ChannelAnalysis) {
    this.topology = new Topology(analysis);
  }

  /** For each unit, the axes it has positions on, with their number; found at the first call, totals need none of it. */
  get positionsOf(): readonly ReadonlyMap<number, number>[] {
    this.positions ??= findPositions(this.analysis);
    return this.positions;
  }

  /** Widths of all tracked axes where each unit stands `copies[unit]` times. */
  at(copies: ArrayLike<number>): Float64Array {
    const { table, unitAt } = this.analysis;
    const widths = new Float64Array(table.axes.length);
    for (const axis of table.axes) {
      let width = 0;
      for (let i = 0; i < axis.width; i++) width += copies[unitAt[axis.base + i]!]!;
      widths[axis.index] = width;
    }
    return widths;
  }

  /** Applies `change` copies of a unit to the widths. */
  apply(widths: Float64Array, unit: number, change: number): void {
    let meetsZero = false;
    for (const [axis, count] of this.positionsOf[unit]!) {
      const before = widths[axis]!;
      const after = before + change * count;
      if (before === 0 || after === 0) meetsZero = true;
      widths[axis] = after;
    }
    if (meetsZero && change !== 0) this.left.delete(widths);
  }

  /** Whether `change` copies of a unit let an axis come to zero, or leave it. */
  meetsZero(widths: Float64Array, unit: number, change: number): boolean {
    for (const [axis, count] of this.positionsOf[unit]!) {
      if (change !== 0 && (widths[axis] === 0 || widths[axis]! + change * count === 0)) return true;
    }
    return false;
  }

  /**
   * What is left of the graph at widths that only `apply` has changed; undefined where all axes have positions, an
   * obstacle where it cannot do without those that have none.
   */
  leftAt(widths: Float64Array): Collapse | Obstacle | undefined {
    let found = this.left.get(widths);
    if (found === undefined) {
      found = { of: this.topology.at(widths) };
      this.left.set(widths, found);
    }
    return found.of;
  }

  /** From slopes by axis to slopes by unit. */
  perUnit(slopes: Float64Array): Float64Array {
    return Float64Array.from(this.positionsOf, (counts) => {
      let sum = 0;
      for (const [axis, count] of counts) sum += count * slopes[axis]!;
      return sum;
    });
  }
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
