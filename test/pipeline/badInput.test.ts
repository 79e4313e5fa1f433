import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MorphError } from '../../src/errors/morphError.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';
import { morph } from '../../src/pipeline/morph.js';
import type { MorphOptions } from '../../src/pipeline/options.js';
import { widen } from '../../src/pipeline/widen.js';
import { modelOf, node } from '../support/modelOf.js';
import { npzBytes, temporaryFile } from '../train/data/fileBuilders.js';
import { emptyFolder, shortRun, VGG } from './digits.js';

const COUNT = 70;
const pixels = (value: number) => ({ dtype: '<f4', shape: [COUNT, 1, 8, 8], values: Array(COUNT * 64).fill(value) });
const labels = (value: number) => ({ dtype: '|u1', shape: [COUNT], values: Array(COUNT).fill(value) });
const npz = (x: number, y: number) => temporaryFile('data.npz', npzBytes({ x_train: pixels(x), y_train: labels(y) }));

/** A linear classifier with a declared batch. */
async function classifier(batch: number | string, inputs = ['x']): Promise<string> {
  const path = join(emptyFolder(), 'linear.onnx');
  const read = inputs.length === 1 ? 'x' : 'sum';
  const model = modelOf({
    inputs: Object.fromEntries(inputs.map((name) => [name, [batch, 1, 8, 8]])),
    outputs: ['y'],
    nodes: [
      ...(inputs.length === 1 ? [] : [node('Add', inputs, 'sum')]),
      node('Conv', [read, 'w1'], 'h', { kernel_shape: [1, 1] }),
      node('Flatten', ['h'], 'f'),
      node('Gemm', ['f', 'w2'], 'y'),
    ],
    weights: { w1: [4, 1, 1, 1], w2: [256, 10] },
  });
  await writeModelFile(path, model);
  return path;
}

interface Case {
  readonly code: string;
  readonly model?: () => Promise<string>;
  readonly options?: () => Partial<MorphOptions>;
}

const CASES: Readonly<Record<string, Case>> = {
  'a target of nothing': { code: 'TARGET_OUT_OF_RANGE', options: () => ({ target: { resource: 'flops', share: 0 } }) },
  'no target': { code: 'TARGET_NONE', options: () => ({ target: [] }) },
  'a target twice': {
    code: 'TARGET_TWICE',
    options: () => ({
      target: [
        { resource: 'flops', share: 0.5 },
        { resource: 'flops', amount: 100 },
      ],
    }),
  },
  'a latency without a device': {
    code: 'TARGET_NO_DEVICE',
    options: () => ({ target: { resource: 'latencyMs', share: 0.5 } }),
  },
  'a target above all': { code: 'TARGET_OUT_OF_RANGE', options: () => ({ target: { resource: 'flops', share: 1.5 } }) },
  'a target that no cut can reach': {
    code: 'TARGET_UNREACHABLE',
    options: () => ({ target: { resource: 'params', share: 0.0001 } }),
  },
  'a pattern that matches nothing': { code: 'GRAPH_NO_SUCH_NODE', options: () => ({ keep: ['/nowhere/*'] }) },
  'a target that the rules forbid': {
    code: 'TARGET_UNREACHABLE',
    options: () => ({ target: { resource: 'params', share: 0.3 }, maxRatio: 0.1 }),
  },
  'labels out of range': { code: 'DATA_LABEL_RANGE', options: () => ({ data: npz(0.5, 10) }) },
  'NaN in the data': { code: 'DATA_NOT_FINITE', options: () => ({ data: npz(Number.NaN, 1) }) },
  'no data file': { code: 'DATA_UNREADABLE', options: () => ({ data: '/nowhere/data.npz' }) },
  'a loss that is not finite': { code: 'TRAIN_DIVERGED', options: () => ({ learningRate: 1e30 }) },
  'no folder for the result': { code: 'OUTPUT_NO_FOLDER', options: () => ({ out: '/nowhere/small.onnx' }) },
  'the result in place of the model': { code: 'OUTPUT_IS_INPUT', options: () => ({ out: VGG }) },
  'a fixed batch': { code: 'TRAIN_FIXED_BATCH', model: () => classifier(1) },
  'two inputs': { code: 'TRAIN_INPUTS', model: () => classifier('N', ['x', 'x2']) },
};

describe('morph refuses', () => {
  it.each(Object.entries(CASES))('%s', async (_, { code, model, options }) => {
    const dir = emptyFolder();
    const before = readFileSync(VGG);
    const path = (await model?.()) ?? VGG;
    const run = morph(path, { ...shortRun(join(dir, 'small.onnx')), shrinkEpochs: 1, epochs: 1, ...options?.() });
    const error = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(MorphError);
    expect((error as MorphError).code).toBe(code);
    expect((error as MorphError).message).not.toContain('\n');
    expect(readdirSync(dir)).toEqual([]);
    expect(readFileSync(VGG).equals(before)).toBe(true);
  });
});

describe('widen', () => {
  it('fills a budget without data, and refuses to shrink', async () => {
    const dir = emptyFolder();
    const out = join(dir, 'wide.onnx');
    const result = await widen(VGG, { to: { resource: 'params', share: 2 }, out });
    expect(result.output.params / result.input.params).toBeGreaterThan(1.96);
    expect(result.output.params / result.input.params).toBeLessThanOrEqual(2);
    expect(result.verification.maxRelativeDifference).toBeLessThan(1e-5);
    expect(existsSync(out)).toBe(true);
    const copy = join(dir, 'copy.onnx');
    copyFileSync(VGG, copy);
    await expect(widen(copy, { to: { resource: 'params', share: 0.5 }, out })).rejects.toMatchObject({
      code: 'TARGET_BELOW_COST',
    });
  });

  it('keeps and rounds widths', async () => {
    const out = join(emptyFolder(), 'wide.onnx');
    const { groups } = await widen(VGG, { to: { resource: 'params', share: 2 }, out, keep: ['/c2/Conv'], round: 8 });
    expect(groups.map(({ name }) => name)).toEqual(['/c1/Conv', '/c3/Conv', '/f1/Gemm']);
    expect(groups.every(({ before, after }) => after === before || after % 8 === 0)).toBe(true);
    expect(groups.some(({ before, after }) => after > before)).toBe(true);
  });

  it('says when nothing can be widened', async () => {
    const path = join(emptyFolder(), 'pinned.onnx');
    const model = modelOf({
      inputs: { x: ['N', 4] },
      outputs: ['y'],
      nodes: [node('Gemm', ['x', 'w'], 'y')],
      weights: { w: [4, 10] },
    });
    await writeModelFile(path, model);
    expect(encodeModel(model).length).toBeGreaterThan(0);
    await expect(widen(path, { to: { resource: 'params', share: 2 }, out: `${path}.out` })).rejects.toMatchObject({
      code: 'TARGET_NOTHING_PRUNABLE',
    });
  });
});
