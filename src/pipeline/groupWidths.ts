import { type ChannelAnalysis, type Group, isPrunable } from '../channels/channelAnalysis.js';
import type { GroupWidths } from '../report/results.js';

/**
 * Widths of the groups that can change, before and after a rewrite; a group is known by its members.
 *
 * They are read off an axis that keeps its name: what hangs together may be another thing afterwards (the columns of
 * the one head that is left).
 */
export function groupWidths(before: ChannelAnalysis, after: ChannelAnalysis): readonly GroupWidths[] {
  const widths = new Map<string, number>();
  for (const group of after.groups.filter(isPrunable))
    widths.set(keyOf(group), (widths.get(keyOf(group)) ?? 0) + group.units.length);
  const merged = new Map<string, GroupWidths>();
  for (const group of before.groups) {
    if (!isPrunable(group)) continue;
    const key = keyOf(group);
    const other = merged.get(key);
    const left = widthAfter(group, before, after);
    merged.set(key, {
      name: group.name,
      before: (other?.before ?? 0) + group.units.length,
      after: left === undefined ? (widths.get(key) ?? 0) : (other?.after ?? 0) + left,
      members: group.members,
    });
  }
  return [...merged.values()];
}

/** Units that are left of a group, by an axis that each of its units, and no other, has equally many positions on. */
function widthAfter({ units, axes }: Group, before: ChannelAnalysis, after: ChannelAnalysis): number | undefined {
  for (const { axis } of axes) {
    const share = axis.width / units.length;
    const counts = new Map<number, number>(units.map((unit) => [unit, 0]));
    for (let i = 0; i < axis.width; i++) {
      const unit = before.unitAt[axis.base + i]!;
      counts.set(unit, (counts.get(unit) ?? 0) + 1);
    }
    const value = after.model.graph.value(axis.value.name);
    const found = value === undefined ? undefined : after.table.find({ value, axis: axis.axis });
    if (found !== undefined && [...counts.values()].every((count) => count === share)) return found.width / share;
  }
  return undefined;
}

function keyOf({ name, members }: Group): string {
  return [name, ...members].join('\n');
}
