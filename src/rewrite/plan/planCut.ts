import type { Cost, Target } from '../../cost/cost.js';
import { RESOURCE_NAMES } from '../../cost/resource.js';
import { targetErrors } from '../../errors/targetErrors.js';
import { cutGlobally } from './cutGlobally.js';
import { cutLocally } from './cutLocally.js';
import type { CutOptions } from './cutOptions.js';
import { leastPlan } from './leastPlan.js';
import type { Plan } from './plan.js';
import { ruleTexts, type WidthRules } from './widthRules.js';

/** Cost when every group is cut down as far as the rules allow: the least that a plan can reach. */
export function leastCost(cost: Cost, rules: WidthRules = {}): number {
  return cost.total(leastPlan(cost, rules).copies);
}

/**
 * Cuts the least important units until all targets hold, as near to the one that binds as single units (or, rounded,
 * as many as a step has) allow.
 *
 * @param targets at least one, all of one model
 * @throws TARGET_UNREACHABLE where even the smallest network costs more
 */
export function planCut(targets: readonly Target[], given: CutOptions): Plan {
  const { scope = 'global' } = given;
  const minChannels = Math.max(scope === 'local' ? 1 : 0, given.minChannels ?? 1);
  const options = { ...given, minChannels };
  const refuse = ({ cost, limit }: Target, least: number) => {
    const whole = cost.total(new Int32Array(cost.units.analysis.unitCount).fill(1));
    const name = RESOURCE_NAMES[cost.resource];
    return targetErrors.unreachable(name, limit, whole, least, minChannels, ruleTexts(options));
  };
  for (const target of targets) {
    const least = leastCost(target.cost, options);
    if (least > target.limit) throw refuse(target, least);
  }
  if (scope === 'local') return cutLocally(targets, options);
  const missed = (plan: Plan) => targets.find(({ cost, limit }) => cost.total(plan.copies) > limit);
  const plan = cutGlobally(targets, options);
  const first = missed(plan);
  if (first === undefined) return plan;
  // The least important groups that died may have kept others alive that cost more.
  const other = cutGlobally(targets, options, leastPlan(first.cost, options).dying);
  const second = missed(other);
  if (second !== undefined) throw refuse(second, second.cost.total(other.copies));
  return other;
}
