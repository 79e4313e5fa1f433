/** @file Costs against counts by hand; the architectures of the fixtures are written out as sums. */
import { describe, expect, test } from 'vitest';
import { CostModel } from '../../src/cost/costModel.js';
import { RESOURCES, type Resource } from '../../src/cost/resource.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { createRng } from '../../src/random/rng.js';
import { unchangedPlan } from '../../src/rewrite/plan/plan.js';
import { analyze, groupAt } from '../support/analyze.js';
import { floats, integers, type ModelSketch, modelOf, node, positive } from '../support/modelOf.js';
import { randomCut, randomWiden } from '../support/randomPlan.js';

const fixture = async (name: string) =>
  analyze((await readModelFile(new URL(`../../fixtures/models/${name}.onnx`, import.meta.url).pathname)).model);

async function costOf(sketch: ModelSketch): Promise<Readonly<Record<Resource, number>>> {
  const analysis = await analyze(modelOf(sketch));
  const costs = RESOURCES.map((resource) => [
    resource,
    new CostModel(analysis, resource).total(unchangedPlan(analysis).copies),
  ]);
  return Object.fromEntries(costs) as Record<Resource, number>;
}

/** MACs of a k × k convolution to `out` channels of h × h. */
const conv = (input: number, out: number, k: number, h: number) => input * out * k * k * h * h;

describe('the fixtures, counted by hand', () => {
  test('resnet_bn: a stem and one block per stage of 8, 16 and 32 channels, on 32, 16 and 8 pixels', async () => {
    const analysis = await fixture('resnet_bn');
    const total = (resource: Resource) => new CostModel(analysis, resource).total(unchangedPlan(analysis).copies);
    const macs =
      conv(3, 8, 3, 32) + // stem
      conv(8, 8, 3, 32) +
      conv(8, 8, 3, 32) +
      conv(8, 16, 3, 16) +
      conv(16, 16, 3, 16) +
      conv(8, 16, 1, 16) + // with shortcut
      conv(16, 32, 3, 8) +
      conv(32, 32, 3, 8) +
      conv(16, 32, 1, 8) +
      32 * 10;
    const params =
      9 * 3 * 8 +
      2 * 8 +
      9 * 8 * 8 +
      2 * 8 +
      9 * 8 * 8 +
      2 * 8 +
      9 * 8 * 16 +
      2 * 16 +
      9 * 16 * 16 +
      2 * 16 +
      8 * 16 +
      2 * 16 +
      9 * 16 * 32 +
      2 * 32 +
      9 * 32 * 32 +
      2 * 32 +
      16 * 32 +
      2 * 32 +
      32 * 10 +
      10;
    // Mean and variance are stored, but not trained.
    const statistics = 2 * (3 * 8 + 3 * 16 + 3 * 32);
    expect(total('macs')).toBe(macs);
    expect(total('flops')).toBe(2 * macs);
    expect(total('params')).toBe(params);
    expect(total('weightBytes')).toBe(4 * (params + statistics));
  });

  test('vgg: two convolutions, average pooling to 4 × 4, two dense layers', async () => {
    const analysis = await fixture('vgg');
    const total = (resource: Resource) => new CostModel(analysis, resource).total(unchangedPlan(analysis).copies);
    const params = 9 * 3 * 16 + 16 + (9 * 16 * 32 + 32) + (512 * 48 + 48) + (48 * 10 + 10);
    expect(total('macs')).toBe(conv(3, 16, 3, 32) + conv(16, 32, 3, 16) + 512 * 48 + 48 * 10);
    expect(total('params')).toBe(params);
    expect(total('weightBytes')).toBe(4 * params);
  });
});

