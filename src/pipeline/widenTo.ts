import type { ModelProto } from '../onnx/messages.js';
import type { Rng } from '../random/rng.js';
import { applyPlan } from '../rewrite/applyPlan.js';
import type { Plan } from '../rewrite/plan/plan.js';
import { planWiden } from '../rewrite/plan/planWiden.js';
import { proveWidening } from '../rewrite/proof/prove.js';
import type { Verification } from '../rewrite/proof/verifyRewrite.js';
import { type Planner, planInTime } from './cutInTime.js';
import type { LatencyTimer } from './latencyTimer.js';
import { restage, type Stage } from './stage.js';
import { type LimitedTarget, retarget } from './targets.js';

/** Widens a network to budgets by one multiplier, with the same outputs, and proves it. */
export async function widenTo(
  stage: Stage,
  targets: readonly LimitedTarget[],
  rng: Rng,
  { round = 1, timer }: { readonly round?: number | undefined; readonly timer: LatencyTimer | null },
): Promise<Stage & { readonly plan: Plan; readonly proof: Verification; readonly latencyMs: number | null }> {
  const { analysis } = stage;
  const planner: Planner = {
    plan: (limits) => planWiden(limits, rng.fork('copies'), round),
    rewrite: (plan) => applyPlan(analysis, plan, rng.fork('shares')),
    bounds: (cost) => [cost.total(new Uint8Array(analysis.unitCount).fill(1)), Number.POSITIVE_INFINITY],
  };
  const time = async (form: ModelProto) => timer?.time(form) ?? Number.NaN;
  const { plan, model, latencyMs } = await planInTime(retarget(targets, analysis), planner, time);
  const proof = await proveWidening(analysis, plan, model, rng.fork('shares'), rng.fork('proof of the widening'));
  return { ...(await restage(stage, model)), plan, proof, latencyMs };
}
