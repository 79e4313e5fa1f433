import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';

/** How often each unit stands in the result: 0 it is cut out, 1 it stays, more it is repeated. */
export interface Plan {
  readonly copies: Int32Array;
}

/** The plan that changes nothing. */
export function unchangedPlan(analysis: ChannelAnalysis): Plan {
  return { copies: new Int32Array(analysis.unitCount).fill(1) };
}

/** Number of units of each group in the result, by group index. */
export function plannedWidths(analysis: ChannelAnalysis, plan: Plan): readonly number[] {
  return analysis.groups.map(({ units }) => units.reduce((width, unit) => width + plan.copies[unit]!, 0));
}