describe('the terms of one operator', () => {
  test('Conv: N · Cₒ · Hₒ · Wₒ · Cᵢ · kh · kw, whatever stride and padding', async () => {
    const cost = await costOf({
      inputs: { x: [2, 3, 9, 8] },
      weights: { w: [5, 3, 3, 2], b: [5] },
      nodes: [node('Conv', ['x', 'w', 'b'], 'y', { strides: [2, 1], pads: [1, 0, 1, 1] })],
      outputs: ['y'],
    });
    expect(cost).toEqual({
      flops: 2 * 2 * 5 * 5 * 8 * 3 * 6,
      macs: 2 * 5 * 5 * 8 * 3 * 6,
      params: 5 * 3 * 6 + 5,
      weightBytes: 4 * (5 * 3 * 6 + 5),
      activationBytes: 4 * 2 * 5 * 5 * 8,
    });
  });

  test('grouped Conv: each output reads its own group alone', async () => {
    const cost = await costOf({
      inputs: { x: [1, 8, 5, 5] },
      weights: { w: [12, 2, 3, 3] },
      nodes: [node('Conv', ['x', 'w'], 'y', { group: 4 })],
      outputs: ['y'],
    });
    expect(cost.macs).toBe(12 * 3 * 3 * 2 * 9);
  });

  test.each([
    ['[M, K] · [K, N]', { x: [3, 4] }, { w: [4, 5] }, {}],
    ['transA', { x: [4, 3] }, { w: [4, 5] }, { transA: 1 }],
    ['transB', { x: [3, 4] }, { w: [5, 4] }, { transB: 1 }],
  ])('Gemm %s: M · N · K', async (_, inputs, weights, attributes) => {
    const cost = await costOf({
      inputs,
      weights: { ...weights, c: [5] },
      nodes: [node('Gemm', ['x', 'w', 'c'], 'y', attributes)],
      outputs: ['y'],
    });
    expect([cost.macs, cost.params]).toEqual([3 * 5 * 4, 4 * 5 + 5]);
  });

  test('MatMul: all leading axes count, and so do products of activations', async () => {
    const cost = await costOf({
      inputs: { x: [2, 3, 4], z: [2, 5, 6] },
      weights: { w: [4, 5] },
      nodes: [node('MatMul', ['x', 'w'], 'a'), node('MatMul', ['a', 'z'], 'y')],
      outputs: ['y'],
    });
    expect([cost.macs, cost.params]).toEqual([2 * 3 * 5 * 4 + 2 * 3 * 6 * 5, 20]);
  });

  test('the batch counts once: a free batch as 1', async () => {
    const cost = await costOf({
      inputs: { x: ['N', 4] },
      weights: { w: [4, 5] },
      nodes: [node('MatMul', ['x', 'w'], 'y')],
      outputs: ['y'],
    });
    expect([cost.macs, cost.activationBytes]).toEqual([20, 20]);
  });

  test('a shared weight counts once, a bias in an Add counts, statistics, shapes and scalars do not', async () => {
    const cost = await costOf({
      inputs: { x: ['N', 4, 1, 1] },
      weights: {
        w: [4, 4, 1, 1],
        bias: [4, 1, 1],
        half: floats([0.5], []),
        s: integers([0, -1]),
        scale: positive([4]),
        shift: [4],
        mean: [4],
        variance: positive([4]),
      },
      nodes: [
        node('Conv', ['x', 'w'], 'a'),
        node('Conv', ['a', 'w'], 'b'),
        node('Add', ['b', 'bias'], 'c'),
        node('Mul', ['c', 'half'], 'd'),
        node('BatchNormalization', ['d', 'scale', 'shift', 'mean', 'variance'], 'e'),
        node('Reshape', ['e', 's'], 'y'),
      ],
      outputs: ['y'],
    });
    expect(cost.macs).toBe(2 * 16);
    expect(cost.params).toBe(16 + 4 + 4 + 4);
    expect(cost.weightBytes).toBe(4 * (16 + 4 + 1 + 4 * 4));
    expect(cost.activationBytes).toBe(4 * 6 * 4);
  });
});

describe('a resource as a function of what is alive', () => {
  test.each(['resnet_bn', 'inception_bn', 'vgg'])(
    'change() and apply() are differences of total(), on %s',
    async (name) => {
      const analysis = await fixture(name);
      for (const resource of RESOURCES) {
        const cost = new CostModel(analysis, resource);
        for (const [seed, make] of [
          [1, randomCut],
          [2, randomWiden],
        ] as const) {
          const rng = createRng(seed);
          const copies = Int32Array.from(make(analysis, rng).copies);
          const widths = cost.widths(copies);
          for (let i = 0; i < 30; i++) {
            const unit = rng.int(analysis.unitCount);
            const step = copies[unit] === 0 ? 1 : -1;
            const before = cost.total(copies);
            const change = cost.change(widths, unit, step);
            cost.apply(widths, unit, step);
            copies[unit] = copies[unit]! + step;
            expect(change).toBe(cost.total(copies) - before);
            expect(widths).toEqual(cost.widths(copies));
            expect(cost.at(widths)).toBe(cost.total(copies));
          }
        }
      }
    },
  );

  test.each(['resnet_bn', 'vgg'])(
    'marginal() is the slope of total(): exact as a central difference, on %s',
    async (name) => {
      const analysis = await fixture(name);
      for (const resource of RESOURCES) {
        const cost = new CostModel(analysis, resource);
        const { copies } = randomWiden(analysis, createRng(3));
        const widths = cost.widths(copies);
        const marginal = cost.marginal(widths);
        expect(marginal.length).toBe(analysis.unitCount);
        for (let unit = 0; unit < analysis.unitCount; unit++) {
          // Terms are bilinear in what a unit touches, at most quadratic: the central difference has no error.
          const slope = (cost.change(widths, unit, 1) - cost.change(widths, unit, -1)) / 2;
          if (isPinned(analysis, unit)) continue;
          expect(marginal[unit]).toBe(slope);
        }
      }
    },
  );

  test('marginal() of a channel: what its own filters and its readers cost, by hand', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 4, 4] },
        weights: { w1: [8, 3, 3, 3], w2: [6, 8, 1, 1], w3: [2, 6, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'a', { pads: [1, 1, 1, 1] }),
          node('Conv', ['a', 'w2'], 'b'),
          node('Conv', ['b', 'w3'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    const cost = new CostModel(analysis, 'macs');
    const copies = unchangedPlan(analysis).copies;
    copies[groupAt(analysis, 'b').units[0]!] = 0;
    const marginal = cost.marginal(cost.widths(copies));
    for (const unit of groupAt(analysis, 'a').units) expect(marginal[unit]).toBe(16 * (3 * 9 + 5));
    for (const unit of groupAt(analysis, 'b').units) expect(marginal[unit]).toBe(16 * (8 + 2));
  });
});

/** Rows of pixels stand in terms with columns of pixels: what is pinned is no channel, and never asked for. */
function isPinned({ groupOf, groups }: Awaited<ReturnType<typeof analyze>>, unit: number): boolean {
  return groups[groupOf[unit]!]!.pinned !== undefined;
}
