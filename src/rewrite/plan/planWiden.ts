import { isWidenable } from '../../channels/channelAnalysis.js';
import type { Target } from '../../cost/cost.js';
import { RESOURCE_NAMES } from '../../cost/resource.js';
import { targetErrors } from '../../errors/targetErrors.js';
import type { Rng } from '../../random/rng.js';
import type { Plan } from './plan.js';
import { unitStep } from './widthRules.js';

/** No network is widened by more than this; a budget that asks for more is a slip of the pen. */
const LARGEST_MULTIPLIER = 64;

/**
 * Widens all groups by one multiplier (MorphNet's ω), the largest with which all targets hold, then gives what
 * rounding left over to the groups that lost most by it.
 *
 * @param targets at least one, all of one model
 * @param rng chooses which units are repeated
 * @param round groups that grow get widths that are multiples of this
 * @throws TARGET_BELOW_COST where the network costs more than the limit already, TARGET_NOTHING_PRUNABLE
 */
export function planWiden(targets: readonly Target[], rng: Rng, round = 1): Plan {
  const { units: model } = targets[0]!.cost;
  const { analysis } = model;
  const groups = analysis.groups.filter(isWidenable);
  const ones = new Int32Array(analysis.unitCount).fill(1);
  for (const { cost, limit } of targets) {
    const whole = cost.total(ones);
    if (whole > limit) throw targetErrors.belowCost(RESOURCE_NAMES[cost.resource], limit, whole);
  }
  if (groups.length === 0) throw targetErrors.nothingPrunable(analysis.model.label, 'every group is pinned');
  const order = groups.map(({ index, units }) => rng.fork(`group ${index}`).shuffle(Int32Array.from(units)));
  const copiesAt = (widths: readonly number[]): Int32Array => {
    const copies = Int32Array.from(ones);
    order.forEach((units, g) => {
      const width = widths[g]!;
      units.forEach((unit, i) => {
        copies[unit] = Math.floor(width / units.length) + (i < width % units.length ? 1 : 0);
      });
    });
    return copies;
  };
  const fits = (planned: readonly number[]) => {
    const widths = model.at(copiesAt(planned));
    return targets.every(({ cost, limit }) => cost.at(widths) <= limit);
  };
  const steps = groups.map((group) => unitStep(analysis, group, round));
  const downTo = (width: number, g: number) =>
    Math.max(groups[g]!.units.length, Math.floor(width / steps[g]!) * steps[g]!);
  const scaled = (multiplier: number) => groups.map(({ units }, g) => downTo(units.length * multiplier, g));
  let low = 1;
  let high = LARGEST_MULTIPLIER;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (fits(scaled(middle))) low = middle;
    else high = middle;
  }
  const widths = [...scaled(low)];
  const lost = groups.map(({ units }, g) => (units.length * low - widths[g]!) / steps[g]!);
  const byLoss = [...widths.keys()].sort((a, b) => lost[b]! - lost[a]! || a - b);
  for (const g of byLoss) {
    const narrow = widths[g]!;
    widths[g] = downTo(narrow + steps[g]!, g);
    if (!fits(widths)) widths[g] = narrow;
  }
  return { copies: copiesAt(widths) };
}
