import { expect, it } from 'vitest';
import { membersOf } from '../../src/sparsity/members.js';
import { penaltyLayout } from '../../src/sparsity/penaltyLayout.js';
import { analyze } from '../support/analyze.js';
import { modelOf, node, positive } from '../support/modelOf.js';

it('takes weights and their bias for one member of a unit, and each BatchNorm for another', async () => {
  const analysis = await analyze(
    modelOf({
      inputs: { x: ['N', 4] },
      outputs: ['y'],
      nodes: [
        node('MatMul', ['x', 'w1'], 'a'),
        node('Add', ['a', 'b1'], 'a1'),
        node('BatchNormalization', ['a1', 'g', 'o', 'mean', 'var'], 'n'),
        node('Transpose', ['w2'], 'w2t', { perm: [1, 0] }),
        node('MatMul', ['x', 'w2t'], 'b'),
        node('Mul', ['b', 's2'], 'bs'),
        node('Add', ['b2', 'bs'], 'b1s'),
        node('Add', ['n', 'b1s'], 'sum'),
        node('Gemm', ['sum', 'wy', 'by'], 'z'),
        node('Relu', ['z'], 'r'),
        node('MatMul', ['r', 'wz'], 'y'),
      ],
      weights: {
        ...{ w1: [4, 3], b1: [3], g: positive([3]), o: [3], mean: [3], var: positive([3]) },
        ...{ w2: [3, 4], s2: [3], b2: [3], wy: [3, 5], by: [5], wz: [5, 2] },
      },
    }),
  );
  const layout = penaltyLayout(analysis, 'group-lasso');
  const givers: Record<string, string[]> = {};
  for (const { giver, value } of layout.slices) givers[giver] = [...(givers[giver] ?? []), value.name];
  expect(Object.values(givers).map((names) => names.sort())).toEqual([
    ['b1', 'w1'],
    ['b2', 's2', 'w2'],
    ['by', 'wy'],
  ]);
  const members = membersOf(layout);
  // Three units with two members of 5 and 6 elements each, five with one of 4.
  expect(members.ofUnit.map((list) => list.map((m) => members.sizes[m]))).toEqual([
    ...Array(3).fill([5, 6]),
    ...Array(5).fill([4]),
  ]);
  const { slices } = penaltyLayout(analysis, 'gamma');
  const giver = (name: string) => slices.find(({ value }) => value.name === name)!.giver;
  expect(giver('g')).toBe(giver('o'));
});
