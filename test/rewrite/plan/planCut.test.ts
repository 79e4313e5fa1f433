import { describe, expect, test } from 'vitest';
import { isPrunable } from '../../../src/channels/channelAnalysis.js';
import type { Target } from '../../../src/cost/cost.js';
import { CostModel } from '../../../src/cost/costModel.js';
import type { Resource, TargetResource } from '../../../src/cost/resource.js';
import { readModelFile } from '../../../src/onnx/readModelFile.js';
import { costOf } from '../../../src/pipeline/targets.js';
import { createRng } from '../../../src/random/rng.js';
import { plannedWidths, unchangedPlan } from '../../../src/rewrite/plan/plan.js';
import { leastCost, planCut } from '../../../src/rewrite/plan/planCut.js';
import { planWiden } from '../../../src/rewrite/plan/planWiden.js';
import { analyze, groupAt } from '../../support/analyze.js';
import { modelOf, node } from '../../support/modelOf.js';

const load = async (file: string) =>
  analyze((await readModelFile(new URL(`../../../fixtures/${file}`, import.meta.url).pathname)).model);

describe('a cut by budget', () => {
  test.each<readonly [string, Resource, number]>([
    ['models/resnet_bn.onnx', 'macs', 0.5],
    ['models/resnet_bn.onnx', 'params', 0.33],
    ['models/inception_bn.onnx', 'flops', 0.7],
    ['models/vgg.onnx', 'params', 0.1],
    ['digits-resnet8.onnx', 'macs', 0.25],
  ])('of %s lands within one unit of the limit (%s, %d)', async (file, resource, share) => {
    const cost = new CostModel(await load(file), resource);
    const { analysis } = cost;
    const rng = createRng(3);
    const importance = Float64Array.from({ length: analysis.unitCount }, () => rng.next());
    const limit = share * cost.total(unchangedPlan(analysis).copies);
    const plan = planCut([{ cost, limit }], { importance });
    const total = cost.total(plan.copies);
    expect(total).toBeLessThanOrEqual(limit);
    // No unit that was cut would still fit.
    const cut = [...plan.copies.keys()].filter((unit) => plan.copies[unit] === 0);
    expect(cut.length).toBeGreaterThan(0);
    for (const unit of cut) {
      const copies = Int32Array.from(plan.copies);
      copies[unit] = 1;
      expect(cost.total(copies)).toBeGreaterThan(limit);
    }
    for (const group of analysis.groups) {
      const kept = group.units.filter((unit) => plan.copies[unit] === 1).length;
      if (isPrunable(group)) expect(kept).toBeGreaterThan(0);
      else expect(kept).toBe(group.units.length);
    }
  });

  const small = () =>
    analyze(
      modelOf({
        inputs: { x: ['N', 3, 4, 4] },
        weights: { w1: [8, 3, 1, 1], w2: [6, 8, 1, 1], w3: [2, 6, 1, 1] },
        nodes: [node('Conv', ['x', 'w1'], 'a'), node('Conv', ['a', 'w2'], 'b'), node('Conv', ['b', 'w3'], 'y')],
        outputs: ['y'],
      }),
    );

  test('takes the least important units, and keeps the order of units where they are worth the same', async () => {
    const analysis = await small();
    const cost = new CostModel(analysis, 'params');
    // 3·8 + 8·6 + 6·2 = 84 parameters; each unit of a costs 9.
    const importance = new Float64Array(analysis.unitCount).fill(5);
    const units = groupAt(analysis, 'a').units;
    for (const place of [6, 2, 4]) importance[units[place]!] = 1;
    const plan = planCut([{ cost, limit: 84 - 18 }], { importance });
    expect(units.filter((unit) => plan.copies[unit] === 0)).toEqual([units[2], units[4]]);
    expect(cost.total(plan.copies)).toBe(84 - 18);
  });

  test('takes back what still fits', async () => {
    const analysis = await small();
    const cost = new CostModel(analysis, 'params');
    const [a, b] = [groupAt(analysis, 'a').units[0]!, groupAt(analysis, 'b').units[0]!];
    const importance = new Float64Array(analysis.unitCount).fill(5);
    importance[a] = 1;
    importance[b] = 2;
    // A unit of a (3 + 6) goes first and leaves 75, then one of b; without that one alone 84 − (8 + 2) = 74 remain.
    const plan = planCut([{ cost, limit: 74 }], { importance });
    expect([plan.copies[a], plan.copies[b]]).toEqual([1, 0]);
    expect(cost.total(plan.copies)).toBe(74);
  });

  test('respects the least number of channels', async () => {
    const analysis = await small();
    const cost = new CostModel(analysis, 'params');
    const importance = new Float64Array(analysis.unitCount);
    const least = 3 * 4 + 4 * 4 + 4 * 2;
    expect(leastCost(cost, { minChannels: 4 })).toBe(least);
    const plan = planCut([{ cost, limit: least }], { importance, minChannels: 4 });
    const widths = plannedWidths(analysis, plan);
    expect([widths[groupAt(analysis, 'a').index], widths[groupAt(analysis, 'b').index]]).toEqual([4, 4]);
  });

  test('says what is the least where the limit cannot be reached', async () => {
    const cost = new CostModel(await small(), 'params');
    const importance = new Float64Array(cost.analysis.unitCount);
    expect(() => planCut([{ cost, limit: 5 }], { importance })).toThrow(
      'target params=5: the model has 84, and cutting every group down to one channel leaves 6; ask for at least params=7.2%',
    );
    expect(() => planCut([{ cost, limit: 35 }], { importance, minChannels: 4 })).toThrow(
      'target params=35: the model has 84, and cutting every group down to 4 channels leaves 36; ask for at least params=42.9%',
    );
  });

  test('a limit above the cost cuts nothing', async () => {
    const cost = new CostModel(await small(), 'macs');
    const importance = new Float64Array(cost.analysis.unitCount);
    expect(planCut([{ cost, limit: 1e9 }], { importance })).toEqual(unchangedPlan(cost.analysis));
  });
});

