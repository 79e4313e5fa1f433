/** @file The laws on random chains of slices, splits, gathers, reshapes and the like. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyze } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { type MovementRecipe, movementNet, movementRecipes } from '../support/randomMovement.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_NETS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

/** @returns how many groups could be changed */
async function expectMovementLaws(recipe: MovementRecipe): Promise<number> {
  const analysis = await analyze(movementNet(recipe));
  await expectCutLaw(analysis, recipe.seed);
  await expectWidenLaw(analysis, recipe.seed + 1);
  return prunableGroups(analysis).length;
}

test('cut and widened, what moves elements keeps the laws and the predicted costs', async () => {
  let groups = 0;
  const property = fc.asyncProperty(movementRecipes, async (recipe) => {
    try {
      groups += await expectMovementLaws(recipe);
    } catch (error) {
      throw new Error(`reproduce with: await expectMovementLaws(${JSON.stringify(recipe)});`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
  // What is pinned keeps every law: most of these nets must have something to cut.
  expect(groups).toBeGreaterThan(RUNS);
});
