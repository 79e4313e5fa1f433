import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';
import { loadModel } from '../../src/pipeline/loadModel.js';
import { morph } from '../../src/pipeline/morph.js';
import type { MorphResult, Progress } from '../../src/report/results.js';
import { openDataSet, parseNormalisation } from '../../src/train/data/index.js';
import { modelOf, node } from '../support/modelOf.js';
import { emptyFolder, RESNET, shortRun, VGG } from './digits.js';

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Accuracy on the digits' test split in a plain onnxruntime-node session. */
async function plainAccuracy(path: string, batchSize: number): Promise<number> {
  const session = await ort.InferenceSession.create(path);
  const data = await openDataSet('fixtures/digits.npz', { normalisation: parseNormalisation({ scale: '1/16' }) });
  let right = 0;
  for await (const { x, y } of data.test(batchSize)) {
    const { y: logits } = await session.run({ x: new ort.Tensor('float32', x.data, x.shape) });
    const scores = logits!.data as Float32Array;
    y!.forEach((label, n) => {
      const row = scores.subarray(10 * n, 10 * n + 10);
      if (row.indexOf(Math.max(...row)) === label) right++;
    });
  }
  return right / 360;
}

/** What one channel of the dearest group costs: the result may miss the target by no more. */
function dearestUnit(result: MorphResult): number {
  return Math.max(...result.groups.map(({ before }) => result.input.flops / before));
}

