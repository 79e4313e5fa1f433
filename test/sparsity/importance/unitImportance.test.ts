import { describe, expect, it } from 'vitest';
import type { ChannelAnalysis } from '../../../src/channels/channelAnalysis.js';
import { createRng } from '../../../src/random/rng.js';
import type { Importance } from '../../../src/sparsity/importance/importance.js';
import { lamp } from '../../../src/sparsity/importance/lamp.js';
import type { Reduction } from '../../../src/sparsity/importance/reduction.js';
import { unitImportance } from '../../../src/sparsity/importance/unitImportance.js';
import { analyze, groupAt } from '../../support/analyze.js';
import { floats, modelOf, node } from '../../support/modelOf.js';

/** x → a (3 units) → y; the columns of w1 are (3, 4), (0, 5) and (1, 0). */
const single = () =>
  analyze(
    modelOf({
      inputs: { x: ['N', 2] },
      weights: { w1: floats([3, 0, 1, 4, 5, 0], [2, 3]), w2: floats([1, 0, 0, 2, 5, 5], [3, 2]) },
      nodes: [node('MatMul', ['x', 'w1'], 'a'), node('MatMul', ['a', 'w2'], 'y')],
      outputs: ['y'],
    }),
  );

/** Two convolutions that are added give the two channels: rows (3, 4) and (1, 0), and (0, 1) and (0, 3). */
const joined = () =>
  analyze(
    modelOf({
      inputs: { x: ['N', 2, 3, 3] },
      weights: {
        w1: floats([3, 4, 1, 0], [2, 2, 1, 1]),
        w2: floats([0, 1, 0, 3], [2, 2, 1, 1]),
        b2: floats([100, 1], [2]),
        w3: [2, 2, 1, 1],
      },
      nodes: [
        node('Conv', ['x', 'w1'], 'a'),
        node('Conv', ['x', 'w2', 'b2'], 'b'),
        node('Add', ['a', 'b'], 's'),
        node('Conv', ['s', 'w3'], 'y'),
      ],
      outputs: ['y'],
    }),
  );

const normed = (scale: readonly number[]) =>
  analyze(
    modelOf({
      inputs: { x: ['N', 1, 3, 3] },
      weights: {
        w1: floats([1, 1], [2, 1, 1, 1]),
        scale: floats(scale),
        shift: floats([7, 0]),
        mean: floats([0, 0]),
        variance: floats([1, 1]),
        w2: floats([3, 0, 0, 1], [2, 2, 1, 1]),
        w3: [1, 2, 1, 1],
      },
      nodes: [
        node('Conv', ['x', 'w1'], 'a'),
        node('BatchNormalization', ['a', 'scale', 'shift', 'mean', 'variance'], 'n'),
        node('Conv', ['n', 'w2'], 'b'),
        node('Conv', ['b', 'w3'], 'y'),
      ],
      outputs: ['y'],
    }),
  );

function worth(analysis: ChannelAnalysis, name: string, kind: Importance, reduction: Reduction = 'mean'): number[] {
  const importance = unitImportance(analysis, { kind, reduction, rng: createRng(1) });
  return groupAt(analysis, name).units.map((unit) => importance[unit]!);
}

const shares = (values: readonly number[]) => {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => expect.closeTo(value / sum, 6));
};

describe('importance', () => {
  it('l1 sums magnitudes, as a share of the group', async () => {
    expect(worth(await single(), 'a', 'l1')).toEqual(shares([7, 5, 1]));
  });

  it('l2 takes norms', async () => {
    expect(worth(await single(), 'a', 'l2')).toEqual(shares([5, 5, 1]));
  });

  it('fpgm sums the distances to the others', async () => {
    // (3, 4)–(0, 5): √10, (3, 4)–(1, 0): √20, (0, 5)–(1, 0): √26
    const [p, q, r] = [Math.sqrt(10), Math.sqrt(20), Math.sqrt(26)];
    expect(worth(await single(), 'a', 'fpgm')).toEqual(shares([p + q, p + r, q + r]));
  });

  it('lamp divides the square by those that are no smaller', async () => {
    // Of the equal ones, the first counts as the smaller.
    expect(worth(await single(), 'a', 'lamp')).toEqual([25 / 50, 25 / 25, 1 / 51].map((x) => expect.closeTo(x, 6)));
    expect([...lamp([1, 3, 2])]).toEqual([1 / 14, 1, 4 / 13]);
    expect([...lamp([0, 0])]).toEqual([0, 0]);
  });

  it('random depends on the seed alone, and is never 0', async () => {
    const first = worth(await single(), 'a', 'random');
    expect(worth(await single(), 'a', 'random')).toEqual(first);
    expect(new Set(first).size).toBe(3);
    for (const value of first) expect(value).toBeGreaterThan(0);
    const other = unitImportance(await single(), { kind: 'random', reduction: 'mean', rng: createRng(2) });
    expect(other).not.toEqual(unitImportance(await single(), { kind: 'random', reduction: 'mean', rng: createRng(1) }));
  });

  it.each([
    ['mean', [(5 + 1) / 2, (1 + 3) / 2]],
    ['max', [5, 3]],
    ['sum', [5 + 1, 1 + 3]],
  ] as const)('members are reduced by %s; biases have no say beside weights', async (reduction, expected) => {
    expect(worth(await joined(), 's', 'l2', reduction)).toEqual(shares(expected));
  });

  it('bn takes |γ|, and l2 where a group has none', async () => {
    const analysis = await normed([-3, 1]);
    expect(worth(analysis, 'n', 'bn')).toEqual(shares([3, 1]));
    expect(worth(analysis, 'b', 'bn')).toEqual(shares([3, 1]));
    expect(worth(analysis, 'n', 'l2')).toEqual(shares([1, 1]));
  });

  it('bn is refused where no group has a BatchNorm', async () => {
    const analysis = await single();
    expect(() => worth(analysis, 'a', 'bn')).toThrow(
      'test.onnx: importance bn needs a BatchNormalization, and no channel that can be cut runs through one; use --importance l2',
    );
  });

  it('with spreads, the weights that read a unit speak, times the spread of what they read', async () => {
    const analysis = await single();
    const read = analysis.table.find({ value: analysis.model.graph.value('a')!, axis: 1 })!;
    const spreads = new Map([[read, Float64Array.of(10, 1, 0)]]);
    const importance = unitImportance(analysis, { kind: 'l2', reduction: 'mean', rng: createRng(1), spreads });
    // Rows of w2: (1, 0), (0, 2), (5, 5).
    expect(groupAt(analysis, 'a').units.map((unit) => importance[unit]!)).toEqual(shares([10, 2, 0]));
  });

  it('is 0 for units that cannot be cut', async () => {
    const analysis = await single();
    const importance = unitImportance(analysis, { kind: 'l2', reduction: 'mean', rng: createRng(1) });
    for (const unit of groupAt(analysis, 'y').units) expect(importance[unit]).toBe(0);
  });
});
