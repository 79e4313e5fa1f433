/** @file Golden cases of which channels hang together: each draws a net and names its groups. */
import { describe, expect, test } from 'vitest';
import { analyze, groupAt, unitPattern } from '../support/analyze.js';
import { prunableGroups } from '../support/describeGroups.js';
import { expectCutLaw, expectWidenLaw } from '../support/expectLaw.js';
import { floats, modelOf, node } from '../support/modelOf.js';

const SAME = { pads: [1, 1, 1, 1] };
const image = { x: ['N', 3, 6, 6] };

async function expectLaws(analysis: Awaited<ReturnType<typeof analyze>>): Promise<void> {
  for (const seed of [1, 2]) await expectCutLaw(analysis, seed);
  for (const seed of [3, 4]) await expectWidenLaw(analysis, seed);
}

describe('element-wise operators join position by position', () => {
  test('a residual sum ties the stem to the last convolution of the block, and leaves the inner one alone', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [8, 3, 3, 3], w2: [5, 8, 3, 3], w3: [8, 5, 3, 3], w4: [4, 8, 1, 1], b1: [8] },
        nodes: [
          node('Conv', ['x', 'w1', 'b1'], 'stem', SAME),
          node('Relu', ['stem'], 'act'),
          node('Conv', ['act', 'w2'], 'inner', SAME),
          node('Conv', ['inner', 'w3'], 'last', SAME),
          node('Add', ['act', 'last'], 'sum'),
          node('Conv', ['sum', 'w4'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['stem (8): stem, last', 'inner (5): inner']);
    expect(groupAt(analysis, 'y').pinned).toBe("graph output 'y'");
    expect(groupAt(analysis, 'x').pinned).toBe("graph input 'x'");
    await expectLaws(analysis);
  });

  test('a bias in an Add of its own and a gain in a Mul belong to the channels, and give none', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [6, 3, 3, 3], bias: [6, 1, 1], gain: [1, 6, 1, 1], w2: [2, 6, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Add', ['conv', 'bias'], 'biased'),
          node('Mul', ['biased', 'gain'], 'scaled'),
          node('Conv', ['scaled', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (6): conv']);
    expect(groupAt(analysis, 'bias', 0)).toBe(groupAt(analysis, 'conv'));
    expect(groupAt(analysis, 'gain')).toBe(groupAt(analysis, 'conv'));
    await expectLaws(analysis);
  });

  test('a squeeze-excite gate hangs on the channels that it multiplies; its waist is free', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [8, 3, 3, 3], down: [3, 8, 1, 1], up: [8, 3, 1, 1], w2: [2, 8, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'main', SAME),
          node('GlobalAveragePool', ['main'], 'squeeze'),
          node('Conv', ['squeeze', 'down'], 'waist'),
          node('Relu', ['waist'], 'act'),
          node('Conv', ['act', 'up'], 'excite'),
          node('Sigmoid', ['excite'], 'gate'),
          node('Mul', ['main', 'gate'], 'gated'),
          node('Conv', ['gated', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['main (8): main, excite', 'waist (3): waist']);
    await expectLaws(analysis);
  });

  test('a broadcast width of 1 stays as it is, and does not tie the channels together', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [5, 3, 3, 3], w2: [1, 3, 3, 3], w3: [2, 5, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'wide', SAME),
          node('Conv', ['x', 'w2'], 'mask', SAME),
          node('Mul', ['mask', 'wide'], 'masked'),
          node('Conv', ['masked', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['wide (5): wide']);
    expect(groupAt(analysis, 'mask').pinned).toBe("node 'masked' (Mul): keeps this axis as it is");
    await expectLaws(analysis);
  });
});

describe('Concat appends', () => {
  test('two towers stay apart, and so do their places in what reads them', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { wa: [4, 3, 1, 1], wb: [3, 3, 3, 3], w2: [2, 7, 1, 1] },
        nodes: [
          node('Conv', ['x', 'wa'], 'a'),
          node('Conv', ['x', 'wb'], 'b', SAME),
          node('Concat', ['a', 'b'], 'both', { axis: -3 }),
          node('Conv', ['both', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['a (4): a', 'b (3): b']);
    expect(groupAt(analysis, 'both')).toBe(groupAt(analysis, 'a'));
    expect(unitPattern(analysis, 'both')).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await expectLaws(analysis);
  });

  test('a tensor joined with itself gives each of its channels two places', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [3, 3, 3, 3], w2: [2, 6, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Concat', ['conv', 'conv'], 'twice', { axis: 1 }),
          node('Conv', ['twice', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (3): conv']);
    expect(unitPattern(analysis, 'twice')).toEqual([0, 1, 2, 0, 1, 2]);
    await expectLaws(analysis);
  });

  test('copies of a single channel keep the order of the two views that are joined', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [1, 3, 3, 3], w2: [2, 2, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Relu', ['conv'], 'rectified'),
          node('Concat', ['rectified', 'conv'], 'views', { axis: 1 }),
          node('Conv', ['views', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (1): conv']);
    for (const seed of [1, 2, 3, 4, 5, 6]) await expectWidenLaw(analysis, seed);
  });
});

describe('products of a weight', () => {
  test('a Gemm ties its rows to the input and its columns to the output, and flattened blocks stay whole', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [4, 3, 3, 3], f1: [5, 144], c1: [5], f2: [5, 2] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Flatten', ['conv'], 'flat'),
          node('Gemm', ['flat', 'f1', 'c1'], 'hidden', { transB: 1 }),
          node('Relu', ['hidden'], 'act'),
          node('Gemm', ['act', 'f2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv', 'hidden (5): hidden']);
    expect(unitPattern(analysis, 'flat')).toEqual(Array.from({ length: 144 }, (_, i) => Math.floor(i / 36)));
    await expectLaws(analysis);
  });

  test('a weight that two convolutions share is one weight: their channels are one group', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { stem: [6, 3, 3, 3], shared: [6, 6, 3, 3], w2: [2, 6, 1, 1] },
        nodes: [
          node('Conv', ['x', 'stem'], 'first', SAME),
          node('Conv', ['first', 'shared'], 'second', SAME),
          node('Relu', ['second'], 'act'),
          node('Conv', ['act', 'shared'], 'third', SAME),
          node('Conv', ['third', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['first (6): first, second, third']);
    await expectLaws(analysis);
  });

  test('a weight used once as it is and once transposed (a tied autoencoder) is kept as wide as it is there', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 4] },
        weights: { f0: [6, 4], tied: [6, 3], f1: [6, 2] },
        nodes: [
          node('Gemm', ['x', 'f0'], 'wide', { transB: 1 }),
          node('Gemm', ['wide', 'tied'], 'code'),
          node('Gemm', ['code', 'tied'], 'back', { transB: 1 }),
          node('Relu', ['back'], 'act'),
          node('Gemm', ['act', 'f1'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(groupAt(analysis, 'wide').pinned).toBe(
      "node 'back' (Gemm): takes 'tied' another way than node 'code' (Gemm), which sums over this axis of it",
    );
    await expectLaws(analysis);
  });

  test('an axis that is summed over with a weight that is calculated is cut, but not repeated', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: image,
        weights: { w1: [4, 3, 3, 3], w2: [5, 4, 1, 1], gain: [5, 1, 1, 1], w3: [2, 5, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'conv', SAME),
          node('Mul', ['w2', 'gain'], 'scaled'),
          node('Conv', ['conv', 'scaled'], 'second'),
          node('Conv', ['second', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(groupAt(analysis, 'conv').unrepeatable).toBe(
      "node 'second' (Conv): sums over it with a weight that is calculated",
    );
    expect(prunableGroups(analysis)).toEqual(['conv (4): conv', 'scaled (5): scaled']);
    await expectLaws(analysis);
  });

  test('weights in Constant nodes are cut where they stand', async () => {
    const w1 = floats(
      Array.from({ length: 5 * 3 }, (_, i) => Math.sin(i + 1)),
      [5, 3, 1, 1],
    );
    const w2 = floats(
      Array.from({ length: 2 * 5 }, (_, i) => Math.cos(i)),
      [2, 5, 1, 1],
    );
    const analysis = await analyze(
      modelOf({
        inputs: image,
        nodes: [
          node('Constant', [], 'w1', { value: { tensor: w1 } }),
          node('Constant', [], 'w2', { value: { tensor: w2 } }),
          node('Constant', [], 'bias', { value_floats: { floats: [1, 2, 3, 4, 5] } }),
          node('Conv', ['x', 'w1', 'bias'], 'conv'),
          node('Conv', ['conv', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    expect(prunableGroups(analysis)).toEqual(['conv (5): conv']);
    await expectLaws(analysis);
  });
});
