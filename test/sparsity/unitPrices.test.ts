import { describe, expect, it } from 'vitest';
import { CostModel } from '../../src/cost/costModel.js';
import { PeakCost } from '../../src/cost/peakCost.js';
import { penaltyLayout } from '../../src/sparsity/penaltyLayout.js';
import { UnitPrices } from '../../src/sparsity/unitPrices.js';
import { analyze, groupAt } from '../support/analyze.js';
import { modelOf, node } from '../support/modelOf.js';

/**
 * Two matrices, 4 → 3 → 2 units and 5 outputs: MACs are a·b with a units of the first and b of the second layer.
 * x [N, 4] → fc1 [3] → relu → fc2 [2] → relu → fc3 [5]: 4·a + a·b + 5·b, at first 12 + 6 + 10 = 28.
 */
async function net() {
  const analysis = await analyze(
    modelOf({
      inputs: { x: ['N', 4] },
      outputs: ['y'],
      nodes: [
        node('MatMul', ['x', 'w1'], 'fc1'),
        node('Relu', ['fc1'], 'r1'),
        node('MatMul', ['r1', 'w2'], 'fc2'),
        node('Relu', ['fc2'], 'r2'),
        node('MatMul', ['r2', 'w3'], 'y'),
      ],
      weights: { w1: [4, 3], w2: [3, 2], w3: [2, 5] },
    }),
  );
  const layout = penaltyLayout(analysis, 'auto');
  return { analysis, layout };
}

async function setUp() {
  const { analysis, layout } = await net();
  return new UnitPrices([{ cost: new CostModel(analysis, 'macs'), limit: 14 }], layout);
}

