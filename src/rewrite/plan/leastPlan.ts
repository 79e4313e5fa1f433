import type { Group } from '../../channels/channelAnalysis.js';
import type { Cost } from '../../cost/cost.js';
import type { Plan } from './plan.js';
import { leastAlive, type WidthRules, widthLimits } from './widthRules.js';

/** The plan that leaves the least of a cost. */
export interface LeastPlan extends Plan {
  readonly dying: ReadonlySet<Group>;
}

/**
 * Cuts every group as far as the rules allow. Of those that may die, the dearest do first, as long as the network can do
 * without them.
 */
export function leastPlan(cost: Cost, rules: WidthRules = {}): LeastPlan {
  const { units } = cost;
  const { analysis } = units;
  const copies = new Int32Array(analysis.unitCount).fill(1);
  const all = widthLimits(analysis, rules);
  for (const limits of all) for (const unit of limits.group.units.slice(leastAlive(limits))) copies[unit] = 0;
  const costWithout = (group: Group): number | undefined => {
    const without = Int32Array.from(copies);
    for (const unit of group.units) without[unit] = 0;
    const widths = units.at(without);
    const left = units.leftAt(widths);
    return left !== undefined && 'obstacle' in left ? undefined : cost.at(widths);
  };
  const dying = new Set<Group>();
  let mortal = all.filter(({ least }) => least === 0).map(({ group }) => group);
  for (let found = true; found; ) {
    const costs = new Map(mortal.map((group) => [group, costWithout(group) ?? Number.POSITIVE_INFINITY]));
    mortal = mortal.sort((a, b) => costs.get(a)! - costs.get(b)!);
    found = false;
    for (const group of mortal) {
      const before = cost.total(copies);
      const after = costWithout(group);
      if (after === undefined || after >= before) continue;
      for (const unit of group.units) copies[unit] = 0;
      dying.add(group);
      found = true;
    }
    mortal = mortal.filter((group) => !dying.has(group));
  }
  return { copies, dying };
}
