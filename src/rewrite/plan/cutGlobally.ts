import type { Group } from '../../channels/channelAnalysis.js';
import type { Target } from '../../cost/cost.js';
import { byImportance, type CutOptions } from './cutOptions.js';
import { LazyQueue } from './lazyQueue.js';
import type { Plan } from './plan.js';
import { TargetLedger } from './targetLedger.js';
import { isAllowed, nextNarrower, type WidthLimits, widthLimits } from './widthRules.js';

/** A group on its way down. */
interface Candidate {
  readonly limits: WidthLimits;
  /** Its units, the least important first. */
  readonly units: readonly number[];
  width: number;
}

/** Units of one group that go together: one, as many as rounding asks for, or all that are left. */
interface Move {
  readonly candidate: Candidate;
  /** The width that it is a step from. */
  readonly width: number;
  readonly units: readonly number[];
}

/**
 * Cuts the least important units of the whole model, a step of a group at a time, until all targets hold; then takes
 * back the most important of them that still fit.
 *
 * @param dying where it is given, these groups die at first, and no others may
 */
export function cutGlobally(
  targets: readonly Target[],
  { importance, perSaving = false, ...rules }: CutOptions,
  dying?: ReadonlySet<Group>,
): Plan {
  const { analysis } = targets[0]!.cost.units;
  const copies = new Int32Array(analysis.unitCount).fill(1);
  const ledger = new TargetLedger(targets);
  /** Its next step, and where it may die, all that is left of it: without a block, more goes than its channels. */
  const nextMoves = (candidate: Candidate): readonly Move[] => {
    const { limits, units, width } = candidate;
    const narrower = nextNarrower(limits, width);
    if (narrower === undefined) return [];
    const step = { candidate, width, units: units.slice(units.length - width, units.length - narrower) };
    const isLast = narrower === 0 || !perSaving || limits.least > 0;
    return isLast ? [step] : [step, { candidate, width, units: units.slice(units.length - width) }];
  };
  const scoreOf = ({ candidate, width, units }: Move): number | undefined => {
    if (candidate.width !== width) return undefined;
    const worth = units.reduce((sum, unit) => sum + importance[unit]!, 0);
    const isDeath = width === units.length;
    if (isDeath && !mayDie(candidate.limits)) return undefined;
    const isStep = units.length === width - (nextNarrower(candidate.limits, width) ?? 0);
    if (isDeath && isStep && !ledger.canSpare(units)) return undefined;
    const saving = isStep ? ledger.saving(units) : ledger.savingAtOnce(units);
    if (saving === undefined || saving === 0) return undefined;
    return worth / (perSaving ? saving : units.length);
  };

  const candidates = widthLimits(analysis, rules).map(
    (limits): Candidate => ({
      limits,
      units: byImportance(limits.group.units, importance),
      width: limits.group.units.length,
    }),
  );
  const mayDie = ({ group }: WidthLimits) => dying === undefined || dying.has(group);
  const queueAll = () => {
    const queue = new LazyQueue<Move>(scoreOf, ({ units }) => units[0]!);
    for (const candidate of candidates) push(queue, candidate);
    return queue;
  };
  const push = (queue: LazyQueue<Move>, candidate: Candidate) => {
    for (const move of nextMoves(candidate)) queue.push(move);
  };
  const made: Move[] = [];
  for (const candidate of candidates) {
    if (dying?.has(candidate.limits.group) !== true) continue;
    ledger.apply(candidate.units, -1);
    made.push({ candidate, width: candidate.width, units: candidate.units });
    candidate.width = 0;
  }
  let unmet = ledger.unmet;
  for (let queue = queueAll(); unmet > 0; ) {
    const move = queue.pop();
    if (move === undefined) break;
    ledger.apply(move.units, -1);
    move.candidate.width -= move.units.length;
    made.push(move);
    const left = ledger.unmet;
    // What helps towards the limits that are left is another thing.
    if (left === unmet) push(queue, move.candidate);
    else if (left > 0) queue = queueAll();
    unmet = left;
  }
  for (const { candidate, units } of made.reverse()) {
    if (isAllowed(candidate.limits, candidate.width + units.length) && ledger.restore(units)) {
      candidate.width += units.length;
    } else for (const unit of units) copies[unit] = 0;
  }
  return { copies };
}
