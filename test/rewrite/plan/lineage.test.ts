import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../../src/onnx/dataType.js';
import type { ModelProto } from '../../../src/onnx/messages.js';
import { tensorFloats } from '../../../src/onnx/tensorData.js';
import { createRng } from '../../../src/random/rng.js';
import { applyPlan } from '../../../src/rewrite/applyPlan.js';
import { Lineage } from '../../../src/rewrite/plan/lineage.js';
import { plannedWidths } from '../../../src/rewrite/plan/plan.js';
import { analyze, groupAt } from '../../support/analyze.js';
import { modelOf, node } from '../../support/modelOf.js';
import { netOf, type Recipe, recipes } from '../../support/randomNet.js';
import { randomCut, randomWiden } from '../../support/randomPlan.js';

const CHAIN = modelOf({
  inputs: { x: ['N', 3] },
  weights: { w1: [3, 8], w2: [8, 6], w3: [6, 2] },
  nodes: [node('MatMul', ['x', 'w1'], 'a'), node('MatMul', ['a', 'w2'], 'b'), node('MatMul', ['b', 'w3'], 'y')],
  outputs: ['y'],
});

/** Shapes and numbers of all weights. */
const weightsOf = ({ graph }: ModelProto) =>
  graph!.initializer
    .filter(({ dataType }) => dataType === DataType.FLOAT)
    .map((tensor) => ({
      name: tensor.name,
      dims: tensor.dims.map(Number),
      numbers: Array.from(tensorFloats(tensor, undefined)),
    }));

/**
 * Cut twice, a net is the one that is cut at once by the plan of its lineage; or that has more, where a group of a
 * grouped convolution became an ordinary one whose channels could go one by one.
 *
 * @returns whether it is the same
 */
async function expectComposition(recipe: Recipe): Promise<boolean> {
  const original = await analyze(netOf(recipe));
  const first = randomCut(original, createRng(recipe.seed));
  const between = await analyze(await applyPlan(original, first));
  const second = randomCut(between, createRng(recipe.seed + 1));
  const last = await applyPlan(between, second);
  const lineage = Lineage.of(original)
    .follow(original, first, between)
    .follow(between, second, await analyze(last));
  const atOnce = await applyPlan(original, lineage.plan);
  const [wanted, found] = [weightsOf(last), weightsOf(atOnce)];
  const sizes = (weights: typeof found) => weights.map(({ numbers }) => numbers.length);
  const isFiner = sizes(found).some((size, i) => size > sizes(wanted)[i]!);
  if (!isFiner) expect(found, JSON.stringify(recipe)).toEqual(wanted);
  else {
    for (const [i, size] of sizes(found).entries()) {
      expect(size, JSON.stringify(recipe)).toBeGreaterThanOrEqual(sizes(wanted)[i]!);
    }
  }
  return !isFiner;
}

describe('the lineage of a network', () => {
  it('is the plan that cuts at once what was cut in steps', async () => {
    let same = 0;
    const property = fc.asyncProperty(recipes, async (recipe) => {
      if (await expectComposition(recipe)) same++;
    });
    await fc.assert(property, { seed: 20261124, numRuns: 80 });
    expect(same).toBeGreaterThan(72);
  });

  it('counts what was repeated once, and lets it go when no copy is left', async () => {
    const original = await analyze(CHAIN);
    const plan = { copies: new Int32Array(original.unitCount).fill(1) };
    const [first, second, third] = groupAt(original, 'a').units;
    plan.copies[first!] = 3;
    plan.copies[second!] = 2;
    const wide = await analyze(await applyPlan(original, plan, createRng(1)));
    const widened = Lineage.of(original).follow(original, plan, wide);
    expect([...widened.plan.copies]).toEqual(Array(original.unitCount).fill(1));
    expect(groupAt(wide, 'a').units.length).toBe(11);
    expect(widened.wholeWidth(groupAt(wide, 'a'))).toBe(8);

    // The copies of the first are the first three positions: two of them go, and both of the second.
    const cut = { copies: new Int32Array(wide.unitCount).fill(1) };
    for (const position of [0, 2, 3, 4]) cut.copies[groupAt(wide, 'a').units[position]!] = 0;
    const narrow = await analyze(await applyPlan(wide, cut));
    const { copies } = widened.follow(wide, cut, narrow).plan;
    expect([first, second, third].map((unit) => copies[unit!])).toEqual([1, 0, 1]);
    expect(plannedWidths(original, { copies })[groupAt(original, 'a').index]).toBe(7);
  });

  it('keeps all of what is only widened', async () => {
    const original = await analyze(CHAIN);
    const plan = randomWiden(original, createRng(3));
    const wide = await analyze(await applyPlan(original, plan, createRng(1)));
    const { copies } = Lineage.of(original).follow(original, plan, wide).plan;
    expect(copies.every((count) => count === 1)).toBe(true);
  });
});