describe('a cut to several targets', () => {
  const SHARES: readonly (readonly [string, Readonly<Partial<Record<TargetResource, number>>>])[] = [
    ['models/resnet_bn.onnx', { flops: 0.5, params: 0.4 }],
    ['models/resnet_bn.onnx', { peakActivationBytes: 0.5 }],
    ['models/inception_bn.onnx', { params: 0.6, activationBytes: 0.5, peakActivationBytes: 0.7 }],
    ['models/vgg.onnx', { weightBytes: 0.2, peakActivationBytes: 0.6, macs: 0.9 }],
    ['digits-resnet8.onnx', { macs: 0.5, weightBytes: 0.8, peakActivationBytes: 0.8 }],
  ];

  test.each(
    SHARES.flatMap(([file, shares]) => (['global', 'local'] as const).map((scope) => [file, shares, scope] as const)),
  )('holds all of them, as near to one as a unit allows (%s, %o, %s)', async (file, shares, scope) => {
    const analysis = await load(file);
    const { copies: whole } = unchangedPlan(analysis);
    const targets = Object.entries(shares).map(([resource, share]): Target => {
      const cost = costOf(analysis, resource as TargetResource);
      return { cost, limit: share * cost.total(whole) };
    });
    const rng = createRng(5);
    const importance = Float64Array.from({ length: analysis.unitCount }, () => 0.1 + rng.next());
    const { copies } = planCut(targets, { importance, perSaving: true, scope });
    const holds = (plan: Int32Array) => targets.every(({ cost, limit }) => cost.total(plan) <= limit);
    expect(holds(copies)).toBe(true);
    const cut = [...copies.keys()].filter((unit) => copies[unit] === 0);
    expect(cut.length).toBeGreaterThan(0);
    if (scope === 'local') return;
    for (const unit of cut) {
      const more = Int32Array.from(copies);
      more[unit] = 1;
      expect(holds(more)).toBe(false);
    }
  });

  test('cuts for the targets that do not hold yet, and for no others', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 3, 8, 8] },
        weights: { w1: [8, 3, 1, 1], w2: [64, 8, 1, 1], w3: [64, 64, 1, 1], w4: [2, 64, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'a'), // many pixels
          node('GlobalAveragePool', ['a'], 'pooled'),
          node('Conv', ['pooled', 'w2'], 'b'), // many weights
          node('Conv', ['b', 'w3'], 'c'),
          node('Conv', ['c', 'w4'], 'y'),
        ],
        outputs: ['y'],
      }),
    );
    const targetOf = (resource: TargetResource, share: number): Target => {
      const cost = costOf(analysis, resource);
      return { cost, limit: share * cost.total(unchangedPlan(analysis).copies) };
    };
    const importance = new Float64Array(analysis.unitCount).fill(1);
    // Only the channels of a are large: without the second target, nothing else is cut.
    const peak = targetOf('peakActivationBytes', 0.7);
    const options = { importance, perSaving: true };
    const alone = plannedWidths(analysis, planCut([peak], options));
    const wide = (name: string) => groupAt(analysis, name).index;
    expect([alone[wide('b')], alone[wide('c')]]).toEqual([64, 64]);
    expect(alone[wide('a')]).toBeLessThan(8);
    const both = plannedWidths(analysis, planCut([peak, targetOf('params', 0.4)], options));
    expect(both[wide('a')]).toBe(alone[wide('a')]);
    expect(both[wide('b')]).toBeLessThan(64);
  });

  test('names the one that cannot be reached', async () => {
    const analysis = await load('models/vgg.onnx');
    const importance = new Float64Array(analysis.unitCount);
    const targets = [
      { cost: costOf(analysis, 'flops'), limit: 1e9 },
      { cost: costOf(analysis, 'peakActivationBytes'), limit: 100 },
    ];
    expect(() => planCut(targets, { importance })).toThrow(
      /^target peak-activation-bytes=100: the model has 131072, and/,
    );
  });

  test('widening fills the first that is full', async () => {
    const analysis = await load('models/resnet_bn.onnx');
    const { copies: whole } = unchangedPlan(analysis);
    const targets = (['flops', 'peakActivationBytes'] as const).map((resource) => {
      const cost = costOf(analysis, resource);
      return { cost, limit: (resource === 'flops' ? 3 : 1.2) * cost.total(whole) };
    });
    const { copies } = planWiden(targets, createRng(1));
    for (const { cost, limit } of targets) expect(cost.total(copies)).toBeLessThanOrEqual(limit);
    expect(targets[1]!.cost.total(copies)).toBeGreaterThan(0.9 * targets[1]!.limit);
  });
});

