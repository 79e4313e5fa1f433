import type { ChannelAnalysis, Group } from '../../channels/channelAnalysis.js';
import { axisSelection } from '../axisSelection.js';
import type { Plan } from './plan.js';

/** What became of the units of a network over several rewrites. */
export class Lineage {
  private constructor(
    private readonly original: ChannelAnalysis,
    /** By unit of the network as it is now: the unit of the original that it comes of; -1 where that is not known. */
    private readonly origins: Int32Array,
    /** By unit of the original: 1 while something of it is left. */
    private readonly left: Uint8Array,
  ) {}

  static of(original: ChannelAnalysis): Lineage {
    const { unitCount } = original;
    return new Lineage(
      original,
      Int32Array.from({ length: unitCount }, (_, unit) => unit),
      new Uint8Array(unitCount).fill(1),
    );
  }

  /**
   * The units of the original of which something is left, as a plan for it; those that were repeated stand once.
   *
   * One of which a part is left stays as a whole: where one group of a grouped convolution remains, its channels can go
   * one by one.
   */
  get plan(): Plan {
    return { copies: Int32Array.from(this.left) };
  }

  /** Units that the original has of a group of the network as it is now. */
  readonly wholeWidth = ({ units }: Group): number => {
    const origin = units.map((unit) => this.origins[unit]!).find((found) => found >= 0);
    if (origin === undefined) return units.length;
    const { groups, groupOf } = this.original;
    return groups[groupOf[origin]!]!.units.length;
  };

  /** After one more rewrite. @param before the network as it is now @param after what the plan made of it */
  follow(before: ChannelAnalysis, plan: Plan, after: ChannelAnalysis): Lineage {
    const seen = new Uint8Array(this.left.length);
    const kept = new Uint8Array(this.left.length);
    this.origins.forEach((origin, unit) => {
      if (origin < 0) return;
      seen[origin] = 1;
      if (plan.copies[unit]! > 0) kept[origin] = 1;
    });
    // What has gone with something else was kept by the plan that let that go.
    const left = this.left.map((was, unit) => (was === 1 && (seen[unit] === 0 || kept[unit] === 1) ? 1 : 0));
    const origins = new Int32Array(after.unitCount).fill(-1);
    for (const axis of after.table.axes) {
      const value = before.model.graph.value(axis.value.name);
      const earlier = value === undefined ? undefined : before.table.find({ value, axis: axis.axis });
      if (earlier === undefined) continue;
      const selection = axisSelection(before, earlier, plan.copies);
      if ((selection?.length ?? earlier.width) !== axis.width) continue;
      for (let i = 0; i < axis.width; i++) {
        const unit = before.unitAt[earlier.base + (selection?.[i] ?? i)]!;
        origins[after.unitAt[axis.base + i]!] = this.origins[unit]!;
      }
    }
    return new Lineage(this.original, origins, left);
  }
}
