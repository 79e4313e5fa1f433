/** @file The laws on random transformers. On failure: the seed of fast-check, and a line to paste into a test. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPrunable } from '../../src/channels/channelAnalysis.js';
import { analyze } from '../support/analyze.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { type AttentionRecipe, attentionNet, attentionRecipes } from '../support/randomAttention.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_NETS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

async function expectAttentionLaws(recipe: AttentionRecipe): Promise<void> {
  const analysis = await analyze(attentionNet(recipe));
  // The stream, and what gives the heads of each step, or the columns of a single one.
  expect(analysis.groups.filter(isPrunable).length).toBeGreaterThan(recipe.steps.length);
  await expectCutLaw(analysis, recipe.seed);
  await expectWidenLaw(analysis, recipe.seed + 1);
}

test('cut and widened, random transformers keep their laws and their predicted costs', async () => {
  const property = fc.asyncProperty(attentionRecipes, async (recipe) => {
    try {
      await expectAttentionLaws(recipe);
    } catch (error) {
      throw new Error(`reproduce with: await expectAttentionLaws(${JSON.stringify(recipe)});`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
});