describe('morph', () => {
  it('needs its file no more once it trains', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'model.onnx');
    // Its first weight is so large that it stays in the file until it is asked for.
    const model = modelOf({
      inputs: { x: ['N', 1, 8, 8] },
      weights: { w1: [64, 1200], w2: [1200, 10] },
      nodes: [
        node('Flatten', ['x'], 'flat'),
        node('MatMul', ['flat', 'w1'], 'a'),
        node('Relu', ['a'], 'r'),
        node('MatMul', ['r', 'w2'], 'y'),
      ],
      outputs: ['y'],
    });
    await writeModelFile(path, model);
    const out = join(folder, 'small.onnx');
    const onProgress = () => rmSync(path, { force: true });
    const result = await morph(path, { ...shortRun(out), shrinkEpochs: 1, epochs: 1, onProgress });
    expect(existsSync(path)).toBe(false);
    expect(result.output.flops).toBeLessThanOrEqual(result.input.flops / 2);
    expect(readFileSync(out).length).toBe(result.output.fileBytes);
  });

  it('halves the FLOPs of a plain network, and the file does in ONNX Runtime what the result says', async () => {
    const out = join(emptyFolder(), 'small.onnx');
    const before = sha256(VGG);
    const seen: Progress[] = [];
    const result = await morph(VGG, { ...shortRun(out), onProgress: (progress) => seen.push(progress) });

    expect(result.target.limit).toBe(result.input.flops / 2);
    expect(result.target.achieved).toBeLessThanOrEqual(result.target.limit);
    expect(result.target.achieved).toBeGreaterThan(result.target.limit - dearestUnit(result));
    expect(result.output.flops).toBe(result.target.achieved);
    expect(result.verification.maxRelativeDifference).toBeLessThan(1e-5);
    expect(result.verification.batchSizes).toEqual([1, 2]);
    expect(result.groups.map(({ name }) => name)).toEqual(['/c1/Conv', '/c2/Conv', '/c3/Conv', '/f1/Gemm']);
    expect(result.output.fileBytes).toBe(readFileSync(out).length);

    const { analysis } = await loadModel(out);
    for (const { name, after } of result.groups) {
      expect(analysis.groups.find((group) => group.name === name && group.pinned === undefined)!.units.length).toBe(
        after,
      );
    }
    expect(await plainAccuracy(out, 1)).toBe(result.output.accuracy);
    expect(await plainAccuracy(out, 7)).toBe(result.output.accuracy);
    expect(result.output.accuracy).toBeGreaterThan(0.85);

    expect(sha256(VGG)).toBe(before);
    const epochs = seen.filter(({ isEpochEnd }) => isEpochEnd).map(({ phase, epoch }) => `${phase} ${epoch}`);
    expect(epochs).toEqual(['shrink 1', 'shrink 2', 'shrink 3', 'fine-tune 1', 'fine-tune 2']);
  });

  it('gives the same file for the same seed, byte for byte, another one for another seed, and leaves no tensors', async () => {
    const dir = emptyFolder();
    const run = async (name: string, seed: number) => {
      await morph(VGG, { ...shortRun(join(dir, name)), seed, shrinkEpochs: 2, epochs: 1 });
      return sha256(join(dir, name));
    };
    const first = await run('a.onnx', 5);
    const tensors = tf.memory().numTensors;
    expect(await run('b.onnx', 5)).toBe(first);
    expect(await run('c.onnx', 6)).not.toBe(first);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('cuts early layers for FLOPs and late ones for parameters', async () => {
    const dir = emptyFolder();
    const kept = async (resource: 'flops' | 'params') => {
      const target = { resource, share: 0.4 } as const;
      const { groups } = await morph(RESNET, { ...shortRun(join(dir, resource)), target, shrinkEpochs: 3, epochs: 1 });
      const ratio = (group: (typeof groups)[number]) => group.after / group.before;
      return { early: (ratio(groups[0]!) + ratio(groups[1]!)) / 2, late: (ratio(groups[4]!) + ratio(groups[5]!)) / 2 };
    };
    const flops = await kept('flops');
    const params = await kept('params');
    expect(flops.early).toBeLessThan(params.early);
    expect(params.late).toBeLessThan(flops.late);
  });

  it('widens again to a budget', async () => {
    const out = join(emptyFolder(), 'wide.onnx');
    const result = await morph(VGG, { ...shortRun(out), widen: { resource: 'flops', share: 1 } });
    expect(result.target.achieved).toBeLessThanOrEqual(result.input.flops / 2);
    expect(result.output.flops).toBe(result.widen!.achieved);
    expect(result.output.flops / result.input.flops).toBeGreaterThan(0.98);
    expect(result.output.flops / result.input.flops).toBeLessThanOrEqual(1);
    expect(result.verification.maxRelativeDifference).toBeLessThan(1e-5);
    expect(await plainAccuracy(out, 7)).toBe(result.output.accuracy);
  });

  it('lets blocks die where no least number of channels is asked for', async () => {
    const out = join(emptyFolder(), 'small.onnx');
    const target = { resource: 'flops', share: 0.03 } as const;
    const result = await morph(RESNET, { ...shortRun(out), target, minChannels: 0, shrinkEpochs: 4, epochs: 1 });
    expect(result.groups.filter(({ after }) => after === 0)).not.toEqual([]);
    expect(result.target.achieved).toBeLessThanOrEqual(result.target.limit);
    expect(result.output.flops).toBe(result.target.achieved);
    const nodes = async (path: string) => (await loadModel(path)).bound.graph.nodes.length;
    expect(await nodes(out)).toBeLessThan(await nodes(RESNET));
    expect(result.output.accuracy).toBeGreaterThan(0.5);
  });

  it('keeps, rounds and bounds widths, before and after it widens', async () => {
    const out = join(emptyFolder(), 'small.onnx');
    const rules = { keep: ['/c2/Conv'], round: 4, maxRatio: 0.75 };
    const budgets = { target: { resource: 'flops', share: 0.7 }, widen: { resource: 'flops', share: 1 } } as const;
    const result = await morph(VGG, { ...shortRun(out), ...rules, ...budgets, shrinkEpochs: 1, epochs: 1 });
    expect(result.target.achieved).toBeLessThanOrEqual(result.target.limit);
    expect(result.groups.map(({ name }) => name)).toEqual(['/c1/Conv', '/c3/Conv', '/f1/Gemm']);
    for (const { before, after } of result.groups) {
      expect(after % 4).toBe(0);
      expect(after).toBeGreaterThanOrEqual(before / 4);
    }
    const { analysis } = await loadModel(out);
    const kept = analysis.groups.find(({ name }) => name === '/c2/Conv')!;
    const original = await loadModel(VGG);
    expect(kept.units.length).toBe(original.analysis.groups.find(({ name }) => name === '/c2/Conv')!.units.length);
  });

  it('takes λ, the penalty and Adam from the options', async () => {
    const out = join(emptyFolder(), 'small.onnx');
    const options = { lambda: 0.01, penalty: 'group-lasso', optimizer: 'adam', learningRate: 1e-3 } as const;
    const result = await morph(VGG, { ...shortRun(out), ...options, shrinkEpochs: 1, epochs: 1 });
    expect(result.training.lambda).toBe(0.01);
    expect(result.training.epochs).toBe(2);
    expect(result.training.msPerStep).toBeGreaterThan(0);
    expect(result.output.accuracy).toBeGreaterThan(0.8);
  });

  it('does without either phase, with numbers all the same', async () => {
    const training = async (shrinkEpochs: number, epochs: number) => {
      const out = join(emptyFolder(), 'small.onnx');
      return (await morph(VGG, { ...shortRun(out), shrinkEpochs, epochs })).training;
    };
    const cutAlone = await training(1, 0);
    expect(cutAlone.msPerStep).toBeGreaterThan(0);
    expect(cutAlone.lambda).toBeGreaterThan(0);
    expect(Number.isFinite(cutAlone.lambda)).toBe(true);
    const tunedAlone = await training(0, 1);
    expect(tunedAlone.msPerStep).toBeGreaterThan(0);
    expect(tunedAlone.lambda).toBe(0);
    expect(await training(0, 0)).toMatchObject({ msPerStep: 0, lambda: 0 });
  });

  it('takes the statistics of BatchNorms anew', async () => {
    const run = async (bnBatches: number) => {
      const out = join(emptyFolder(), 'small.onnx');
      const target = { resource: 'flops', share: 0.7 } as const;
      const { output, verification } = await morph(RESNET, {
        ...shortRun(out),
        ...{ target, shrinkEpochs: 0, epochs: 0, bnBatches },
      });
      expect(verification.maxRelativeDifference).toBeLessThanOrEqual(1e-5);
      expect(await plainAccuracy(out, 64)).toBeCloseTo(output.accuracy!, 5);
      return { accuracy: output.accuracy!, digest: sha256(out) };
    };
    const [old, renewed] = [await run(0), await run(8)];
    expect(renewed.accuracy).toBeGreaterThan(old.accuracy + 0.05);
    expect((await run(8)).digest).toBe(renewed.digest);
  });

  it.each(['shrink', 'fine-tune'])(
    'stops when it is told to while it is in the %s phase, and leaves nothing',
    async (phase) => {
      const dir = emptyFolder();
      const stop = new AbortController();
      const onProgress = (progress: Progress) => {
        if (progress.phase === phase) stop.abort(new Error('enough'));
      };
      const run = morph(VGG, {
        ...shortRun(join(dir, 'small.onnx')),
        epochs: 1,
        shrinkEpochs: 1,
        signal: stop.signal,
        onProgress,
      });
      await expect(run).rejects.toThrow('enough');
      expect(readdirSync(dir)).toEqual([]);
    },
  );
});
