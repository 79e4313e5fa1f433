import { type Group, isPrunable } from './channelAnalysis.js';

/** Channels tie weights to data; axes of weights alone (kernels) and of data alone (height, width) are none. */
export function isChannelGroup(group: Group): boolean {
  if (isPrunable(group)) return true;
  return group.axes.some(({ isConstant }) => isConstant) && group.axes.some(({ isConstant }) => !isConstant);
}
