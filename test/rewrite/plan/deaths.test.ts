/** @file Plans in which whole groups may die. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPrunable } from '../../../src/channels/channelAnalysis.js';
import { CostModel } from '../../../src/cost/costModel.js';
import { PeakCost } from '../../../src/cost/peakCost.js';
import { readModelFile } from '../../../src/onnx/readModelFile.js';
import { createRng } from '../../../src/random/rng.js';
import { plannedWidths, unchangedPlan } from '../../../src/rewrite/plan/plan.js';
import { leastCost, planCut } from '../../../src/rewrite/plan/planCut.js';
import { analyze, groupAt } from '../../support/analyze.js';
import { expectPlanLaw } from '../../support/expectLaw.js';
import { type ModelSketch, modelOf, node } from '../../support/modelOf.js';
import { type BlockRecipe, blockNet, blockRecipes } from '../../support/randomBlocks.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_NETS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

const fixture = async (name: string) =>
  analyze((await readModelFile(new URL(`../../../fixtures/models/${name}.onnx`, import.meta.url).pathname)).model);

const KERNEL = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };

/** Two branches that are added to one another: one may die, not both. */
const BRANCHES: ModelSketch = {
  inputs: { x: ['N', 3, 4, 4] },
  outputs: ['y'],
  nodes: [
    node('Conv', ['x', 'wa'], 'a'),
    node('Conv', ['a', 'wa2'], 'a2'),
    node('Conv', ['x', 'wb'], 'b', KERNEL),
    node('Conv', ['b', 'wb2'], 'b2', KERNEL),
    node('Add', ['a2', 'b2'], 'sum'),
    node('Conv', ['sum', 'wy'], 'y'),
  ],
  weights: { wa: [4, 3, 1, 1], wa2: [2, 4, 1, 1], wb: [4, 3, 3, 3], wb2: [2, 4, 3, 3], wy: [3, 2, 1, 1] },
};

describe('a budget below what one channel for each group costs', () => {
  test.each(['resnet', 'resnet_bn', 'inception_bn', 'mobilenet_v2', 'regnet_grouped', 'densenet_bn'])(
    'lets groups of %s die, by the law',
    async (name) => {
      const analysis = await fixture(name);
      const cost = new CostModel(analysis, 'flops');
      const rng = createRng(2);
      const importance = Float64Array.from({ length: analysis.unitCount }, () => rng.next());
      const limit = leastCost(cost) - 1;
      expect(() => planCut([{ cost, limit }], { importance })).toThrow('cutting every group down to one channel');
      const plan = planCut([{ cost, limit }], { importance, minChannels: 0, perSaving: true });
      expect(cost.total(plan.copies)).toBeLessThanOrEqual(limit);
      const widths = plannedWidths(analysis, plan);
      expect(analysis.groups.filter((group) => isPrunable(group) && widths[group.index] === 0)).not.toEqual([]);
      const cut = await expectPlanLaw(analysis, plan);
      expect(cut.graph!.node.length).toBeLessThan(analysis.model.graph.nodes.length);
    },
  );
});

test('what cannot be reached without a way from the input to the output is refused', async () => {
  const cost = new CostModel(await analyze(modelOf(BRANCHES)), 'params');
  const importance = new Float64Array(cost.analysis.unitCount);
  // x → a → a2 → y with a channel each.
  expect(leastCost(cost, { minChannels: 0 })).toBe(3 + 1 + 3);
  expect(() => planCut([{ cost, limit: 6 }], { importance, minChannels: 0 })).toThrow(
    'target params=6: the model has 206, and letting every group die that the outputs can do without, and cutting the others down to one channel leaves 7; ask for at least params=3.4%',
  );
});

test('where the least important group that dies keeps a dearer one alive, that one dies instead', async () => {
  const analysis = await analyze(modelOf(BRANCHES));
  const cost = new CostModel(analysis, 'params');
  const importance = new Float64Array(analysis.unitCount).fill(1);
  for (const unit of groupAt(analysis, 'b').units) importance[unit] = 2;
  const plan = planCut([{ cost, limit: 8 }], { importance, minChannels: 0 });
  expect(cost.total(plan.copies)).toBeLessThanOrEqual(8);
  const widths = plannedWidths(analysis, plan);
  expect(widths[groupAt(analysis, 'b').index]).toBe(0);
  expect(widths[groupAt(analysis, 'a').index]).toBeGreaterThan(0);
});

