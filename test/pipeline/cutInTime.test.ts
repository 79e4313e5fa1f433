import { describe, expect, it } from 'vitest';
import type { MeasuredDevice } from '../../src/cost/devices/device.js';
import { LatencyCost } from '../../src/cost/latencyCost.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { cutInTime, planInTime } from '../../src/pipeline/cutInTime.js';
import { loadWithWeights } from '../../src/pipeline/loadModel.js';
import type { Budgets } from '../../src/pipeline/options.js';
import { prune } from '../../src/pipeline/prune.js';
import { findTargets, targetResults, totalCost } from '../../src/pipeline/targets.js';
import { createRng } from '../../src/random/rng.js';
import { applyPlan } from '../../src/rewrite/applyPlan.js';
import { planWiden } from '../../src/rewrite/plan/planWiden.js';
import { analyze } from '../support/analyze.js';
import { emptyFolder, RESNET } from './digits.js';

const DEVICE: MeasuredDevice = {
  ...{ kind: 'measured', name: 'test', runMs: 0.002, runtime: 'by hand', threads: 1, providers: ['cpu'] },
  kinds: {
    Conv: { overheadMs: 0.0005, msPerMflop: 0.01, msPerMB: 0.01, step: 8 },
    'Conv pointwise': { overheadMs: 0.0002, msPerMflop: 0.01, msPerMB: 0.01, step: 1 },
    'BatchNormalization after Conv': { overheadMs: 0, msPerMflop: 0, msPerMB: 0, step: 1 },
  },
  other: { overheadMs: 0.0002, msPerMflop: 0.02, msPerMB: 0.02, step: 1 },
  ...{ measuredAt: '2026-01-01', models: [], medianError: 0 },
};

/** A machine on which all takes longer than predicted, small networks more so. */
const trulyTakes = async (model: ModelProto): Promise<number> =>
  0.005 + 1.3 * totalCost(await analyze(model), 'latencyMs', DEVICE);

async function setUp(budgets: Budgets) {
  const { analysis } = await loadWithWeights('fixtures/models/resnet_bn.onnx');
  const wholeMs = await trulyTakes(analysis.model.graph.model);
  const targets = findTargets(analysis, budgets, '--target', false, DEVICE, wholeMs);
  const importance = Float64Array.from({ length: analysis.unitCount }, (_, unit) => 1 + ((unit * 7) % 11));
  return { analysis, wholeMs, targets, importance };
}

