import type { CostModel } from '../../cost/costModel.js';
import { targetErrors } from '../../errors/targetErrors.js';
import { cutGlobally } from './cutGlobally.js';
import { cutLocally } from './cutLocally.js';
import type { CutOptions } from './cutOptions.js';
import type { Plan } from './plan.js';
import { ruleTexts, type WidthRules, widthLimits } from './widthRules.js';

/** Cost when every group is cut down as far as the rules allow: the least that a plan can reach. */
export function leastCost(cost: CostModel, rules: WidthRules = {}): number {
  const copies = new Int32Array(cost.analysis.unitCount).fill(1);
  for (const { group, least } of widthLimits(cost.analysis, rules)) {
    for (const unit of group.units.slice(least)) copies[unit] = 0;
  }
  return cost.total(copies);
}

/**
 * Cuts the least important units until the cost is within the limit, as near to it as single units (or, rounded, as
 * many as a step has) allow.
 *
 * @throws TARGET_UNREACHABLE where even the smallest network costs more
 */
export function planCut(cost: CostModel, options: CutOptions): Plan {
  const { limit, scope = 'global', minChannels } = options;
  const whole = cost.total(new Int32Array(cost.analysis.unitCount).fill(1));
  const least = leastCost(cost, options);
  if (least > limit) {
    throw targetErrors.unreachable(cost.resource, limit, whole, least, minChannels, ruleTexts(options));
  }
  return scope === 'global' ? cutGlobally(cost, options) : cutLocally(cost, options);
}
