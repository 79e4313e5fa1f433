import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDevice } from '../../src/cost/devices/parseDevice.js';
import { calibrateDevice, report } from '../../src/index.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { calibrationNets } from '../../src/pipeline/device/calibrationNets.js';
import { kernelsOfNodes, withMarkedNodes } from '../../src/pipeline/device/kernelsOfNodes.js';
import { loadWithWeights } from '../../src/pipeline/loadModel.js';
import { createRng } from '../../src/random/rng.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { withBatch } from '../../src/runtime/inputShapes.js';
import { profileKernels, readTrace } from '../../src/runtime/profileKernels.js';
import { randomInputs } from '../../src/runtime/randomInputs.js';
import { runInTest } from '../cli/runInTest.js';
import { violations } from '../report/structuralCheck.js';
import { analyze } from '../support/analyze.js';
import { emptyFolder, RESNET } from './digits.js';

describe('calibrateDevice', () => {
  it('writes a device that can be read again, and that knows the kinds of the model', async () => {
    const out = join(emptyFolder(), 'device.json');
    const told: string[] = [];
    const device = await calibrateDevice([RESNET], {
      ...{ out, name: 'here', threads: 1, budgetMs: 5 },
      onProgress: ({ model, form, forms }) => told.push(`${model} ${form}/${forms}`),
    });
    expect(parseDevice(readFileSync(out, 'utf8'), out)).toEqual(device);
    const [, measured] = SCHEMAS.device.oneOf ?? [];
    expect(violations(JSON.parse(readFileSync(out, 'utf8')), measured!)).toEqual([]);
    expect(device).toMatchObject({ name: 'here', threads: 1, providers: ['cpu'], models: ['digits-resnet8.onnx'] });
    expect(Object.keys(device.kinds)).toEqual(
      expect.arrayContaining(['Conv', 'Conv pointwise', 'Relu after Conv', 'Add after Conv', 'Gemm']),
    );
    const { overheadMs, msPerMflop, msPerMB } = device.kinds.Conv!;
    expect(overheadMs + msPerMflop + msPerMB).toBeGreaterThan(0);
    expect([told[0], told.at(-1)]).toEqual(['digits-resnet8.onnx 1/8', 'digits-resnet8.onnx 8/8']);
    const { latency, nodes } = await report(RESNET, { device: out });
    expect(latency.device).toBe('here');
    expect(latency.predictedMs).toBeGreaterThan(0);
    expect(latency.measuredMs).toBeGreaterThan(0);
    const sum = nodes.reduce((total, { latencyMs }) => total + latencyMs!, device.runMs);
    expect(latency.predictedMs).toBeCloseTo(sum, 8);
  });

  it('leaves nothing behind where a model cannot be read, or the device not be written', async () => {
    const folder = emptyFolder();
    const out = join(folder, 'device.json');
    await expect(calibrateDevice(['nothing.onnx'], { out })).rejects.toMatchObject({ category: 'model' });
    expect(existsSync(out)).toBe(false);
    await expect(calibrateDevice([], { out: join(folder, 'no', 'd.json') })).rejects.toMatchObject({
      code: 'OUTPUT_NO_FOLDER',
    });
  });
});

it.each(calibrationNets().map(({ name, model }) => [name, model] as const))(
  '%s is made of operators that are known, and can be cut',
  async (_, model) => {
    const { model: bound, groups } = await analyze(model);
    expect(bound.nodes.every(({ known }) => known)).toBe(true);
    expect(groups.filter(({ pinned }) => pinned === undefined).length).toBeGreaterThan(3);
  },
);

describe('kernels', () => {
  it('are found again by their marks, whatever is fused', async () => {
    const { bound } = await loadWithWeights(RESNET);
    const marked = encodeModel(withMarkedNodes(bound));
    const feeds = randomInputs(bound.graph, withBatch(bound.graph, bound.inputShapes, 1), createRng(0));
    const kernels = await profileKernels(marked, feeds, { threads: 1, budgetMs: 1 });
    const times = kernelsOfNodes(bound, kernels);
    const named = [...times].map(([{ opType }]) => opType);
    const products = bound.graph.nodes.filter(({ opType }) => opType === 'Conv' || opType === 'Gemm');
    expect(named.filter((op) => op === 'Conv' || op === 'Gemm').length).toBe(products.length);
    // All that is not a move between layouts belongs to a node.
    const sum = (list: Iterable<number>) => [...list].reduce((total, ms) => total + ms, 0);
    const own = kernels.filter(({ op }) => !op.startsWith('Reorder')).map(({ ms }) => ms);
    expect(sum(times.values())).toBeCloseTo(sum(own), 9);
  });

  it('take the mean of the middle half, without the first runs', () => {
    const event = (name: string, dur: number) => ({ cat: 'Node', name, dur, args: { op_name: 'Conv' } });
    const runs = [900, 900, 900, 10, 11, 12, 13, 500, 1, 12, 12].map((dur) => event('a_kernel_time', dur));
    const others = [
      { cat: 'Session', name: 'model_run', dur: 5 },
      { cat: 'Node', name: 'a_fence_before', dur: 7 },
    ];
    // Of 1, 10, 11, 12, 12, 12, 13 and 500: 11, 12, 12 and 12.
    expect(readTrace(JSON.stringify([...runs, ...others]))).toEqual([{ name: 'a', op: 'Conv', ms: 47 / 4 / 1000 }]);
  });
});

describe('onnx-morph calibrate', () => {
  it('hands on its options, tells how far it is, and prints a table', async () => {
    const out = join(emptyFolder(), 'device.json');
    const { exitCode, stdout, stderr } = await runInTest(['calibrate', RESNET, '-o', out, '--threads', '1']);
    expect({ exitCode, first: stderr.split('\n')[0] }).toEqual({ exitCode: 0, first: 'digits-resnet8.onnx: 1/8' });
    expect(stdout).toContain('kind of node');
    expect(stdout).toContain('timed: digits-resnet8.onnx; half of all predictions are within');
    const told = await runInTest(['report', RESNET, '--device', out]);
    expect(told.stdout).toMatch(/latency: .* ms on .*, as predicted; .* ms on this machine, as measured/);
  });

  it.each([
    [['report', RESNET, '--device', 'abacus'], '--device abacus: there is no such device; use one of k80,'],
    [['report', RESNET, '--device', 'no.json'], 'no.json: the device cannot be read (ENOENT'],
    [['report', RESNET, '--device', 'package.json'], 'package.json: this is no device (kind: must be a text)'],
    [['calibrate', RESNET], "required option '-o, --out <path>' not specified"],
  ])('%j ends with 2', async (argv, message) => {
    const { exitCode, stderr } = await runInTest(argv);
    expect({ exitCode, stderr: stderr.slice(0, `error: ${message}`.length) }).toEqual({
      exitCode: 2,
      stderr: `error: ${message}`,
    });
  });
});
