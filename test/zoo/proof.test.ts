import { describe, expect, it } from 'vitest';
import { type ChannelAnalysis, isPrunable } from '../../src/channels/channelAnalysis.js';
import { MorphError } from '../../src/errors/morphError.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { loadWithWeights } from '../../src/pipeline/loadModel.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { type Plan, unchangedPlan } from '../../src/rewrite/plan/plan.js';
import { LARGEST_DIFFERENCE } from '../../src/rewrite/proof/differenceLimit.js';
import { fillFaintWeights } from '../../src/rewrite/proof/fillFaintWeights.js';
import { maskedReference } from '../../src/rewrite/proof/maskedReference.js';
import { proveCut } from '../../src/rewrite/proof/prove.js';
import { verifyRewrite } from '../../src/rewrite/proof/verifyRewrite.js';
import { randomInputs } from '../../src/runtime/randomInputs.js';
import { relativeDifference } from '../../src/runtime/relativeDifference.js';
import { LAW_TOLERANCE } from '../support/expectLaw.js';
import { runModel } from '../support/runModel.js';
import { ZOO, zooPath } from './zooModels.js';

/** Groups of one model; more would take minutes. */
const GROUPS = 6;
/** Units of one group whose removal is tried. */
const UNITS = 4;

describe('the proof on real architectures', () => {
  it.each(ZOO)('%s: each group loses a unit, and another unit does not pass for it', async (name) => {
    const { analysis } = await loadWithWeights(zooPath(name));
    // Through weights of 0 and 1e-6 nothing shows.
    const visible = fillFaintWeights(analysis, createRng(1)) ?? analysis;
    for (const group of sample(analysis.groups.filter(isPrunable), GROUPS)) {
      const plans = group.units.slice(0, UNITS).map((unit) => without(analysis, unit));
      const [plan, other, difference] = await mostDifferent(visible, plans);
      const proof = await proveCut(analysis, plan, await applyPlan(analysis, plan), createRng(2));
      expect(proof.maxRelativeDifference, group.name).toBeLessThanOrEqual(LAW_TOLERANCE);

      const found = await differenceOfProof(visible, maskedReference(visible, plan), await applyPlan(visible, other));
      // In ShuffleNet's first stage and deep in the U-Net one channel of random weights does less than what is refused.
      expect(difference, group.name).toBeGreaterThan(2 * LAW_TOLERANCE);
      if (difference > 2 * LARGEST_DIFFERENCE) expect(found, group.name).toBe('refused');
      else if (found !== 'refused') expect(found, group.name).toBeGreaterThan(difference / 4);
    }
  });
});

/** Some of a list, evenly. */
function sample<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}

async function differenceOfProof(
  { model }: ChannelAnalysis,
  reference: ModelProto,
  result: ModelProto,
): Promise<number | 'refused'> {
  try {
    return (await verifyRewrite(model, reference, result, createRng(3))).maxRelativeDifference;
  } catch (error) {
    if (error instanceof MorphError && error.code === 'REWRITE_UNPROVEN') return 'refused';
    throw error;
  }
}

function without(analysis: ChannelAnalysis, unit: number): Plan {
  const plan = unchangedPlan(analysis);
  plan.copies[unit] = 0;
  return plan;
}

/** The two plans whose results differ most, with their largest relative difference. */
async function mostDifferent(
  analysis: ChannelAnalysis,
  plans: readonly Plan[],
): Promise<readonly [Plan, Plan, number]> {
  const { graph, inputShapes } = analysis.model;
  const feeds = randomInputs(graph, inputShapes, createRng(4));
  const name = graph.outputs[0]!.name;
  const results: Float32Array[] = [];
  for (const plan of plans) {
    const outputs = await runModel(await applyPlan(analysis, plan), feeds);
    results.push(outputs[name]!.data as Float32Array);
  }
  let best: readonly [Plan, Plan, number] = [plans[0]!, plans[1]!, 0];
  for (const [i, a] of plans.entries()) {
    for (const [j, b] of plans.entries()) {
      const difference = relativeDifference(results[i]!, results[j]!);
      if (difference > best[2]) best = [a, b, difference];
    }
  }
  return best;
}
