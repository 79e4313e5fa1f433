import { describe, expect, it } from 'vitest';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { maskedReference } from '../../src/rewrite/maskedReference.js';
import { unchangedPlan } from '../../src/rewrite/plan.js';
import { verifyRewrite } from '../../src/rewrite/verifyRewrite.js';
import { freeSymbols, varied } from '../../src/runtime/freeSymbols.js';
import { analyze, analyzeAt } from '../support/analyze.js';
import { integers, modelOf, node } from '../support/modelOf.js';

/** Conv over images of any size. */
const anySize = modelOf({
  inputs: { x: ['N', 3, 'H', 'W'] },
  outputs: ['y'],
  nodes: [
    node('Conv', ['x', 'w1'], 'a', { pads: [1, 1, 1, 1] }),
    node('Relu', ['a'], 'b'),
    node('Conv', ['b', 'w2'], 'y', {}),
  ],
  weights: { w1: [4, 3, 3, 3], w2: [2, 4, 1, 1] },
});

describe('freeSymbols', () => {
  it('gathers the places of each name, and takes nameless first dimensions for the batch', () => {
    const model = modelOf({
      inputs: { a: ['', 'T', 4], b: ['', 'T'], c: [2, ''] },
      outputs: ['y'],
      nodes: [node('Identity', ['a'], 'y')],
    });
    const symbols = freeSymbols(indexGraph(model)).map(({ name, places, isBatch }) => [
      name,
      places.map(({ input, axis }) => `${input}[${axis}]`).join(' '),
      isBatch,
    ]);
    expect(symbols).toEqual([
      ['batch', 'a[0] b[0]', true],
      ['T', 'a[1] b[1]', false],
      ['c[1]', 'c[1]', false],
    ]);
  });

  it('changes the batch by 1, and doubles the others', () => {
    const graph = indexGraph(anySize);
    const shapes = new Map([['x', [1, 3, 8, 6]]]);
    expect(varied(shapes, freeSymbols(graph)).get('x')).toEqual([2, 3, 16, 12]);
    expect(shapes.get('x')).toEqual([1, 3, 8, 6]);
  });
});

describe('free image sizes', () => {
  it('are free in all that follows them, and proven at two sizes', async () => {
    const analysis = await analyzeAt(anySize, { x: [1, 3, 8, 8] });
    const value = analysis.model.graph.value('b')!;
    expect([0, 1, 2, 3].map((axis) => analysis.model.isFree({ value, axis }))).toEqual([true, false, true, true]);
    expect([0, 1, 2, 3].map((axis) => analysis.model.followsBatch({ value, axis }))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const plan = unchangedPlan(analysis);
    const group = analysis.groups.find(({ name, pinned }) => name === 'a' && pinned === undefined)!;
    plan.copies[group.units[1]!] = 0;
    const proof = await verifyRewrite(
      analysis.model,
      maskedReference(analysis, plan),
      applyPlan(analysis, plan),
      createRng(1),
    );
    expect(proof.maxRelativeDifference).toBeLessThan(1e-5);
    expect(proof.batchSizes).toEqual([1, 2]);
  });

  it('are not free where the model takes one size alone', async () => {
    const analysis = await analyzeAt(
      modelOf({
        inputs: { x: ['N', 'D'] },
        outputs: ['y'],
        nodes: [node('Gemm', ['x', 'w'], 'a'), node('Reshape', ['a', 's'], 'y')],
        weights: { w: [4, 6], s: integers([0, 6]) },
      }),
      { x: [1, 4] },
    );
    expect(analysis.model.isFree({ value: analysis.model.graph.value('x')!, axis: 1 })).toBe(false);
    expect((await analyze(anySize).catch((error: Error) => error)) instanceof Error).toBe(true);
  });
});