test('a tower goes at once where that saves more for what it is worth than any channel', async () => {
  const analysis = await analyze(
    modelOf({
      inputs: { x: ['N', 4, 4, 4] },
      outputs: ['y'],
      nodes: [
        node('Conv', ['x', 'wa'], 'a', KERNEL),
        node('Conv', ['x', 'wb0'], 'b0', KERNEL),
        node('Relu', ['b0'], 'b1'),
        node('Conv', ['b1', 'wb'], 'b'),
        node('Concat', ['a', 'b'], 'all', { axis: 1 }),
        node('Conv', ['all', 'wy'], 'y'),
      ],
      weights: { wa: [6, 4, 3, 3], wb0: [20, 4, 3, 3], wb: [4, 20, 1, 1], wy: [2, 10, 1, 1] },
    }),
  );
  const cost = new CostModel(analysis, 'params');
  // Channels of the tower's inner convolution are worth the most: one by one, they would stay.
  const importance = new Float64Array(analysis.unitCount).fill(1);
  for (const unit of groupAt(analysis, 'b0').units) importance[unit] = 50;
  // 6·36 + 20·36 + 4·20 + 2·10 = 1036; without the tower 6·36 + 2·6 = 228.
  const options = { importance, perSaving: true } as const;
  const cut = planCut([{ cost, limit: 227 }], { ...options, minChannels: 0 });
  const widths = plannedWidths(analysis, cut);
  expect(widths[groupAt(analysis, 'b').index]).toBe(0);
  expect(widths[groupAt(analysis, 'a').index]).toBe(5);
  // What nothing reads is given back, as it costs nothing.
  expect(widths[groupAt(analysis, 'b0').index]).toBe(20);
  await expectPlanLaw(analysis, cut);
});

test('local cuts let no group die', async () => {
  const analysis = await fixture('resnet_bn');
  const cost = new CostModel(analysis, 'flops');
  const importance = new Float64Array(analysis.unitCount);
  const least = leastCost(cost);
  const plan = planCut([{ cost, limit: least }], { importance, minChannels: 0, scope: 'local' });
  expect(cost.total(plan.copies)).toBe(least);
  expect(() => planCut([{ cost, limit: least - 1 }], { importance, minChannels: 0, scope: 'local' })).toThrow(
    'cutting every group down to one channel',
  );
});

test('random budgets for nets of blocks are kept, by the law', async () => {
  const expectBudget = async (recipe: BlockRecipe): Promise<void> => {
    const analysis = await analyze(blockNet(recipe));
    const rng = createRng(recipe.seed);
    const costs = [new CostModel(analysis, 'flops'), new CostModel(analysis, 'params')] as const;
    const cost = costs[rng.int(2)]!;
    const importance = Float64Array.from({ length: analysis.unitCount }, () => rng.next());
    const round = 1 + rng.int(2);
    const rules = { minChannels: 0, round };
    const least = leastCost(cost, rules);
    const limit = least + (cost.total(unchangedPlan(analysis).copies) - least) * rng.next() ** 2;
    const peak = new PeakCost(analysis, cost.units);
    const others = rng.int(2) === 0 ? [] : [{ cost: peak, limit: peak.total(unchangedPlan(analysis).copies) }];
    const targets = [{ cost, limit }, ...others];
    const plan = planCut(targets, { ...rules, importance, perSaving: rng.int(2) === 0 });
    for (const target of targets) expect(target.cost.total(plan.copies)).toBeLessThanOrEqual(target.limit);
    await expectPlanLaw(analysis, plan, recipe.seed);
  };
  const property = fc.asyncProperty(blockRecipes, async (recipe) => {
    try {
      await expectBudget(recipe);
    } catch (error) {
      throw new Error(`reproduce with: await expectBudget(${JSON.stringify(recipe)});`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
});
