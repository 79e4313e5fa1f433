import type { ChannelAnalysis } from '../channels/channelAnalysis.js';

/** Widths of the tracked axes of a model as a function of how often each unit stands in it. */
export class UnitWidths {
  private positions: readonly ReadonlyMap<number, number>[] | undefined;

  constructor(readonly analysis: ChannelAnalysis) {}

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
    for (const [axis, count] of this.positionsOf[unit]!) widths[axis] = widths[axis]! + change * count;
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
