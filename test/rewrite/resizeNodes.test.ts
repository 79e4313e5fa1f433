import { expect, test } from 'vitest';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { maskedReference } from '../../src/rewrite/proof/maskedReference.js';
import { verifyRewrite } from '../../src/rewrite/proof/verifyRewrite.js';
import { SAME } from '../ops/laws/lawNet.js';
import { analyze, groupAt } from '../support/analyze.js';
import { integers, modelOf, node } from '../support/modelOf.js';

/** The first channels of 'a', as many as 'c' has; the count is read from the shape of 'c' by `ends`. */
const taken = (ends: readonly ReturnType<typeof node>[]) =>
  modelOf({
    inputs: { x: ['N', 3, 4, 4] },
    weights: { w1: [6, 3, 3, 3], w2: [4, 3, 3, 3], w3: [2, 8, 1, 1], zero: integers([0]), one: integers([1]) },
    nodes: [
      node('Conv', ['x', 'w1'], 'a', SAME),
      node('Conv', ['x', 'w2'], 'c', SAME),
      node('Shape', ['c'], 'd'),
      ...ends,
      node('Slice', ['a', 'zero', 'end', 'one'], 'part'),
      node('Concat', ['part', 'c'], 'b', { axis: 1 }),
      node('Conv', ['b', 'w3'], 'y'),
    ],
    outputs: ['y'],
  });

test.each([
  ['as it is', [node('Gather', ['d', 'one'], 'end')]],
  ['calculated', [node('Gather', ['d', 'one'], 'count'), node('Mul', ['count', 'one'], 'end')]],
])('a number that a node keeps no longer follows the width that it was read from, %s', async (_, ends) => {
  const analysis = await analyze(taken(ends));
  const copies = new Int32Array(analysis.unitCount).fill(1);
  for (const unit of groupAt(analysis, 'c').units.slice(1)) copies[unit] = 0;
  const result = await applyPlan(analysis, { copies });
  const reference = maskedReference(analysis, { copies });
  const { maxRelativeDifference } = await verifyRewrite(analysis.model, reference, result, createRng(1));
  expect(maxRelativeDifference).toBeLessThan(1e-5);
  const { model } = await analyze(result);
  expect(model.typeOf(model.graph.value('part')!).dims).toEqual([1, 4, 4, 4]);
});
