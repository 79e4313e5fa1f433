import { describe, expect, test } from 'vitest';
import { CostModel } from '../../src/cost/costModel.js';
import { PeakCost } from '../../src/cost/peakCost.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { createRng } from '../../src/random/rng.js';
import { unchangedPlan } from '../../src/rewrite/plan/plan.js';
import { analyze, groupAt } from '../support/analyze.js';
import { modelOf, node } from '../support/modelOf.js';
import { randomCut } from '../support/randomPlan.js';

/** x 3 → a (8 channels, 4 × 4) → relu → b (6 channels) → relu → y (2 channels): pairs of 8, then 14, 12 and 8 planes. */
const chain = () =>
  analyze(
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w1: [8, 3, 1, 1], w2: [6, 8, 1, 1], w3: [2, 6, 1, 1] },
      nodes: [
        node('Conv', ['x', 'w1'], 'a'), // 3 + 8
        node('Relu', ['a'], 'ra'), // 8 + 8
        node('Conv', ['ra', 'w2'], 'b'), // 8 + 6
        node('Relu', ['b'], 'rb'), // 6 + 6
        node('Conv', ['rb', 'w3'], 'y'), // 6 + 2
      ],
      outputs: ['y'],
    }),
  );

/** Bytes of a plane of 4 × 4 float32 numbers. */
const PLANE = 64;

describe('the peak of the activations as a cost', () => {
  test('has the slope of the node that runs at the peak', async () => {
    const analysis = await chain();
    const peak = new PeakCost(analysis);
    const widths = peak.units.at(unchangedPlan(analysis).copies);
    expect(peak.at(widths)).toBe(16 * PLANE);
    const marginal = peak.marginal(widths);
    for (const unit of groupAt(analysis, 'a').units) expect(marginal[unit]).toBe(2 * PLANE);
    for (const unit of groupAt(analysis, 'b').units) expect(marginal[unit]).toBe(0);
    expect(peak.change(widths, groupAt(analysis, 'a').units[0]!, -1)).toBe(-2 * PLANE);
    expect(peak.change(widths, groupAt(analysis, 'b').units[0]!, -1)).toBe(0);
  });

  test('counts all nodes that exceed a limit', async () => {
    const analysis = await chain();
    const peak = new PeakCost(analysis);
    const widths = peak.units.at(unchangedPlan(analysis).copies);
    // 16, 14 and 12 planes are above: two of a at the first, one of each at the second, two of b at the third.
    const limit = 11 * PLANE;
    expect(peak.unmet(widths, limit)).toBe(3);
    const relief = peak.relief(widths, limit);
    const marginal = peak.marginal(widths, limit);
    for (const name of ['a', 'b']) {
      const [unit = -1] = groupAt(analysis, name).units;
      expect(relief(unit)).toBeCloseTo(PLANE, 9);
      expect(marginal[unit]).toBeCloseTo(PLANE, 9);
    }
    expect(peak.unmet(widths, 16 * PLANE)).toBe(0);
  });

  test.each(['resnet_bn', 'inception_bn', 'vgg'])('change() is the difference of total(), on %s', async (name) => {
    const path = new URL(`../../fixtures/models/${name}.onnx`, import.meta.url).pathname;
    const analysis = await analyze((await readModelFile(path)).model);
    const peak = new PeakCost(analysis);
    const rng = createRng(1);
    const copies = Int32Array.from(randomCut(analysis, rng).copies);
    const widths = peak.units.at(copies);
    for (let i = 0; i < 30; i++) {
      const unit = rng.int(analysis.unitCount);
      const step = copies[unit] === 0 ? 1 : -1;
      const before = peak.total(copies);
      const change = peak.change(widths, unit, step);
      peak.units.apply(widths, unit, step);
      copies[unit] = copies[unit]! + step;
      expect(change).toBe(peak.total(copies) - before);
      expect(widths).toEqual(new CostModel(analysis, 'flops').widths(copies));
    }
  });
});
