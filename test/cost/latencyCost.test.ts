/** @file Latency against sums by hand; blocks of channels; laws of the slopes. */
import { describe, expect, test } from 'vitest';
import type { Device, MeasuredDevice, RooflineDevice } from '../../src/cost/devices/device.js';
import { nodeWork } from '../../src/cost/devices/nodeWork.js';
import { LatencyCost } from '../../src/cost/latencyCost.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { unchangedPlan } from '../../src/rewrite/plan/plan.js';
import { planCut } from '../../src/rewrite/plan/planCut.js';
import { analyze, groupAt } from '../support/analyze.js';
import { modelOf, node, positive } from '../support/modelOf.js';
import { randomCut } from '../support/randomPlan.js';

const fixture = async (name: string) =>
  analyze((await readModelFile(new URL(`../../fixtures/models/${name}.onnx`, import.meta.url).pathname)).model);

const roofline = (peakGflops: number, bandwidthGBps: number): RooflineDevice => ({
  ...{ kind: 'roofline', name: 'test', source: 'by hand' },
  ...{ peakGflops, bandwidthGBps },
});

const ZERO = { overheadMs: 0, msPerMflop: 0, msPerMB: 0, step: 1 };

const measured = (more: Partial<MeasuredDevice>): MeasuredDevice => ({
  ...{ kind: 'measured', name: 'test', runMs: 0, kinds: {}, other: ZERO, runtime: 'by hand', threads: null },
  ...{ providers: ['cpu'], measuredAt: '2026-01-01', models: [], medianError: 0 },
  ...more,
});

/** x [1, 3, 4, 4] → Conv 3 × 3 → a (8) → Relu → Conv 1 × 1 → b (6) → Relu → Conv 1 × 1 → y (2). */
const chain = () =>
  analyze(
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w1: [8, 3, 3, 3], w2: [6, 8, 1, 1], w3: [2, 6, 1, 1] },
      nodes: [
        node('Conv', ['x', 'w1'], 'a', { pads: [1, 1, 1, 1] }),
        node('Relu', ['a'], 'ra'),
        node('Conv', ['ra', 'w2'], 'b'),
        node('Relu', ['b'], 'rb'),
        node('Conv', ['rb', 'w3'], 'y'),
      ],
      outputs: ['y'],
    }),
  );

const totalOf = (cost: LatencyCost) => cost.total(unchangedPlan(cost.units.analysis).copies);

describe('by data sheet', () => {
  test('each node takes as long as the slower of computing and memory', async () => {
    const flops = [2 * 16 * 8 * 27, 0, 2 * 16 * 6 * 8, 0, 2 * 16 * 2 * 6];
    const bytes = [
      4 * (3 * 16 + 8 * 27 + 8 * 16),
      4 * 2 * 8 * 16,
      4 * (8 * 16 + 48 + 6 * 16),
      4 * 2 * 6 * 16,
      4 * (6 * 16 + 12 + 2 * 16),
    ];
    for (const [peak, bandwidth] of [
      [1, 1e9],
      [1e9, 1],
      [5, 1.5],
    ] as const) {
      const ms = flops.map((f, i) => Math.max(f / (peak * 1e6), bytes[i]! / (bandwidth * 1e6)));
      expect(totalOf(new LatencyCost(await chain(), roofline(peak, bandwidth)))).toBeCloseTo(
        ms.reduce((a, b) => a + b),
        9,
      );
    }
  });

  test('the slope is that of the slower one', async () => {
    const analysis = await chain();
    const { copies } = unchangedPlan(analysis);
    const [a = -1] = groupAt(analysis, 'a').units;
    const slope = (device: Device) => {
      const cost = new LatencyCost(analysis, device);
      return cost.marginal(cost.units.at(copies))[a]!;
    };
    expect(slope(roofline(1, 1e9)) * 1e6).toBeCloseTo(2 * 16 * (27 + 6), 6);
    // It is written, read and written by the Relu, and read, with its weights at both sides.
    expect(slope(roofline(1e9, 1)) * 1e6).toBeCloseTo(4 * (27 + 4 * 16 + 6), 6);
  });
});