describe('cutInTime', () => {
  it('holds a limit by what the result takes, where the prediction is wrong', async () => {
    const { analysis, wholeMs, targets, importance } = await setUp({ resource: 'latencyMs', share: 0.6 });
    let timed = 0;
    const cut = await cutInTime(analysis, targets, { importance, perSaving: true }, (model) => {
      timed++;
      return trulyTakes(model);
    });
    const limit = 0.6 * wholeMs;
    expect(targets[0]!.timed?.limitMs).toBe(limit);
    expect(cut.latencyMs).toBe(await trulyTakes(cut.model));
    expect(cut.latencyMs! / limit).toBeGreaterThan(0.9);
    expect(cut.latencyMs! / limit).toBeLessThanOrEqual(1.02);
    expect(timed).toBeGreaterThan(1);
    expect(timed).toBeLessThanOrEqual(7);
    const [result] = targetResults(cut.targets, await analyze(cut.model), cut.latencyMs);
    expect(result).toEqual({ resource: 'latencyMs', limit, achieved: cut.latencyMs });
    // By the prediction alone, the limit would have been missed.
    const first = new LatencyCost(analysis, DEVICE).total(cut.plan.copies);
    expect(first).toBeLessThan(targets[0]!.limit);
  });

  it('leaves the limit alone where another target binds', async () => {
    const { analysis, targets, importance } = await setUp([
      { resource: 'latencyMs', share: 0.95 },
      { resource: 'flops', share: 0.3 },
    ]);
    const cut = await cutInTime(analysis, targets, { importance, perSaving: true }, trulyTakes);
    expect(cut.latencyMs!).toBeLessThan(targets[0]!.timed!.limitMs);
    expect(targets[1]!.cost.total(cut.plan.copies)).toBeLessThanOrEqual(targets[1]!.limit);
    expect(targets[1]!.cost.total(cut.plan.copies)).toBeGreaterThan(0.9 * targets[1]!.limit);
  });

  it.each([3, 30])('costs no network where the machine stumbles once, by a factor of %d', async (factor) => {
    const { analysis, targets, importance } = await setUp({ resource: 'latencyMs', share: 0.8 });
    let timed = 0;
    const cut = await cutInTime(analysis, targets, { importance, perSaving: true }, async (model) => {
      return (await trulyTakes(model)) * (++timed === 1 ? factor : 1);
    });
    expect(cut.latencyMs! / targets[0]!.timed!.limitMs).toBeGreaterThan(0.85);
    expect(cut.latencyMs! / targets[0]!.timed!.limitMs).toBeLessThanOrEqual(1.02);
  });

  it('widens to a limit by what the result takes', async () => {
    const { analysis } = await loadWithWeights('fixtures/models/resnet_bn.onnx');
    const wholeMs = await trulyTakes(analysis.model.graph.model);
    const targets = findTargets(analysis, { resource: 'latencyMs', share: 1.5 }, '--to', true, DEVICE, wholeMs);
    const widened = await planInTime(
      targets,
      {
        plan: (limits) => planWiden(limits, createRng(1)),
        rewrite: (plan) => applyPlan(analysis, plan, createRng(2)),
        bounds: (cost) => [cost.total(new Uint8Array(analysis.unitCount).fill(1)), Number.POSITIVE_INFINITY],
      },
      trulyTakes,
    );
    // One multiplier for all, and blocks of eight: some steps are large.
    expect(widened.latencyMs! / (1.5 * wholeMs)).toBeGreaterThan(0.85);
    expect(widened.latencyMs! / (1.5 * wholeMs)).toBeLessThanOrEqual(1.02);
  });

  it('says so where no cut is fast enough', async () => {
    const { analysis, targets, importance } = await setUp({ resource: 'latencyMs', share: 0.6 });
    const slow = cutInTime(analysis, targets, { importance }, async () => 2 * targets[0]!.timed!.limitMs);
    await expect(slow).rejects.toMatchObject({ code: 'TARGET_MISSED' });
  });
});

describe('prune to a latency', () => {
  it('goes by the prediction where nothing is timed', async () => {
    const out = `${emptyFolder()}/small.onnx`;
    const target = [
      { resource: 'latencyMs', share: 0.7 },
      { resource: 'params', share: 0.8 },
    ] as const;
    const result = await prune(RESNET, { target, out, device: DEVICE, latency: false });
    const [latency] = result.targets;
    expect(latency!.limit).toBe(0.7 * result.input.predictedLatencyMs!);
    expect(latency!.achieved).toBe(result.output.predictedLatencyMs);
    expect(latency!.achieved).toBeLessThanOrEqual(latency!.limit);
    expect(result.output.latencyMs).toBeNull();
    const { analysis } = await loadWithWeights(out);
    expect(totalCost(analysis, 'latencyMs', DEVICE)).toBe(latency!.achieved);
  });

  it('takes devices by their data sheets', async () => {
    const out = `${emptyFolder()}/small.onnx`;
    const target = { resource: 'latencyMs', share: 0.6 } as const;
    const { output, input } = await prune(RESNET, { target, out, device: 'raspberry-pi-4' });
    expect(output.predictedLatencyMs!).toBeLessThanOrEqual(0.6 * input.predictedLatencyMs!);
    expect(output.predictedLatencyMs!).toBeGreaterThan(0.57 * input.predictedLatencyMs!);
  });
});
