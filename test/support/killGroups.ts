import { type ChannelAnalysis, isPrunable } from '../../src/channels/channelAnalysis.js';
import type { Plan } from '../../src/rewrite/plan/plan.js';

/** A plan in which the groups of these members (or names) die, and all else stays. */
export function killGroups(analysis: ChannelAnalysis, ...names: readonly string[]): Plan {
  const copies = new Int32Array(analysis.unitCount).fill(1);
  for (const name of names) {
    const found = analysis.groups.filter((group) => isPrunable(group) && [group.name, ...group.members].includes(name));
    if (found.length === 0) throw new Error(`no group of '${name}' can be cut`);
    for (const { units } of found) for (const unit of units) copies[unit] = 0;
  }
  return { copies };
}
