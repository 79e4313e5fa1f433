import { describe, expect, it } from 'vitest';
import { isPrunable } from '../../../src/channels/channelAnalysis.js';
import { CostModel } from '../../../src/cost/costModel.js';
import { readModelFile } from '../../../src/onnx/readModelFile.js';
import { createRng } from '../../../src/random/rng.js';
import { plannedWidths, unchangedPlan } from '../../../src/rewrite/plan/plan.js';
import { planCut } from '../../../src/rewrite/plan/planCut.js';
import { planWiden } from '../../../src/rewrite/plan/planWiden.js';
import { isAllowed, nextNarrower, type WidthRules, widthLimits } from '../../../src/rewrite/plan/widthRules.js';
import { analyze } from '../../support/analyze.js';
import { integers, modelOf, node } from '../../support/modelOf.js';

/** 3·20 + 20·16 + 16·2 = 412 parameters. */
const two = async () => {
  const analysis = await analyze(
    modelOf({
      inputs: { x: ['N', 3, 1, 1] },
      weights: { w1: [20, 3, 1, 1], w2: [16, 20, 1, 1], w3: [2, 16, 1, 1] },
      nodes: [node('Conv', ['x', 'w1'], 'a'), node('Conv', ['a', 'w2'], 'b'), node('Conv', ['b', 'w3'], 'y')],
      outputs: ['y'],
    }),
  );
  return new CostModel(analysis, 'params');
};

const openWidths = ({ analysis }: CostModel, plan: ReturnType<typeof planCut>) =>
  analysis.groups.filter(isPrunable).map(({ index }) => plannedWidths(analysis, plan)[index]!);

describe('the widths that a group may have', () => {
  const steps = async (rules: WidthRules) => {
    const { analysis } = await two();
    return widthLimits(analysis, rules).map((limits) => {
      const widths = [limits.group.units.length];
      for (let next = nextNarrower(limits, widths[0]!); next !== undefined; next = nextNarrower(limits, next)) {
        widths.push(next);
      }
      return widths.join(' ');
    });
  };

  it.each<readonly [WidthRules, readonly string[]]>([
    [{ round: 8 }, ['20 16 8', '16 8']],
    [{ round: 6 }, ['20 18 12 6', '16 12 6']],
    [{ round: 32 }, ['20', '16']],
    [{ round: 5, minChannels: 7 }, ['20 15 10', '16 15 10']],
    [{ round: 4, maxRatio: 0.5 }, ['20 16 12', '16 12 8']],
    [{ maxRatio: 0.1 }, ['20 19 18', '16 15']],
    [{ minChannels: 18 }, ['20 19 18', '16']],
  ])('%j', async (rules, expected) => {
    expect(await steps(rules)).toEqual(expected);
  });

  it('counts what a share takes exactly', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 2] },
        weights: { w1: [2, 100], w2: [100, 2] },
        nodes: [node('MatMul', ['x', 'w1'], 'a'), node('MatMul', ['a', 'w2'], 'y')],
        outputs: ['y'],
      }),
    );
    // 0.57 · 100 = 56.99999999999999
    expect(widthLimits(analysis, { maxRatio: 0.57 })[0]!.least).toBe(43);
  });

  it('takes no other widths', async () => {
    const { analysis } = await two();
    const [limits] = widthLimits(analysis, { round: 8 });
    expect([20, 19, 16, 8, 7, 0].map((width) => isAllowed(limits!, width))).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('rounds channels that are flattened by channels', async () => {
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 1, 2, 2] },
        weights: { w1: [16, 1, 1, 1], w2: [64, 3], shape: integers([0, -1]) },
        nodes: [node('Conv', ['x', 'w1'], 'a'), node('Reshape', ['a', 'shape'], 'f'), node('MatMul', ['f', 'w2'], 'y')],
        outputs: ['y'],
      }),
    );
    expect(widthLimits(analysis, { round: 8 })[0]).toMatchObject({ least: 8, step: 8 });
  });
});

