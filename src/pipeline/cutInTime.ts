import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import { targetErrors } from '../errors/targetErrors.js';
import type { ModelProto } from '../onnx/messages.js';
import { applyPlan } from '../rewrite/applyPlan.js';
import type { CutOptions } from '../rewrite/plan/cutOptions.js';
import type { Plan } from '../rewrite/plan/plan.js';
import { leastCost, planCut } from '../rewrite/plan/planCut.js';
import type { LimitedTarget } from './targets.js';

/** Of what a timed limit allows, a cut uses between these shares: there is noise, and a channel more or less. */
const ENOUGH = 0.95;
const TOO_MUCH = 1.02;
/** What uses more than this has missed its limit. */
const MISSED = 1.1;
/** Plans that are tried for a timed limit. */
const ROUNDS = 5;

export interface Cut {
  readonly plan: Plan;
  readonly model: ModelProto;
  /** The targets, with the limits that were planned for. */
  readonly targets: readonly LimitedTarget[];
  /** What the model takes, where it was timed. */
  readonly latencyMs: number | null;
}

/**
 * Cuts a model so that all targets hold. One of latency on a device that was measured is held by what the result takes,
 * not by what it should: where it takes more or less than predicted, the limit of the prediction is corrected by as
 * much, and the cut is planned again.
 *
 * @param targets on `analysis`
 * @param time what a model takes, in milliseconds
 * @throws TARGET_UNREACHABLE, TARGET_MISSED
 */
export async function cutInTime(
  analysis: ChannelAnalysis,
  targets: readonly LimitedTarget[],
  options: CutOptions,
  time: (model: ModelProto) => Promise<number>,
): Promise<Cut> {
  const cutTo = async (limits: readonly LimitedTarget[]): Promise<Cut> => {
    const plan = planCut(limits, options);
    return { plan, model: await applyPlan(analysis, plan), targets: limits, latencyMs: null };
  };
  const timed = targets.find(({ timedMs }) => timedMs !== undefined);
  if (timed?.timedMs === undefined) return cutTo(targets);
  const { cost, timedMs } = timed;
  const [least, whole] = [leastCost(cost, options), cost.total(new Uint8Array(analysis.unitCount).fill(1))];
  const cutBy = (predicted: number) => {
    const limit = Math.min(whole, Math.max(least, predicted));
    return cutTo(targets.map((target) => (target === timed ? { ...target, limit } : target)));
  };
  let cut = await cutBy(timed.limit);
  let best: (Cut & { readonly latencyMs: number }) | undefined;
  for (let round = 1; ; round++) {
    const latencyMs = await time(cut.model);
    const used = latencyMs / timedMs;
    if (best === undefined || isBetter(used, best.latencyMs / timedMs)) best = { ...cut, latencyMs };
    if (round === ROUNDS || (used >= ENOUGH && used <= TOO_MUCH)) break;
    const next = await cutBy(cost.total(cut.plan.copies) / used);
    if (next.plan.copies.every((copies, unit) => copies === cut.plan.copies[unit])) break;
    cut = next;
  }
  if (best.latencyMs > MISSED * timedMs) throw targetErrors.missed(timedMs, best.latencyMs);
  return best;
}

/** A cut that keeps the limit is better than one that does not; then the nearer is. */
function isBetter(used: number, than: number): boolean {
  if (used <= TOO_MUCH !== than <= TOO_MUCH) return used <= TOO_MUCH;
  return Math.abs(used - 1) < Math.abs(than - 1);
}
