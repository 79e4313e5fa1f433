/** @file The laws that every rewrite obeys, as assertions. */
import { expect } from 'vitest';
import type { ChannelAnalysis } from '../../src/channels/channelAnalysis.js';
import { TARGET_RESOURCES } from '../../src/cost/resource.js';
import { decodeModel } from '../../src/onnx/decodeModel.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { costOf } from '../../src/pipeline/targets.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { type Plan, plannedWidths } from '../../src/rewrite/plan/plan.js';
import { maskedReference } from '../../src/rewrite/proof/maskedReference.js';
import { verifyRewrite } from '../../src/rewrite/proof/verifyRewrite.js';
import { analyzeAt } from './analyze.js';
import { randomCut, randomWiden } from './randomPlan.js';

/** What float32 may leave of a difference on the small networks of the tests. */
export const LAW_TOLERANCE = 1e-5;

/** The cut model equals the original whose consumers of the cut units weigh zero, and costs what was predicted. */
export async function expectCutLaw(analysis: ChannelAnalysis, seed: number, tolerance = LAW_TOLERANCE): Promise<Plan> {
  const plan = randomCut(analysis, createRng(seed));
  await expectProof(analysis, maskedReference(analysis, plan), await applyPlan(analysis, plan), plan, seed, tolerance);
  return plan;
}

/** The widened model equals the original, and costs what was predicted. */
export async function expectWidenLaw(
  analysis: ChannelAnalysis,
  seed: number,
  tolerance = LAW_TOLERANCE,
): Promise<Plan> {
  const plan = randomWiden(analysis, createRng(seed));
  const widened = await applyPlan(analysis, plan, createRng(seed).fork('shares'));
  await expectProof(analysis, analysis.model.graph.model, widened, plan, seed, tolerance);
  return plan;
}

/** The law for a plan that is given. @returns the cut model */
export async function expectPlanLaw(
  analysis: ChannelAnalysis,
  plan: Plan,
  seed = 1,
  tolerance = LAW_TOLERANCE,
): Promise<ModelProto> {
  const cut = await applyPlan(analysis, plan);
  await expectProof(analysis, maskedReference(analysis, plan), cut, plan, seed, tolerance);
  return cut;
}

async function expectProof(
  analysis: ChannelAnalysis,
  reference: ModelProto,
  result: ModelProto,
  plan: Plan,
  seed: number,
  tolerance: number,
): Promise<void> {
  const widths = `seed ${seed}, widths ${plannedWidths(analysis, plan).join(' ')}`;
  const { maxRelativeDifference } = await verifyRewrite(analysis.model, reference, result, createRng(seed).fork('x'));
  expect(maxRelativeDifference, widths).toBeLessThanOrEqual(tolerance);
  const bytes = encodeModel(result);
  expect(Buffer.compare(encodeModel(decodeModel(bytes, 'result')), bytes), widths).toBe(0);
  const again = await analyzeAt(result, Object.fromEntries(analysis.model.inputShapes));
  const unchanged = new Int32Array(again.unitCount).fill(1);
  for (const resource of TARGET_RESOURCES) {
    if (resource === 'latencyMs') continue;
    const predicted = costOf(analysis, resource).total(plan.copies);
    expect(`${resource} ${costOf(again, resource).total(unchanged)}`, widths).toBe(`${resource} ${predicted}`);
  }
}
