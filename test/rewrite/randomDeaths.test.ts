/** @file The law where random groups die. On failure: the seed of fast-check, and a line to paste into a test. */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelAnalysis } from '../../src/channels/channelAnalysis.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { createRng } from '../../src/random/rng.js';
import { plannedWidths } from '../../src/rewrite/plan/plan.js';
import { differenceLimit } from '../../src/rewrite/proof/differenceLimit.js';
import { analyze, analyzeAt } from '../support/analyze.js';
import { expectPlanLaw, LAW_TOLERANCE } from '../support/expectLaw.js';
import { type AttentionRecipe, attentionNet, attentionRecipes } from '../support/randomAttention.js';
import { type BlockRecipe, blockNet, blockRecipes } from '../support/randomBlocks.js';
import { netOf, type Recipe, recipes } from '../support/randomNet.js';
import { randomDeaths } from '../support/randomPlan.js';
import { LENGTH, type SequenceRecipe, sequenceNet, sequenceRecipes } from '../support/randomSequence.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_NETS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);
const FIXTURES = new URL('../../fixtures/models/', import.meta.url).pathname;

/** @returns how many groups died */
async function expectDeathLaw(analysis: ChannelAnalysis, seed: number, tolerance = LAW_TOLERANCE): Promise<number> {
  const plan = randomDeaths(analysis, createRng(seed));
  await expectPlanLaw(analysis, plan, seed, tolerance);
  return plannedWidths(analysis, plan).filter((width) => width === 0).length;
}

const expectBlockLaw = async (recipe: BlockRecipe) => expectDeathLaw(await analyze(blockNet(recipe)), recipe.seed);
const expectNetLaw = async (recipe: Recipe) => expectDeathLaw(await analyze(netOf(recipe)), recipe.seed);
const expectAttentionLaw = async (recipe: AttentionRecipe) =>
  expectDeathLaw(await analyze(attentionNet(recipe)), recipe.seed);
async function expectSequenceLaw(recipe: SequenceRecipe): Promise<number> {
  const analysis = await analyzeAt(sequenceNet(recipe), { x: recipe.tokens ? [1, LENGTH] : [1, LENGTH, 2] });
  return expectDeathLaw(analysis, recipe.seed, recipe.half ? differenceLimit(analysis.model) : LAW_TOLERANCE);
}

async function holdsFor<T>(name: string, recipe: T, law: (recipe: T) => Promise<number>): Promise<number> {
  try {
    return await law(recipe);
  } catch (error) {
    throw new Error(`reproduce with: await ${name}(${JSON.stringify(recipe)});`, { cause: error });
  }
}

test('nets of blocks keep their law and their predicted cost when blocks die', async () => {
  let died = 0;
  const property = fc.asyncProperty(blockRecipes, async (recipe) => {
    died += await holdsFor('expectBlockLaw', recipe, expectBlockLaw);
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
  expect(died).toBeGreaterThan(RUNS);
});

test('random nets keep them as well', async () => {
  const property = fc.asyncProperty(recipes, async (recipe) => {
    await holdsFor('expectNetLaw', recipe, expectNetLaw);
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
});

test('attention and sequences keep them as well', async () => {
  const ofAttention = fc.asyncProperty(attentionRecipes, async (recipe) => {
    await holdsFor('expectAttentionLaw', recipe, expectAttentionLaw);
  });
  const ofSequences = fc.asyncProperty(sequenceRecipes, async (recipe) => {
    await holdsFor('expectSequenceLaw', recipe, expectSequenceLaw);
  });
  const options = { seed: SEED, numRuns: Math.ceil(RUNS / 2), includeErrorInReport: true };
  await fc.assert(ofAttention, options);
  await fc.assert(ofSequences, options);
});

describe('the zoo', () => {
  test.each(readdirSync(FIXTURES).filter((file) => file.endsWith('.onnx')))('%s', async (file) => {
    const analysis = await analyze((await readModelFile(FIXTURES + file)).model);
    for (let seed = 1; seed <= 2; seed++) await expectDeathLaw(analysis, seed);
  });
});
