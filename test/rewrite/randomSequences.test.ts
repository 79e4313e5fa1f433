/** @file The laws on random nets over sequences: attention, recurrence, normalisations, embeddings, float16. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceLimit } from '../../src/rewrite/proof/differenceLimit.js';
import { analyzeAt } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw, LAW_TOLERANCE } from '../support/expectLaw.js';
import { LENGTH, type SequenceRecipe, sequenceNet, sequenceRecipes } from '../support/randomSequence.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_NETS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

/** @returns how many groups could be changed */
async function expectSequenceLaws(recipe: SequenceRecipe): Promise<number> {
  const { seed, tokens, half } = recipe;
  const analysis = await analyzeAt(sequenceNet(recipe), { x: tokens ? [1, LENGTH] : [1, LENGTH, 2] });
  const tolerance = half ? differenceLimit(analysis.model) : LAW_TOLERANCE;
  await expectCutLaw(analysis, seed, tolerance);
  await expectWidenLaw(analysis, seed + 1, tolerance);
  return prunableGroups(analysis).length;
}

test('cut and widened, random nets over sequences keep their laws and their predicted costs', async () => {
  let groups = 0;
  const property = fc.asyncProperty(sequenceRecipes, async (recipe) => {
    try {
      groups += await expectSequenceLaws(recipe);
    } catch (error) {
      throw new Error(`reproduce with: await expectSequenceLaws(${JSON.stringify(recipe)});`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
  // What is pinned keeps every law: most of these nets must have something to cut.
  expect(groups).toBeGreaterThan(RUNS);
});