describe('UnitPrices', () => {
  it('prices a unit by its norm, its size and what it costs, and spares the dearest of each group', async () => {
    const units = await setUp();
    expect([units.excess, units.worst]).toEqual([1, { resource: 'macs', aliveCost: 28, limit: 14 }]);
    units.observe([0.5, 2, 1, 3, 1]);
    // A unit of fc1 costs 4 + 2 = 6 of 28 and has 4 weights; one of fc2 costs 3 + 5 = 8 and has 3.
    expect([...units.weights]).toEqual([6 / 28, 0, 6 / 28, 0, 8 / 28]);
    expect([...units.prices].map((price) => Math.round(price * 1e9) / 1e9)).toEqual(
      [(0.5 * 4 * 28) / 6, Infinity, (4 * 28) / 6, Infinity, (3 * 28) / 8].map(
        (price) => Math.round(price * 1e9) / 1e9,
      ),
    );
    expect(units.penalty([0.5, 2, 1, 3, 1])).toBeCloseTo((0.5 * 6 + 1 * 6 + 1 * 8) / 28, 12);
  });

  it('counts the dead out, and prices the living at the widths that are left', async () => {
    const units = await setUp();
    units.observe([0, 2, 1, 3, 1]);
    expect(units.worst.aliveCost).toBe(4 * 2 + 2 * 2 + 5 * 2);
    expect(units.excess).toBe((22 - 14) / 14);
    expect([...units.alive]).toEqual([0, 1, 1, 1, 1]);
    expect(units.prices[0]).toBe(0);
    expect(units.weights[4]).toBeCloseTo((2 + 5) / 28, 12);
    units.observe([9, 2, 1, 3, 1]);
    expect([...units.alive]).toEqual([0, 1, 1, 1, 1]);
  });

  it('takes what is at most the threshold for dead, but the last of a group that must live', async () => {
    const { analysis, layout } = await net();
    const target = { cost: new CostModel(analysis, 'macs'), limit: 10 };
    const units = new UnitPrices([target], layout, { threshold: 1 });
    units.observe([0.5, 2, 4, 0.25, 0.75]);
    expect([...units.alive]).toEqual([0, 1, 1, 0, 1]);
    expect(units.worst.aliveCost).toBe(4 * 2 + 2 * 1 + 5 * 1);
    // Two units of fc1 are left, and each costs 4 + 1 of 28.
    expect(units.prices[1]).toBeCloseTo((2 * 4 * 28) / 5, 9);
    expect([...units.prices].map(Number.isFinite)).toEqual([true, true, false, true, false]);
    expect([units.prices[0], units.prices[3], units.weights[2], units.weights[4]]).toEqual([0, 0, 0, 0]);
  });

  it('prices by the reaches that other norms give', async () => {
    const units = await setUp();
    units.observe([0.5, 2, 1, 3, 1], [7, 20, 30, 40, 5]);
    expect(units.prices[0]).toBeCloseTo((7 * 28) / 6, 9);
    expect(units.prices[1]).toBeCloseTo((20 * 28) / 6, 9);
    expect(units.prices[2]).toBe(Number.POSITIVE_INFINITY);
    expect(units.prices[4]).toBeCloseTo((5 * 28) / 8, 9);
  });

  it('knows the price of a budget', async () => {
    const units = await setUp();
    units.observe([0.5, 2, 1, 3, 1]);
    const excess = (cost: number) => (cost - 14) / 14;
    expect(units.priceFor(excess(28))).toBe(0);
    expect(units.priceFor(excess(22))).toBeCloseTo((0.5 * 4 * 28) / 6, 9);
    // Then a unit of fc2 is the cheapest.
    expect(units.priceFor(excess(21))).toBeCloseTo((3 * 28) / 8, 9);
    // The dearest units never die, so the price of the impossible is that of all others.
    expect(units.priceFor(excess(0))).toBeCloseTo((4 * 28) / 6, 9);
  });

  it('prices by the targets that do not hold yet', async () => {
    const { analysis, layout } = await net();
    const macs = { cost: new CostModel(analysis, 'macs'), limit: 14 };
    const peak = { cost: new PeakCost(analysis), limit: 4 * 6 };
    // Of 4, 3, 2 and 5 numbers, the fullest nodes hold 3 + 4 and 2 + 5; the peak of 7 is the farther target at 6 of 14.
    const units = new UnitPrices([macs, peak], layout);
    units.observe([0.5, 2, 1, 3, 1]);
    expect(units.excess).toBe(1);
    // Both nodes are above: each holds one number of the units that it has, and the slope is the mean of the two.
    expect(units.weights[0]).toBeCloseTo(6 / 28 + 2 / 28, 12);
    expect(units.weights[4]).toBeCloseTo(8 / 28 + 2 / 28, 12);
    units.observe([0, 2, 1, 3, 0]);
    // 2 · 4 + 2 · 1 + 5 · 1 = 15 MACs are still above 14, the peak of 6 numbers is not.
    expect(units.worst).toEqual({ resource: 'macs', aliveCost: 15, limit: 14 });
    expect(units.weights[2]).toBeCloseTo(5 / 28, 12);
  });

  it('lets the dearest unit of a group pay where the network can do without the group', async () => {
    // Two blocks around which x is added on: one may die, and the other, and both; the head may not.
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 4] },
        outputs: ['y'],
        nodes: [
          node('MatMul', ['x', 'wh'], 'h'),
          node('MatMul', ['h', 'wa'], 'a'),
          node('MatMul', ['a', 'wb'], 'b'),
          node('Add', ['h', 'b'], 'sum'),
          node('MatMul', ['sum', 'wy'], 'y'),
        ],
        weights: { wh: [4, 3], wa: [3, 2], wb: [2, 3], wy: [3, 5] },
      }),
    );
    const layout = penaltyLayout(analysis, 'auto');
    const target = { cost: new CostModel(analysis, 'macs'), limit: 28 };
    const inGroup = (name: string) =>
      Array.from(layout.units).flatMap((unit, u) => (groupAt(analysis, name).units.includes(unit) ? [u] : []));
    const norms = layout.units.map((_, u) => u + 1);
    const [spared, mortal] = [new UnitPrices([target], layout), new UnitPrices([target], layout, { mayDie: true })];
    spared.observe(norms);
    mortal.observe(norms);
    const free = (units: UnitPrices, name: string) => inGroup(name).filter((u) => units.weights[u] === 0).length;
    expect([free(spared, 'h'), free(spared, 'a')]).toEqual([1, 1]);
    expect([free(mortal, 'h'), free(mortal, 'a')]).toEqual([1, 0]);
    const dead = layout.units.map((_, u) => (inGroup('a').includes(u) ? 0 : u + 1));
    mortal.observe(dead);
    expect(mortal.worst.aliveCost).toBe(4 * 3 + 3 * 5);
    expect(mortal.excess).toBeLessThan(0);
  });

  it('goes on with the group that may die, though by now the price of another would come first', async () => {
    // Two ways from x to y: one may die, not both.
    const analysis = await analyze(
      modelOf({
        inputs: { x: ['N', 4] },
        outputs: ['y'],
        nodes: [
          node('MatMul', ['x', 'wa'], 'a'),
          node('MatMul', ['a', 'va'], 'p'),
          node('MatMul', ['x', 'wb'], 'b'),
          node('MatMul', ['b', 'vb'], 'q'),
          node('Add', ['p', 'q'], 'y'),
        ],
        weights: { wa: [4, 2], va: [2, 5], wb: [4, 2], vb: [2, 5] },
      }),
    );
    const layout = penaltyLayout(analysis, 'auto');
    const target = { cost: new CostModel(analysis, 'macs'), limit: 18 };
    const inA = layout.units.map((unit) => (groupAt(analysis, 'a').units.includes(unit) ? 1 : 0));
    const norms = (ofA: number, ofB: number) => Float32Array.from(inA, (isA) => (isA ? ofA : ofB));
    const units = new UnitPrices([target], layout, { mayDie: true });
    units.observe(norms(1, 2));
    units.observe(norms(3, 2));
    expect(units.mayGo).toEqual(Uint8Array.from(inA));
    const later = new UnitPrices([target], layout, { mayDie: true });
    later.restore(units, { norms: norms(3, 2), reaches: undefined });
    expect([later.mayGo, later.weights, later.prices]).toEqual([units.mayGo, units.weights, units.prices]);
    const fresh = new UnitPrices([target], layout, { mayDie: true });
    fresh.observe(norms(3, 2));
    expect(fresh.mayGo).toEqual(Uint8Array.from(inA, (isA) => 1 - isA));
  });
});
