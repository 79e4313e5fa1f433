import type { Target } from '../../cost/cost.js';
import { byImportance, type CutOptions } from './cutOptions.js';
import type { Plan } from './plan.js';
import { type WidthLimits, widthLimits } from './widthRules.js';

/** Halvings of the ratio: 2⁻⁴⁰ of a group is less than a unit. */
const HALVINGS = 40;

/**
 * Cuts the same share of every group, the smallest with which all targets hold, and of each group the least
 * important units; what rounding cut too much is given back to the groups that lost most by it. No group dies: all
 * would.
 */
export function cutLocally(targets: readonly Target[], { importance, minChannels = 1, ...others }: CutOptions): Plan {
  const rules = { ...others, minChannels: Math.max(1, minChannels) };
  const {
    units,
    units: { analysis },
  } = targets[0]!.cost;
  const all = widthLimits(analysis, rules);
  const ordered = all.map(({ group }) => byImportance(group.units, importance));
  const copiesAt = (widths: readonly number[]): Int32Array => {
    const copies = new Int32Array(analysis.unitCount).fill(1);
    ordered.forEach((units, g) => {
      for (const unit of units.slice(0, units.length - widths[g]!)) copies[unit] = 0;
    });
    return copies;
  };
  const fits = (planned: readonly number[]) => {
    const widths = units.at(copiesAt(planned));
    return targets.every(({ cost, limit }) => cost.at(widths) <= limit);
  };
  const whole = all.map(({ group }) => group.units.length);
  if (fits(whole)) return { copies: copiesAt(whole) };

  let low = 0;
  let high = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (fits(all.map((limits) => widthAt(limits, 1 - middle)))) high = middle;
    else low = middle;
  }
  const widths = all.map((limits) => widthAt(limits, 1 - high));
  const lost = all.map(({ group, step }, g) => (group.units.length * (1 - high) - widths[g]!) / step);
  const byLoss = [...widths.keys()].sort((a, b) => lost[b]! - lost[a]! || a - b);
  for (const g of byLoss) {
    const narrow = widths[g]!;
    widths[g] = Math.min(whole[g]!, narrow + all[g]!.step);
    if (!fits(widths)) widths[g] = narrow;
  }
  return { copies: copiesAt(widths) };
}

/** The largest width that is allowed and no more than a share of the group. */
function widthAt({ group, least, step }: WidthLimits, share: number): number {
  const full = group.units.length;
  const asked = full * share + 1e-9;
  return asked >= full ? full : Math.max(least, Math.floor(asked / step) * step);
}
