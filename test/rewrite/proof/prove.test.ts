import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/random/rng.js';
import { applyPlan } from '../../../src/rewrite/applyPlan.js';
import { unchangedPlan } from '../../../src/rewrite/plan/plan.js';
import { proveCut, proveWidening } from '../../../src/rewrite/proof/prove.js';
import { analyze } from '../../support/analyze.js';
import { floats, modelOf, node } from '../../support/modelOf.js';

/** A network whose head is still zero, as torchvision's transformers come: every output is zero. */
const untrainedHead = () =>
  analyze(
    modelOf({
      inputs: { x: ['N', 5] },
      outputs: ['y'],
      nodes: [
        node('MatMul', ['x', 'w1'], 'a'),
        node('Relu', ['a'], 'b'),
        node('MatMul', ['b', 'w2'], 'c'),
        node('MatMul', ['c', 'head'], 'y'),
      ],
      weights: { w1: [5, 6], w2: [6, 4], head: floats(Array<number>(12).fill(0), [4, 3]) },
    }),
  );

describe('a network with faint weights', () => {
  it('is proven with random numbers in place of the zeros', async () => {
    const analysis = await untrainedHead();
    const plan = unchangedPlan(analysis);
    const group = analysis.groups.find(({ name, pinned }) => name === 'a' && pinned === undefined)!;
    plan.copies[group.units[2]!] = 0;
    const proof = await proveCut(analysis, plan, await applyPlan(analysis, plan), createRng(1));
    expect(proof.maxRelativeDifference).toBeLessThan(1e-5);

    plan.copies[group.units[2]!] = 2;
    const shares = createRng(3);
    const wide = await applyPlan(analysis, plan, shares);
    expect((await proveWidening(analysis, plan, wide, shares, createRng(2))).maxRelativeDifference).toBeLessThan(1e-5);
  });

  it('does not hide a plan that repeats what cannot be repeated', async () => {
    const analysis = await untrainedHead();
    const plan = unchangedPlan(analysis);
    const group = analysis.groups.find(({ name, pinned }) => name === 'a' && pinned === undefined)!;
    plan.copies[group.units[0]!] = 2;
    // Without the contraction the copies' weights are not shared out: the sum doubles.
    const broken = { ...analysis, contractions: [] };
    const wide = await applyPlan(broken, plan, createRng(3));
    await expect(proveWidening(broken, plan, wide, createRng(3), createRng(2))).rejects.toMatchObject({
      code: 'REWRITE_UNPROVEN',
    });
  });
});
