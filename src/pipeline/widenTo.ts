import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import { applyPlan } from '../rewrite/applyPlan.js';
import { freshUnits } from '../rewrite/freshUnits.js';
import type { Plan } from '../rewrite/plan/plan.js';
import { planWiden } from '../rewrite/plan/planWiden.js';
import { proveGrowth, proveWidening } from '../rewrite/proof/prove.js';
import type { Verification } from '../rewrite/proof/verifyRewrite.js';
import { freshFill } from '../train/freshWeights.js';
import { type Planner, planInTime } from './cutInTime.js';
import type { LatencyTimer } from './latencyTimer.js';
import type { WidenInit } from './options.js';
import { restage, type Stage } from './stage.js';
import { type LimitedTarget, retarget } from './targets.js';

/** A network that was widened, with the plan for the one before, and what it takes where it was timed. */
export interface Widened extends Stage {
  readonly plan: Plan;
  readonly proof: Verification;
  readonly latencyMs: number | null;
}

export interface WidenSettings {
  readonly round?: number | undefined;
  readonly init?: WidenInit | undefined;
  readonly timer: LatencyTimer | null;
}

/** Widens a network to budgets by one multiplier, and proves that what was added is all that is new. */
export async function widenTo(
  stage: Stage,
  targets: readonly LimitedTarget[],
  rng: Rng,
  { round = 1, init = 'preserve', timer }: WidenSettings,
): Promise<Widened> {
  const { analysis } = stage;
  const shares = () => (init === 'random' ? 'whole' : rng.fork('shares'));
  const planner: Planner = {
    plan: (limits) => planWiden(limits, rng.fork('copies'), round),
    rewrite: (plan) => applyPlan(analysis, plan, shares()),
    bounds: (cost) => [cost.total(new Uint8Array(analysis.unitCount).fill(1)), Number.POSITIVE_INFINITY],
  };
  const time = async (form: ModelProto) => timer?.time(form) ?? Number.NaN;
  const { plan, model, latencyMs } = await planInTime(retarget(targets, analysis), planner, time);
  const wide = await restage(stage, model);
  if (init === 'preserve') {
    const proof = await proveWidening(analysis, plan, model, rng.fork('shares'), rng.fork('proof of the widening'));
    return { ...wide, plan, proof, latencyMs };
  }
  const grown = await restage(stage, withFreshUnits(analysis, plan, wide.bound, rng.fork('fresh units')));
  const proof = await proveGrowth(analysis, plan, grown.analysis, rng.fork('proof of the widening'));
  return { ...grown, plan, proof, latencyMs };
}

/** By the rule of `freshWeights`; constants that there is none for (slopes, embeddings) stay copies. */
export function withFreshUnits(before: ChannelAnalysis, plan: Plan, wide: BoundModel, rng: Rng): ModelProto {
  return freshUnits(before, plan, wide, (value) => freshFill(wide, value, rng.fork(value.name)));
}
