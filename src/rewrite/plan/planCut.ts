import type { Cost, Target } from '../../cost/cost.js';
import { RESOURCE_NAMES } from '../../cost/resource.js';
import { targetErrors } from '../../errors/targetErrors.js';
import { cutGlobally } from './cutGlobally.js';
import { cutLocally } from './cutLocally.js';
import type { CutOptions } from './cutOptions.js';
import type { Plan } from './plan.js';
import { ruleTexts, type WidthRules, widthLimits } from './widthRules.js';

/** Cost when every group is cut down as far as the rules allow: the least that a plan can reach. */
export function leastCost(cost: Cost, rules: WidthRules = {}): number {
  const { analysis } = cost.units;
  const copies = new Int32Array(analysis.unitCount).fill(1);
  for (const { group, least } of widthLimits(analysis, rules)) {
    for (const unit of group.units.slice(least)) copies[unit] = 0;
  }
  return cost.total(copies);
}

/**
 * Cuts the least important units until all targets hold, as near to the one that binds as single units (or, rounded,
 * as many as a step has) allow.
 *
 * @param targets at least one, all of one model
 * @throws TARGET_UNREACHABLE where even the smallest network costs more
 */
export function planCut(targets: readonly Target[], options: CutOptions): Plan {
  const { scope = 'global', minChannels } = options;
  for (const { cost, limit } of targets) {
    const least = leastCost(cost, options);
    if (least <= limit) continue;
    const whole = cost.total(new Int32Array(cost.units.analysis.unitCount).fill(1));
    const name = RESOURCE_NAMES[cost.resource];
    throw targetErrors.unreachable(name, limit, whole, least, minChannels, ruleTexts(options));
  }
  return scope === 'global' ? cutGlobally(targets, options) : cutLocally(targets, options);
}
