import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Cost } from '../cost/cost.js';
import { targetErrors } from '../errors/targetErrors.js';
import type { ModelProto } from '../onnx/messages.js';
import { applyPlan } from '../rewrite/applyPlan.js';
import type { CutOptions } from '../rewrite/plan/cutOptions.js';
import type { Plan } from '../rewrite/plan/plan.js';
import { leastCost, planCut } from '../rewrite/plan/planCut.js';
import type { LimitedTarget, TimedLimit } from './targets.js';

/** Of what a timed limit allows, a cut uses between these shares: there is noise, and a channel more or less. */
const ENOUGH = 0.95;
const TOO_MUCH = 1.02;
/** What uses more than this has missed its limit. */
const MISSED = 1.1;
/** Plans that are tried for a timed limit. */
const ROUNDS = 7;
/** No plan changes the limit of the prediction by more than this: a machine that stumbles must not cost a network. */
const LARGEST_CHANGE = 1.5;

export interface TimedPlan {
  readonly plan: Plan;
  readonly model: ModelProto;
  /** The targets, with the limits that were planned for. */
  readonly targets: readonly LimitedTarget[];
  /** What the model takes, where it was timed. */
  readonly latencyMs: number | null;
}

/** How a model is rewritten to targets. */
export interface Planner {
  plan(targets: readonly LimitedTarget[]): Plan;
  rewrite(plan: Plan): Promise<ModelProto>;
  /** The least and the most that a plan can come to. */
  bounds(cost: Cost): readonly [number, number];
}

/**
 * Cuts a model so that all targets hold: `planInTime` with the least important units.
 *
 * @throws TARGET_UNREACHABLE, TARGET_MISSED
 */
export function cutInTime(
  analysis: ChannelAnalysis,
  targets: readonly LimitedTarget[],
  options: CutOptions,
  time: (model: ModelProto) => Promise<number>,
): Promise<TimedPlan> {
  const planner: Planner = {
    plan: (limits) => planCut(limits, options),
    rewrite: (plan) => applyPlan(analysis, plan),
    bounds: (cost) => [leastCost(cost, options), cost.total(new Uint8Array(analysis.unitCount).fill(1))],
  };
  return planInTime(targets, planner, time);
}

/**
 * Rewrites a model so that all targets hold. One of latency on a device that was measured is held by what the result
 * takes, not by what it should: where it takes more or less than predicted, the limit of the prediction is corrected by
 * as much, and the rewrite is planned again.
 *
 * @param time what a model takes, in milliseconds
 * @throws TARGET_MISSED, and what the planner throws
 */
export async function planInTime(
  targets: readonly LimitedTarget[],
  planner: Planner,
  time: (model: ModelProto) => Promise<number>,
): Promise<TimedPlan> {
  const planTo = async (limits: readonly LimitedTarget[]): Promise<TimedPlan> => {
    const plan = planner.plan(limits);
    return { plan, model: await planner.rewrite(plan), targets: limits, latencyMs: null };
  };
  const target = targets.find(({ timed }) => timed !== undefined);
  if (target?.timed === undefined) return planTo(targets);
  const { cost, timed } = target;
  const [least, most] = planner.bounds(cost);
  const planBy = (predicted: number) => {
    const limit = Math.min(most, Math.max(least, predicted));
    return planTo(targets.map((other) => (other === target ? { ...other, limit } : other)));
  };
  let made = await planBy(target.limit);
  let best: (TimedPlan & { readonly latencyMs: number }) | undefined;
  // Between these limits of the prediction, one holds and one does not.
  let [held, missed] = [0, Number.POSITIVE_INFINITY];
  for (let round = 1; ; round++) {
    const latencyMs = await time(made.model);
    const used = latencyMs / timed.limitMs;
    if (best === undefined || isBetter(used, best.latencyMs / timed.limitMs)) best = { ...made, latencyMs };
    if (round === ROUNDS || (used >= ENOUGH && used <= TOO_MUCH)) break;
    const predicted = cost.total(made.plan.copies);
    if (used <= TOO_MUCH) held = Math.max(held, predicted);
    else missed = Math.min(missed, predicted);
    const wanted = corrected(timed, latencyMs, predicted);
    const near = Math.min(LARGEST_CHANGE * predicted, Math.max(predicted / LARGEST_CHANGE, wanted));
    const isBetween = near > held && near < missed;
    const middle = held === 0 ? missed / LARGEST_CHANGE : (held + Math.min(missed, LARGEST_CHANGE * held)) / 2;
    const next = await planBy(isBetween ? near : middle);
    if (next.plan.copies.every((copies, unit) => copies === made.plan.copies[unit])) break;
    made = next;
  }
  if (best.latencyMs > MISSED * timed.limitMs) throw targetErrors.missed(timed.limitMs, best.latencyMs);
  return best;
}

/**
 * The limit of the prediction at which the truth would keep its own: on a line through the whole network and the last
 * one where there is a slope to be seen, since part of what a run takes no channel can change; else in proportion.
 */
function corrected({ limitMs, wholeMs, predictedWholeMs }: TimedLimit, latencyMs: number, predictedMs: number): number {
  const [way, predictedWay] = [wholeMs - latencyMs, predictedWholeMs - predictedMs];
  const hasSlope = Math.abs(way) > 0.05 * wholeMs && way * predictedWay > 0;
  if (!hasSlope) return (predictedMs * limitMs) / latencyMs;
  return predictedMs + ((limitMs - latencyMs) * predictedWay) / way;
}

/** What keeps the limit is better than what does not; then the nearer is. */
function isBetter(used: number, than: number): boolean {
  if (used <= TOO_MUCH !== than <= TOO_MUCH) return used <= TOO_MUCH;
  return Math.abs(used - 1) < Math.abs(than - 1);
}
