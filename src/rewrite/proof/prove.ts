/** @file The law of the rewriter: what each rewrite is held to before its result is used. */
import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';
import type { ModelProto } from '../../onnx/messages.js';
import type { Rng } from '../../random/rng.js';
import { applyPlan } from '../applyPlan.js';
import { withoutAdded } from '../plan/addedUnits.js';
import type { Plan } from '../plan/plan.js';
import { fillFaintWeights } from './fillFaintWeights.js';
import { heldNodes } from './heldNodes.js';
import { maskedReference } from './maskedReference.js';
import { type Verification, verifyRewrite } from './verifyRewrite.js';

/**
 * Proves that a cut model gives what the original gives when nothing reads the removed units.
 *
 * @throws REWRITE_UNPROVEN
 */
export function proveCut(analysis: ChannelAnalysis, plan: Plan, cut: ModelProto, rng: Rng): Promise<Verification> {
  const held = heldNodes(analysis, plan);
  const compare = (of: ChannelAnalysis, result: ModelProto, seed: Rng) =>
    verifyRewrite(of.model, maskedReference(of, plan), result, seed, held);
  return prove(analysis, cut, rng, compare, (filled) => applyPlan(filled, plan));
}

/**
 * Proves that a widened model gives the same as the one before.
 *
 * @param shares the generator that the copies' shares were drawn from
 * @throws REWRITE_UNPROVEN
 */
export function proveWidening(
  analysis: ChannelAnalysis,
  plan: Plan,
  wide: ModelProto,
  shares: Rng,
  rng: Rng,
): Promise<Verification> {
  const held = heldNodes(analysis, plan);
  const compare = (of: ChannelAnalysis, result: ModelProto, seed: Rng) =>
    verifyRewrite(of.model, of.model.graph.model, result, seed, held);
  return prove(analysis, wide, rng, compare, (filled) => applyPlan(filled, plan, shares));
}

/**
 * Proves that a network which was widened by units with weights of their own gives what the one before gives when nothing
 * reads them.
 *
 * @param plan that widened the one before
 * @throws REWRITE_UNPROVEN
 */
export function proveGrowth(
  before: ChannelAnalysis,
  plan: Plan,
  wide: ChannelAnalysis,
  rng: Rng,
): Promise<Verification> {
  return proveCut(wide, withoutAdded(before, plan, wide), before.model.graph.model, rng);
}

/** A comparison, and where weights are so faint that it could not see a difference, a second one without them. */
async function prove(
  analysis: ChannelAnalysis,
  result: ModelProto,
  rng: Rng,
  compare: (of: ChannelAnalysis, result: ModelProto, rng: Rng) => Promise<Verification>,
  rewrite: (filled: ChannelAnalysis) => Promise<ModelProto>,
): Promise<Verification> {
  const first = await compare(analysis, result, rng);
  const filled = fillFaintWeights(analysis, rng.fork('faint weights'));
  if (filled === undefined) return first;
  const second = await compare(filled, await rewrite(filled), rng.fork('filled'));
  return {
    maxRelativeDifference: Math.max(first.maxRelativeDifference, second.maxRelativeDifference),
    batchSizes: first.batchSizes,
  };
}
