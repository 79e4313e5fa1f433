import type { CostModel } from '../../cost/costModel.js';
import { byImportance, type CutOptions } from './cutOptions.js';
import { LazyQueue } from './lazyQueue.js';
import type { Plan } from './plan.js';

import { isAllowed, nextNarrower, type WidthLimits, widthLimits } from './widthRules.js';

/** A group on its way down. */
interface Candidate {
  readonly limits: WidthLimits;
  /** Its units, the least important first. */
  readonly units: readonly number[];
  width: number;
}

/** Units of one group that go together: one, or as many as rounding asks for. */
interface Move {
  readonly candidate: Candidate;
  readonly units: readonly number[];
}

/**
 * Cuts the least important units of the whole model, a step of a group at a time, until the cost is within the limit;
 * then takes back the most important of them that still fit.
 */
export function cutGlobally(cost: CostModel, { limit, importance, perSaving = false, ...rules }: CutOptions): Plan {
  const { analysis } = cost;
  const copies = new Int32Array(analysis.unitCount).fill(1);
  const widths = cost.widths(copies);
  let total = cost.at(widths);

  /** Applies the change of several units, and gives what the cost changes by. */
  const apply = (units: readonly number[], change: 1 | -1): number => {
    let sum = 0;
    for (const unit of units) {
      sum += cost.change(widths, unit, change);
      cost.apply(widths, unit, change);
    }
    return sum;
  };
  const unapply = (units: readonly number[], change: 1 | -1) => {
    for (const unit of units) cost.apply(widths, unit, change === 1 ? -1 : 1);
  };
  const nextMove = (candidate: Candidate): Move | undefined => {
    const { limits, units, width } = candidate;
    const narrower = nextNarrower(limits, width);
    if (narrower === undefined) return undefined;
    return { candidate, units: units.slice(units.length - width, units.length - narrower) };
  };
  const scoreOf = ({ units }: Move): number | undefined => {
    const change = apply(units, -1);
    unapply(units, -1);
    if (change === 0) return undefined;
    const worth = units.reduce((sum, unit) => sum + importance[unit]!, 0);
    return worth / (perSaving ? -change : units.length);
  };

  const queue = new LazyQueue<Move>(scoreOf, ({ units }) => units[0]!);
  const push = (candidate: Candidate) => {
    const move = nextMove(candidate);
    if (move !== undefined) queue.push(move);
  };
  for (const limits of widthLimits(analysis, rules)) {
    push({ limits, units: byImportance(limits.group.units, importance), width: limits.group.units.length });
  }
  const made: Move[] = [];
  while (total > limit) {
    const move = queue.pop();
    if (move === undefined) break;
    total += apply(move.units, -1);
    move.candidate.width -= move.units.length;
    made.push(move);
    push(move.candidate);
  }
  for (const { candidate, units } of made.reverse()) {
    const change = isAllowed(candidate.limits, candidate.width + units.length) ? apply(units, 1) : Infinity;
    if (total + change <= limit) {
      total += change;
      candidate.width += units.length;
      continue;
    }
    if (change !== Infinity) unapply(units, 1);
    for (const unit of units) copies[unit] = 0;
  }
  return { copies };
}
