import { type ChannelAnalysis, type Group, isPrunable } from '../../src/channels/channelAnalysis.js';

/** The groups that may be changed, one line each: `conv1 (8): conv1, conv2`. */
export function prunableGroups({ groups }: ChannelAnalysis): readonly string[] {
  return groups.filter(isPrunable).map(describe);
}

function describe({ name, units, members }: Group): string {
  return `${name} (${units.length}): ${members.join(', ')}`;
}
