import { type ChannelAnalysis, type Group, isPrunable } from '../channels/channelAnalysis.js';
import type { GroupWidths } from '../report/results.js';

/** Widths of the groups that can change, before and after a rewrite; a group is known by its members. */
export function groupWidths(before: ChannelAnalysis, after: ChannelAnalysis): readonly GroupWidths[] {
  const widths = new Map<string, number>();
  for (const group of after.groups.filter(isPrunable))
    widths.set(keyOf(group), (widths.get(keyOf(group)) ?? 0) + group.units.length);
  const merged = new Map<string, GroupWidths>();
  for (const group of before.groups) {
    if (!isPrunable(group)) continue;
    const key = keyOf(group);
    const sum = (merged.get(key)?.before ?? 0) + group.units.length;
    merged.set(key, { name: group.name, before: sum, after: widths.get(key) ?? 0, members: group.members });
  }
  return [...merged.values()];
}

function keyOf({ name, members }: Group): string {
  return [name, ...members].join('\n');
}
