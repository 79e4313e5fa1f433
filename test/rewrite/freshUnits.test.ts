/** @file Widened by random weights, a network is the one before once what was added is cut out again. */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ChannelAnalysis } from '../../src/channels/channelAnalysis.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { tensorFloats } from '../../src/onnx/tensorData.js';
import { morph } from '../../src/pipeline/morph.js';
import { widen } from '../../src/pipeline/widen.js';
import { withFreshUnits } from '../../src/pipeline/widenTo.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { withoutAdded } from '../../src/rewrite/plan/addedUnits.js';
import { proveGrowth } from '../../src/rewrite/proof/prove.js';
import { emptyFolder, RESNET, shortRun, VGG } from '../pipeline/digits.js';
import { analyze, groupAt } from '../support/analyze.js';
import { LAW_TOLERANCE } from '../support/expectLaw.js';
import { modelOf, node } from '../support/modelOf.js';
import { netOf, type Recipe, recipes } from '../support/randomNet.js';
import { randomWiden } from '../support/randomPlan.js';

const FIXTURES = new URL('../../fixtures/models/', import.meta.url).pathname;

async function grown(analysis: ChannelAnalysis, seed: number) {
  const plan = randomWiden(analysis, createRng(seed));
  const wide = await analyze(await applyPlan(analysis, plan, 'whole'));
  return { plan, wide: await analyze(withFreshUnits(analysis, plan, wide.model, createRng(seed))) };
}

async function expectGrowthLaw(analysis: ChannelAnalysis, seed: number, name: string): Promise<void> {
  const { plan, wide } = await grown(analysis, seed);
  const { maxRelativeDifference } = await proveGrowth(analysis, plan, wide, createRng(seed));
  expect(maxRelativeDifference, name).toBeLessThanOrEqual(LAW_TOLERANCE);
}

test('random nets', async () => {
  const property = fc.asyncProperty(recipes, async (recipe: Recipe) =>
    expectGrowthLaw(await analyze(netOf(recipe)), recipe.seed, JSON.stringify(recipe)),
  );
  await fc.assert(property, { seed: 20261124, numRuns: 60, includeErrorInReport: true });
});

test.each(readdirSync(FIXTURES).filter((file) => file.endsWith('.onnx')))('%s', async (file) => {
  await expectGrowthLaw(await analyze((await readModelFile(FIXTURES + file)).model), 1, file);
});

describe('the new units', () => {
  const chain = modelOf({
    inputs: { x: ['N', 16] },
    weights: {
      ...{ w1: [16, 64], b1: [64], gain: [64], shift: [64], mean: [64], variance: { dims: [64], from: 1, to: 2 } },
      ...{ slope: [64], divisor: { dims: [64], from: 1, to: 2 }, w2: [64, 8] },
    },
    nodes: [
      node('Gemm', ['x', 'w1', 'b1'], 'a'),
      node('BatchNormalization', ['a', 'gain', 'shift', 'mean', 'variance'], 'c'),
      node('PRelu', ['c', 'slope'], 'd'),
      node('Div', ['d', 'divisor'], 'e'),
      node('MatMul', ['e', 'w2'], 'y'),
    ],
    outputs: ['y'],
  });

  it('have weights of their own, by the fan-in of the widened network, where they are given and read', async () => {
    const before = await analyze(chain);
    const copies = new Int32Array(before.unitCount).fill(1);
    for (const unit of groupAt(before, 'a').units) copies[unit] = 4;
    const wide = await analyze(await applyPlan(before, { copies }, 'whole'));
    const fresh = await analyze(withFreshUnits(before, { copies }, wide.model, createRng(1)));
    const floats = ({ model }: ChannelAnalysis, name: string) =>
      Array.from(tensorFloats(model.constant(model.graph.value(name)!)!, undefined));
    const added = [...Array(256).keys()].filter((unit) => unit % 4 !== 0);
    const columns = (rows: number, name: string) => (units: readonly number[]) =>
      Array.from({ length: rows }, (_, row) => units.map((unit) => floats(fresh, name)[row * 256 + unit]!)).flat();
    const deviation = (values: readonly number[]) =>
      Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
    expect(deviation(columns(16, 'w1')(added)) / Math.sqrt(2 / 16)).toBeCloseTo(1, 1);
    const readers = added.flatMap((unit) => floats(fresh, 'w2').slice(8 * unit, 8 * unit + 8));
    expect(deviation(readers) / Math.sqrt(2 / 256)).toBeCloseTo(1, 1);
    for (const [name, value] of Object.entries({ b1: 0, gain: 1, shift: 0, mean: 0, variance: 1, slope: 0.25 })) {
      expect([...new Set(added.map((unit) => floats(fresh, name)[unit]))], name).toEqual([value]);
    }
    // What there was stays as it was, whole; and so do constants without a rule.
    for (const name of ['b1', 'gain', 'shift', 'mean', 'variance', 'slope', 'divisor']) {
      expect(floats(fresh, name).filter((_, unit) => unit % 4 === 0)).toEqual(floats(before, name));
    }
    expect(added.map((unit) => floats(fresh, 'divisor')[unit])).toEqual(
      added.map((unit) => floats(before, 'divisor')[Math.floor(unit / 4)]),
    );
    const kept = [...Array(64).keys()].flatMap((unit) => floats(fresh, 'w2').slice(32 * unit, 32 * unit + 8));
    expect(kept).toEqual(floats(before, 'w2'));
  });

  it('are what the proof takes out, and nothing else may have changed', async () => {
    const before = await analyze(chain);
    const { plan, wide } = await grown(before, 3);
    const without = await analyze(await applyPlan(wide, withoutAdded(before, plan, wide)));
    expect(groupAt(without, 'a').units.length).toBe(64);
    const other = await analyze({
      ...wide.model.graph.model,
      graph: {
        ...wide.model.graph.model.graph!,
        initializer: wide.model.graph.model.graph!.initializer.map((tensor) =>
          tensor.name === 'b1'
            ? { ...tensor, rawData: new Uint8Array(Buffer.alloc(4 * Number(tensor.dims[0]), 1)) }
            : tensor,
        ),
      },
    });
    await expect(proveGrowth(before, plan, other, createRng(1))).rejects.toThrow(
      expect.objectContaining({ code: 'REWRITE_UNPROVEN' }),
    );
  });

  it('come with widen and morph, which learns with them', async () => {
    const folder = emptyFolder();
    const to = { resource: 'flops', share: 1.5 } as const;
    const wide = await widen(RESNET, { to, out: `${folder}/wide.onnx`, widenInit: 'random', latency: false });
    expect(wide.verification.maxRelativeDifference).toBeLessThan(1e-5);
    expect(wide.output.flops).toBeGreaterThan(1.4 * wide.input.flops);

    const options = { ...shortRun(`${folder}/o.onnx`), shrinkEpochs: 1, widen: to, widenInit: 'random' } as const;
    const untrained = await morph(VGG, { ...options, epochs: 0 });
    const trained = await morph(VGG, { ...options, epochs: 3 });
    expect(trained.output.flops).toBe(untrained.output.flops);
    expect(trained.output.accuracy!).toBeGreaterThan(0.8);
    expect(trained.output.accuracy! - untrained.output.accuracy!).toBeGreaterThan(0.1);
  });
});