describe('as it was measured', () => {
  test('overhead, operations and bytes of each kind add up, and of what is not known the others', async () => {
    const analysis = await chain();
    const device = measured({
      runMs: 1,
      kinds: {
        Conv: { overheadMs: 0.25, msPerMflop: 10, msPerMB: 0, step: 1 },
        'Conv pointwise': { overheadMs: 0.5, msPerMflop: 20, msPerMB: 100, step: 1 },
      },
      other: { ...ZERO, overheadMs: 0.125 },
    });
    const pointwise = 2 * 0.5 + 20 * ((2 * 16 * 60) / 1e6) + 100 * ((4 * (128 + 48 + 96 + 96 + 12 + 32)) / 1e6);
    const ms = 1 + 0.25 + 10 * ((2 * 16 * 8 * 27) / 1e6) + pointwise + 2 * 0.125;
    expect(totalOf(new LatencyCost(analysis, device))).toBeCloseTo(ms, 8);
  });

  test('channels count in blocks, and the slope does not', async () => {
    const analysis = await chain();
    const device = measured({ kinds: { 'Conv pointwise': { ...ZERO, msPerMflop: 1e6, step: 4 } } });
    const cost = new LatencyCost(analysis, device);
    // 8 → 6 is 8 → 8, and 6 → 2 is 8 → 2: the output is no channel that can be cut.
    expect(totalOf(cost)).toBe(2 * 16 * (64 + 16));
    const widths = cost.units.at(unchangedPlan(analysis).copies);
    const units = groupAt(analysis, 'b').units;
    expect(cost.change(widths, units[0]!, -1)).toBe(0);
    expect(cost.relief(widths)(units[0]!)).toBeCloseTo(2 * 16 * (8 + 2), 9);
    for (const unit of units.slice(0, 2)) cost.units.apply(widths, unit, -1);
    expect(cost.at(widths)).toBe(2 * 16 * (8 * 4 + 4 * 2));
  });

  test('a plan fills the blocks that are left', async () => {
    const analysis = await chain();
    const device = measured({ kinds: { 'Conv pointwise': { ...ZERO, msPerMflop: 1e6, step: 4 } } });
    const cost = new LatencyCost(analysis, device);
    const importance = Float64Array.from({ length: analysis.unitCount }, (_, unit) => 1 + (unit % 3));
    const { copies } = planCut([{ cost, limit: 2 * 16 * 50 }], { importance, perSaving: true });
    const width = (name: string) => groupAt(analysis, name).units.reduce((sum, unit) => sum + copies[unit]!, 0);
    expect([width('a') % 4, width('b') % 4]).toEqual([0, 0]);
    expect(cost.total(copies)).toBeLessThanOrEqual(2 * 16 * 50);
  });
});

test('kinds tell apart what takes other times, and what is computed along with products', async () => {
  const analysis = await analyze(
    modelOf({
      inputs: { x: ['N', 4, 4, 4] },
      weights: {
        ...{ w1: [4, 4, 3, 3], w2: [4, 1, 3, 3], w3: [4, 2, 1, 1], w4: [4, 4, 1, 1], shape: [] },
        ...{ scale: positive([4]), shift: [4], mean: [4], variance: positive([4]) },
      },
      nodes: [
        node('Conv', ['x', 'w1'], 'a', { pads: [1, 1, 1, 1] }),
        node('BatchNormalization', ['a', 'scale', 'shift', 'mean', 'variance'], 'n'),
        node('Relu', ['n'], 'r'), // read twice: what reads it is on its own
        node('Conv', ['r', 'w2'], 'd', { group: 4, pads: [1, 1, 1, 1] }),
        node('Conv', ['d', 'w3'], 'g', { group: 2 }),
        node('Conv', ['g', 'w4'], 'p'),
        node('Add', ['p', 'r'], 's'),
        node('Sigmoid', ['s'], 'q'),
        node('Tanh', ['x'], 't'),
        node('Sub', ['q', 't'], 'y'),
      ],
      outputs: ['y'],
    }),
  );
  expect(nodeWork(analysis.model).map(({ kind }) => kind)).toEqual([
    ...['Conv', 'BatchNormalization after Conv', 'Relu after Conv'],
    ...['Conv depthwise', 'Conv grouped', 'Conv pointwise'],
    ...['Add after Conv', 'Sigmoid after Conv', 'Tanh', 'Sub after Conv'],
  ]);
});

describe.each<readonly [string, Device]>([
  ['roofline', roofline(20, 4)],
  [
    'measured',
    measured({
      runMs: 0.01,
      kinds: { Conv: { overheadMs: 0.001, msPerMflop: 0.05, msPerMB: 0.1, step: 8 } },
      other: { overheadMs: 0.002, msPerMflop: 0.07, msPerMB: 0.3, step: 1 },
    }),
  ],
])('on a device that is %s', (_, device) => {
  test.each(['resnet_bn', 'inception_bn', 'vgg', 'text_encoder'])(
    '%s: change() is the difference of total(), and the rewritten file takes what was predicted',
    async (name) => {
      const analysis = await fixture(name);
      const cost = new LatencyCost(analysis, device);
      const rng = createRng(1);
      const plan = randomCut(analysis, rng);
      const again = await analyze(await applyPlan(analysis, plan));
      expect(totalOf(new LatencyCost(again, device))).toBe(cost.total(plan.copies));
      const copies = Int32Array.from(plan.copies);
      const widths = cost.units.at(copies);
      for (let i = 0; i < 30; i++) {
        const unit = rng.int(analysis.unitCount);
        const step = copies[unit] === 0 ? 1 : -1;
        const before = cost.total(copies);
        const change = cost.change(widths, unit, step);
        cost.units.apply(widths, unit, step);
        copies[unit] = copies[unit]! + step;
        expect(change).toBe(cost.total(copies) - before);
      }
    },
  );
});
