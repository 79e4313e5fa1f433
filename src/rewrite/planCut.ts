import { isPrunable } from '../channels/channelAnalysis.js';
import type { CostModel } from '../cost/costModel.js';
import { targetErrors } from '../errors/targetErrors.js';
import type { Plan } from './plan.js';

export interface CutOptions {
  /** What the cost may be at most. */
  readonly limit: number;
  /** What each unit is worth; units with less are cut first. Ties keep the order of the units. */
  readonly importance: ArrayLike<number>;
  /** Units that every group keeps at least. */
  readonly minChannels?: number;
}

/** Cost when every group is cut down to `minChannels` units: the least that a plan can reach. */
export function leastCost(cost: CostModel, minChannels = 1): number {
  const copies = new Int32Array(cost.analysis.unitCount).fill(1);
  for (const group of cost.analysis.groups) {
    if (isPrunable(group)) for (const unit of group.units.slice(minChannels)) copies[unit] = 0;
  }
  return cost.total(copies);
}

/**
 * Cuts the least important units until the cost is within the limit, then takes back the most important of them that
 * still fit: the result is within one unit of the limit.
 *
 * @throws TARGET_UNREACHABLE where even the smallest network costs more
 */
export function planCut(cost: CostModel, { limit, importance, minChannels = 1 }: CutOptions): Plan {
  const { analysis } = cost;
  const copies = new Int32Array(analysis.unitCount).fill(1);
  const widths = cost.widths(copies);
  const whole = cost.at(widths);
  const least = leastCost(cost, minChannels);
  if (least > limit) throw targetErrors.unreachable(cost.resource, limit, whole, least, minChannels);

  const alive = new Map<number, number>();
  const candidates: number[] = [];
  for (const group of analysis.groups) {
    if (!isPrunable(group)) continue;
    alive.set(group.index, group.units.length);
    candidates.push(...group.units);
  }
  candidates.sort((a, b) => importance[a]! - importance[b]! || a - b);

  let total = whole;
  const cut: number[] = [];
  for (const unit of candidates) {
    if (total <= limit) break;
    const group = analysis.groupOf[unit]!;
    const left = alive.get(group)!;
    if (left <= minChannels) continue;
    const change = cost.change(widths, unit, -1);
    if (change === 0) continue;
    cost.apply(widths, unit, -1);
    total += change;
    copies[unit] = 0;
    alive.set(group, left - 1);
    cut.push(unit);
  }
  for (const unit of cut.reverse()) {
    const change = cost.change(widths, unit, 1);
    if (total + change > limit) continue;
    cost.apply(widths, unit, 1);
    total += change;
    copies[unit] = 1;
  }
  return { copies };
}
