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

/** Units of one group that go together: one, or as many as rounding asks for. */
interface Move {
  readonly candidate: Candidate;
  readonly units: readonly number[];
}

/**
 * Cuts the least important units of the whole model, a step of a group at a time, until all targets hold; then takes
 * back the most important of them that still fit.
 */
export function cutGlobally(targets: readonly Target[], { importance, perSaving = false, ...rules }: CutOptions): Plan {
  const { analysis } = targets[0]!.cost.units;
  const copies = new Int32Array(analysis.unitCount).fill(1);
  const ledger = new TargetLedger(targets);
  const nextMove = (candidate: Candidate): Move | undefined => {
    const { limits, units, width } = candidate;
    const narrower = nextNarrower(limits, width);
    if (narrower === undefined) return undefined;
    return { candidate, units: units.slice(units.length - width, units.length - narrower) };
  };
  const scoreOf = ({ units }: Move): number | undefined => {
    const saving = ledger.saving(units);
    if (saving === 0) return undefined;
    const worth = units.reduce((sum, unit) => sum + importance[unit]!, 0);
    return worth / (perSaving ? saving : units.length);
  };

  const candidates = widthLimits(analysis, rules).map(
    (limits): Candidate => ({
      limits,
      units: byImportance(limits.group.units, importance),
      width: limits.group.units.length,
    }),
  );
  const queueAll = () => {
    const queue = new LazyQueue<Move>(scoreOf, ({ units }) => units[0]!);
    for (const candidate of candidates) push(queue, candidate);
    return queue;
  };
  const push = (queue: LazyQueue<Move>, candidate: Candidate) => {
    const move = nextMove(candidate);
    if (move !== undefined) queue.push(move);
  };
  const made: Move[] = [];
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
