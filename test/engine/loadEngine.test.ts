import { resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadEngine } from '../../src/engine/engine.js';
import { registerGradients } from '../../src/engine/onnxruntime/gradients/registerGradients.js';
import type { MorphError } from '../../src/errors/morphError.js';
import { loadModel } from '../../src/pipeline/loadModel.js';
import { morph } from '../../src/pipeline/morph.js';
import { totalCost } from '../../src/pipeline/targets.js';
import { type DataSet, openDataSet, parseNormalisation } from '../../src/train/data/index.js';
import { shortRun, VGG } from '../pipeline/digits.js';
import { FAILING_KERNELS, folderWith, STRICT_KERNELS, WITHOUT_ADDON, WORKING } from './standInPackages.js';

const TFJS_NODE = '@tensorflow/tfjs-node';
const TFJS_NODE_GPU = '@tensorflow/tfjs-node-gpu';
const home = process.cwd();
const [vgg, digits] = [resolve(VGG), resolve('fixtures/digits.npz')];

beforeAll(() => {
  // The cpu backend greets with a warning meant for users who look for speed.
  tf.env().set('IS_NODE', false);
  // tfjs-node brings its own.
  registerGradients(tf);
});

afterEach(() => process.chdir(home));

async function messageOf(promise: Promise<unknown>): Promise<readonly string[]> {
  const error = await promise.then(
    () => expect.fail('nothing was thrown'),
    (reason: MorphError) => reason,
  );
  return [error.code, error.message];
}

describe('where no package of TensorFlow is installed', () => {
  test('tensorflow is refused', async () => {
    process.chdir(folderWith());
    expect(await messageOf(loadEngine('tensorflow'))).toEqual([
      'ENGINE_NO_TENSORFLOW',
      '--engine tensorflow: neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed; ' +
        'run npm install @tensorflow/tfjs-node (or @tensorflow/tfjs-node-gpu), or use --engine onnxruntime',
    ]);
  });

  test('auto takes onnxruntime', async () => {
    process.chdir(folderWith());
    expect((await loadEngine('auto')).name).toBe('onnxruntime');
    expect(tf.getBackend()).toBe('onnxruntime');
  });
});

describe.each([
  ['has no addon', WITHOUT_ADDON, 'The native addon cannot be found'],
  ['fails in its kernels', FAILING_KERNELS, 'isNullOrUndefined is not a function'],
])('where the installed package %s', (_, code, reason) => {
  test('tensorflow says so', async () => {
    process.chdir(folderWith(TFJS_NODE, code));
    expect(await messageOf(loadEngine('tensorflow'))).toEqual([
      'ENGINE_TENSORFLOW_BROKEN',
      `--engine tensorflow: @tensorflow/tfjs-node is installed but does not work: ${reason}; ` +
        'install it anew under a version of Node that it supports, or use --engine onnxruntime',
    ]);
  });

  test('auto takes onnxruntime', async () => {
    process.chdir(folderWith(TFJS_NODE_GPU, code));
    expect((await loadEngine('auto')).name).toBe('onnxruntime');
    expect(tf.getBackend()).toBe('onnxruntime');
  });
});

describe('where a package of TensorFlow is installed in the folder that the user works in', () => {
  const folder = folderWith(TFJS_NODE_GPU, WORKING);

  test('auto leaves the one without a GPU alone: onnxruntime is faster', async () => {
    process.chdir(folderWith(TFJS_NODE, WORKING));
    expect((await loadEngine('auto')).name).toBe('onnxruntime');
    expect((await loadEngine('tensorflow')).name).toBe('tensorflow');
  });

  test('auto and tensorflow take it, onnxruntime does not', async () => {
    process.chdir(folder);
    const engine = await loadEngine('auto');
    expect(engine.name).toBe('tensorflow');
    expect(engine.tf.getBackend()).toBe('tensorflow');
    expect((await loadEngine('tensorflow')).tf).toBe(engine.tf);
    expect((await loadEngine('onnxruntime')).name).toBe('onnxruntime');
    expect(engine.tf.getBackend()).toBe('onnxruntime');
    expect((await loadEngine('auto', { providers: ['cpu'] })).name).toBe('onnxruntime');
  });

  test('its kernels take explicit padding once, however often it is loaded', async () => {
    process.chdir(folder);
    await loadEngine('tensorflow');
    const before = STRICT_KERNELS.map((name) => tf.getKernel(name, 'tensorflow').kernelFunc);
    await loadEngine('tensorflow');
    expect(STRICT_KERNELS.map((name) => tf.getKernel(name, 'tensorflow').kernelFunc)).toEqual(before);
  });

  test('a whole run goes through it, and comes to what it comes to on onnxruntime', async () => {
    process.chdir(folder);
    const data = await firstBatches(3);
    const target = { resource: 'flops', share: 0.9 } as const;
    const run = (engine: 'auto' | 'onnxruntime') => {
      const out = resolve(folder, `${engine}.onnx`);
      const short = { batchSize: 16, shrinkEpochs: 1, epochs: 1, lambda: 0.1 };
      return morph(vgg, { ...shortRun(out), ...short, data, target, engine });
    };
    const [expected, result] = [await run('onnxruntime'), await run('auto')];
    expect([expected.training.engine, result.training.engine]).toEqual(['onnxruntime', 'tensorflow']);
    expect(tf.getBackend()).toBe('tensorflow');
    expect(result.target.achieved).toBeLessThanOrEqual(result.target.limit);
    expect(result.output.flops).toBe(result.target.achieved);
    expect(result.verification.maxRelativeDifference).toBeLessThan(1e-5);
    expect(Math.abs(result.output.accuracy! - expected.output.accuracy!)).toBeLessThan(0.02);
    const { analysis } = await loadModel(resolve(folder, 'auto.onnx'));
    expect(totalCost(analysis, 'flops')).toBe(result.target.achieved);
  });
});

/** The digits, with epochs of a few batches: the stand-in computes in plain JavaScript. */
async function firstBatches(count: number): Promise<DataSet> {
  const all = await openDataSet(digits, { normalisation: parseNormalisation({ scale: '1/16' }) });
  const { source, sampleShape, labelled, hasTest, testSize, labels } = all;
  return {
    ...{ source, sampleShape, labelled, hasTest },
    ...(testSize === undefined ? {} : { testSize }),
    ...(labels === undefined ? {} : { labels }),
    trainBatches: () => count,
    async *train(epoch, batchSize, rng) {
      let taken = 0;
      for await (const batch of all.train(epoch, batchSize, rng)) {
        yield batch;
        if (++taken === count) return;
      }
    },
    test: (batchSize) => all.test(batchSize),
  };
}