describe('cuts with rules', () => {
  it('round inside the choice: within the limit, as near as steps allow', async () => {
    const cost = await two();
    const importance = Float64Array.from({ length: cost.analysis.unitCount }, (_, unit) => 1 + (unit % 7));
    const plan = planCut([{ cost, limit: 300 }], { importance, round: 4 });
    const widths = openWidths(cost, plan);
    expect(widths.every((width) => width % 4 === 0)).toBe(true);
    expect(cost.total(plan.copies)).toBeLessThanOrEqual(300);
    // Four more of either would not fit.
    const [a, b] = widths as [number, number];
    expect(3 * (a + 4) + (a + 4) * b + 2 * b).toBeGreaterThan(300);
    expect(3 * a + a * (b + 4) + 2 * (b + 4)).toBeGreaterThan(300);
  });

  it('the least important of a step go together', async () => {
    const cost = await two();
    const [, group] = cost.analysis.groups.filter(isPrunable);
    const importance = new Float64Array(cost.analysis.unitCount).fill(100);
    const weak = [3, 5, 7, 9].map((place) => group!.units[place]!);
    for (const unit of weak) importance[unit] = 1;
    const plan = planCut([{ cost, limit: 411 }], { importance, round: 4 });
    expect([...plan.copies.keys()].filter((unit) => plan.copies[unit] === 0)).toEqual(weak);
  });

  it('per saving, a unit that costs more goes before one that is worth a little less', async () => {
    const cost = await two();
    const [a, b] = cost.analysis.groups.filter(isPrunable);
    const importance = new Float64Array(cost.analysis.unitCount).fill(100);
    // One of a saves 3 + 16, one of b 20 + 2.
    importance[a!.units[0]!] = 1;
    importance[b!.units[0]!] = 1.1;
    const cut = (perSaving: boolean) => {
      const { copies } = planCut([{ cost, limit: 411 }], { importance, perSaving });
      return [...copies.keys()].filter((unit) => copies[unit] === 0);
    };
    expect(cut(false)).toEqual([a!.units[0]]);
    expect(cut(true)).toEqual([b!.units[0]]);
  });

  it('locally, every group loses the same share, and its least important units', async () => {
    const cost = await two();
    const importance = Float64Array.from({ length: cost.analysis.unitCount }, (_, unit) => unit);
    const plan = planCut([{ cost, limit: 412 / 3 }], { importance, scope: 'local' });
    const [a, b] = openWidths(cost, plan) as [number, number];
    expect(Math.abs(a / 20 - b / 16)).toBeLessThan(1 / 16);
    expect(cost.total(plan.copies)).toBeLessThanOrEqual(412 / 3);
    expect(3 * (a + 1) + (a + 1) * b + 2 * b).toBeGreaterThan(412 / 3);
    expect(3 * a + a * (b + 1) + 2 * (b + 1)).toBeGreaterThan(412 / 3);
    for (const { units } of cost.analysis.groups.filter(isPrunable)) {
      const kept = units.map((unit) => plan.copies[unit]);
      expect(kept).toEqual([...kept].sort());
    }
  });

  it('locally, nothing is cut where the limit holds already', async () => {
    const cost = await two();
    const importance = new Float64Array(cost.analysis.unitCount);
    expect(planCut([{ cost, limit: 412 }], { importance, scope: 'local' })).toEqual(unchangedPlan(cost.analysis));
  });

  it.each(['global', 'local'] as const)('%s: no group loses more than the largest share', async (scope) => {
    const cost = await two();
    const importance = Float64Array.from({ length: cost.analysis.unitCount }, (_, unit) => unit);
    const plan = planCut([{ cost, limit: 250 }], { importance, scope, maxRatio: 0.25 });
    const [a, b] = openWidths(cost, plan) as [number, number];
    expect(a).toBeGreaterThanOrEqual(15);
    expect(b).toBeGreaterThanOrEqual(12);
    expect(() => planCut([{ cost, limit: 248 }], { importance, scope, maxRatio: 0.25 })).toThrow(
      'target params=248: the model has 412, and cutting every group down to one channel, within --max-ratio 0.25, leaves 249; ask for at least params=60.5%',
    );
  });

  it.each(['global', 'local'] as const)('%s: real networks land on multiples within the limit', async (scope) => {
    const path = new URL('../../../fixtures/models/inception_bn.onnx', import.meta.url).pathname;
    const cost = new CostModel(await analyze((await readModelFile(path)).model), 'flops');
    const rng = createRng(5);
    const importance = Float64Array.from({ length: cost.analysis.unitCount }, () => rng.next());
    const whole = cost.total(unchangedPlan(cost.analysis).copies);
    const plan = planCut([{ cost, limit: 0.6 * whole }], { importance, scope, round: 4, perSaving: true });
    expect(cost.total(plan.copies)).toBeLessThanOrEqual(0.6 * whole);
    expect(cost.total(plan.copies)).toBeGreaterThan(0.5 * whole);
    const before = plannedWidths(cost.analysis, unchangedPlan(cost.analysis));
    plannedWidths(cost.analysis, plan).forEach((width, g) => {
      if (width !== before[g]) expect(width % 4).toBe(0);
    });
  });

  it('plans ten thousand units in well under a second', async () => {
    const width = 2048;
    const names = ['a', 'b', 'c', 'd', 'e'];
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 1] },
        weights: Object.fromEntries([
          ...names.map((name) => [`in ${name}`, { dims: [1, width], from: 0, to: 1 }] as const),
          ...names.map((name) => [`out ${name}`, { dims: [width, 1], from: 0, to: 1 }] as const),
        ]),
        nodes: [
          ...names.flatMap((name) => [
            node('MatMul', ['x', `in ${name}`], name),
            node('MatMul', [name, `out ${name}`], `y ${name}`),
          ]),
          node(
            'Concat',
            names.map((name) => `y ${name}`),
            'y',
            { axis: 1 },
          ),
        ],
        outputs: ['y'],
      }),
    );
    const cost = new CostModel(analysis, 'flops');
    const rng = createRng(1);
    const importance = Float64Array.from({ length: analysis.unitCount }, () => rng.next());
    const start = performance.now();
    const plan = planCut([{ cost, limit: 0.1 * cost.total(unchangedPlan(analysis).copies) }], {
      importance,
      perSaving: true,
    });
    expect(performance.now() - start).toBeLessThan(2000);
    expect(plan.copies.filter((count) => count === 0)).toHaveLength(0.9 * 5 * width);
  });
});

describe('widening with rounding', () => {
  it('gives groups that grow multiples, within the budget', async () => {
    const cost = await two();
    const plan = planWiden([{ cost, limit: 1500 }], createRng(1), 8);
    const widths = openWidths(cost, plan);
    expect(cost.total(plan.copies)).toBeLessThanOrEqual(1500);
    expect(widths.every((width, g) => width % 8 === 0 && width > [20, 16][g]!)).toBe(true);
  });

  it('leaves a group alone that the next multiple would bring over the budget', async () => {
    const cost = await two();
    expect(openWidths(cost, planWiden([{ cost, limit: 420 }], createRng(1), 8))).toEqual([20, 16]);
  });
});