describe('widening to a budget', () => {
  test.each<readonly [string, Resource, number]>([
    ['models/resnet_bn.onnx', 'macs', 2],
    ['models/inception_bn.onnx', 'params', 1.5],
    ['models/vgg.onnx', 'macs', 3],
  ])('of %s fills it without passing it (%s, %d)', async (file, resource, share) => {
    const cost = new CostModel(await load(file), resource);
    const { analysis } = cost;
    const whole = cost.total(unchangedPlan(analysis).copies);
    const plan = planWiden([{ cost, limit: share * whole }], createRng(1));
    const total = cost.total(plan.copies);
    expect(total).toBeLessThanOrEqual(share * whole);
    const before = plannedWidths(analysis, unchangedPlan(analysis));
    const widths = plannedWidths(analysis, plan);
    const more = Int32Array.from(plan.copies);
    analysis.groups.forEach((group, g) => {
      if (!isPrunable(group)) expect(widths[g]).toBe(before[g]);
      else more[group.units[0]!]!++;
    });
    // One more channel in every group would pass the budget: the multiplier could not be larger.
    expect(cost.total(more)).toBeGreaterThan(share * whole);
    // One multiplier for all: rounded down, and one more for some.
    const open = analysis.groups.filter(isPrunable).map(({ index }) => [before[index]!, widths[index]!] as const);
    const low = Math.max(...open.map(([old, width]) => (width - 1) / old));
    const high = Math.min(...open.map(([old, width]) => (width + 1) / old));
    expect(low).toBeLessThan(high);
  });

  test('is refused below the cost, and where nothing can grow', async () => {
    const cost = new CostModel(await load('models/vgg.onnx'), 'params');
    const whole = cost.total(unchangedPlan(cost.analysis).copies);
    expect(() => planWiden([{ cost, limit: 10 }], createRng(1))).toThrow(
      `widen params=10: the model has ${whole} already, and widening only adds; ask for more than ${whole}, or cut it with --target`,
    );
    const fixed = await analyze(
      modelOf({
        inputs: { x: ['N', 3] },
        weights: { f: [3, 2] },
        nodes: [node('MatMul', ['x', 'f'], 'y')],
        outputs: ['y'],
      }),
    );
    expect(() => planWiden([{ cost: new CostModel(fixed, 'params'), limit: 100 }], createRng(1))).toThrow(
      'test.onnx: no channel can be changed (every group is pinned); see what holds them with: onnx-morph explain MODEL.onnx',
    );
  });
});
