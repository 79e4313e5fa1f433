/** @file Plans as structures, which know groups by their names, and back. */
import { type ChannelAnalysis, type Group, isPrunable } from '../../channels/channelAnalysis.js';
import type { Plan } from './plan.js';
import type { Structure, StructureGroup } from './structure.js';

/** What a plan that cuts leaves of a network. */
export function structureOf({ groups }: ChannelAnalysis, { copies }: Plan): Structure {
  const described = groups.filter(isPrunable).map(({ name, members, units }) => {
    const kept = units.flatMap((unit, index) => (copies[unit]! > 0 ? [index] : []));
    return { name, members, width: units.length, alive: kept.length, kept };
  });
  return { version: 1, groups: described };
}

/**
 * The plan that gives a network a structure; groups that it does not name stay as they are.
 *
 * @throws Error that says what does not fit
 */
export function structurePlan({ groups, unitCount }: ChannelAnalysis, structure: Structure): Plan {
  const copies = new Int32Array(unitCount).fill(1);
  // Groups of the same nodes are told apart by their order.
  const open = new Map<string, Group[]>();
  for (const group of groups.filter(isPrunable)) open.set(keyOf(group), [...(open.get(keyOf(group)) ?? []), group]);
  for (const described of structure.groups) {
    const { name, width, kept } = described;
    const group = open.get(keyOf(described))?.shift();
    if (group === undefined)
      throw new Error(`there is no group ${JSON.stringify(name)} of these nodes that can change`);
    const { units } = group;
    if (units.length !== width) throw new Error(`${JSON.stringify(name)} has ${units.length} channels, not ${width}`);
    for (const unit of units) copies[unit] = 0;
    for (const index of kept) copies[units[index]!] = 1;
  }
  return { copies };
}

function keyOf({ name, members }: Pick<StructureGroup, 'name' | 'members'>): string {
  return JSON.stringify([name, ...members]);
}
