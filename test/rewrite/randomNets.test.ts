/** @file The laws on random nets. On failure: the seed of fast-check, and a line to paste into a test. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyze } from '../support/analyze.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { netOf, type Recipe, recipes } from '../support/randomNet.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_NETS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

async function expectNetLaws(recipe: Recipe): Promise<void> {
  const analysis = await analyze(netOf(recipe));
  await expectCutLaw(analysis, recipe.seed);
  await expectWidenLaw(analysis, recipe.seed + 1);
}

test('cut and widened, random nets keep their laws and their predicted costs', async () => {
  const property = fc.asyncProperty(recipes, async (recipe) => {
    try {
      await expectNetLaws(recipe);
    } catch (error) {
      throw new Error(`reproduce with: await expectNetLaws(${JSON.stringify(recipe)});`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
});

test('the analysis of a net is always the same', async () => {
  const property = fc.asyncProperty(recipes, async (recipe) => {
    const [first, second] = [await analyze(netOf(recipe)), await analyze(netOf(recipe))];
    expect(second.unitAt).toEqual(first.unitAt);
    const told = ({ groups }: typeof first) =>
      groups.map(({ name, members, units, pinned }) => ({ name, members, units, pinned }));
    expect(told(second)).toEqual(told(first));
  });
  await fc.assert(property, { seed: SEED, numRuns: 10 });
});
