import { expect, test } from 'vitest';
import { groupWidths } from '../../src/pipeline/groupWidths.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { unchangedPlan } from '../../src/rewrite/plan/plan.js';
import { analyze, groupAt } from '../support/analyze.js';
import { integers, modelOf, node } from '../support/modelOf.js';

test('the one head that is left counts as one, and not as its columns', async () => {
  const before = await analyze(
    modelOf({
      inputs: { x: ['N', 4, 3] },
      weights: { w: [3, 8], heads: integers([0, 0, 2, 4]), flat: integers([0, 0, -1]), outW: [8, 2] },
      nodes: [
        node('MatMul', ['x', 'w'], 'q'),
        node('Reshape', ['q', 'heads'], 'apart'),
        node('Transpose', ['apart'], 'turned', { perm: [0, 2, 1, 3] }),
        node('Attention', ['turned', 'turned', 'turned'], 'mixed'),
        node('Transpose', ['mixed'], 'back', { perm: [0, 2, 1, 3] }),
        node('Reshape', ['back', 'flat'], 'merged'),
        node('MatMul', ['merged', 'outW'], 'y'),
      ],
      outputs: ['y'],
      opset: 23,
    }),
  );
  const plan = unchangedPlan(before);
  plan.copies[groupAt(before, 'q', 2).units[0]!] = 0;
  const after = await analyze(await applyPlan(before, plan));
  expect(groupWidths(before, after)).toEqual([{ name: 'q', before: 2, after: 1, members: ['q'] }]);
});
