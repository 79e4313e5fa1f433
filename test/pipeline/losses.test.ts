import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { ModelProto } from '../../src/onnx/messages.js';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';
import { morph } from '../../src/pipeline/morph.js';
import type { MorphOptions } from '../../src/pipeline/options.js';
import { createRng } from '../../src/random/rng.js';
import type { MorphResult } from '../../src/report/results.js';
import { openDataSet, parseNormalisation } from '../../src/train/data/index.js';
import { modelOf, node } from '../support/modelOf.js';
import { toFloat16 } from '../support/toFloat16.js';
import { type NpyParts, npzBytes, temporaryFile } from '../train/data/fileBuilders.js';
import { emptyFolder, RESNET, shortRun, VGG } from './digits.js';

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** The digits without labels, as a file. */
async function unlabelled(): Promise<string> {
  const digits = await openDataSet('fixtures/digits.npz');
  const arrays: Record<string, NpyParts> = {};
  for await (const { x } of digits.train(0, 1437, createRng(0)))
    arrays.x_train = { dtype: '|u1', shape: x.shape, values: [...x.data] };
  for await (const { x } of digits.test(360)) arrays.x_test = { dtype: '|u1', shape: x.shape, values: [...x.data] };
  return temporaryFile('unlabelled.npz', npzBytes(arrays));
}

/** Accuracy of a model on the digits' test split: the result of a run without training that cuts next to nothing. */
async function digitsAccuracy(path: string): Promise<number> {
  const { evaluate } = await import('../../src/pipeline/evaluate.js');
  const { loadModel } = await import('../../src/pipeline/loadModel.js');
  const { bound } = await loadModel(path);
  const data = await openDataSet('fixtures/digits.npz', { normalisation: parseNormalisation({ scale: '1/16' }) });
  const { accuracies } = await evaluate([bound, bound], { kind: 'cross-entropy' }, data, createRng(0), {});
  return accuracies[0]!;
}

const SAMPLES = 256;

/** An archive with random samples [N, 6], and what a function of each makes of it. */
function archive(
  shape: readonly number[],
  targetsOf: (row: Float32Array) => readonly number[],
  hasTest = true,
): string {
  const rng = createRng(11);
  const arrays: Record<string, NpyParts> = {};
  for (const split of hasTest ? ['train', 'test'] : ['train']) {
    const rows = Array.from({ length: SAMPLES }, () => Float32Array.from({ length: 6 }, () => rng.normal()));
    arrays[`x_${split}`] = { shape: [SAMPLES, 6], values: rows.flatMap((row) => [...row]) };
    arrays[`y_${split}`] = { shape: [SAMPLES, ...shape], values: rows.flatMap(targetsOf) };
  }
  return temporaryFile('numbers.npz', npzBytes(arrays));
}

/** What a model gives for the test samples of an archive, element by element with the targets. */
async function testPairs(path: string, data: string): Promise<readonly (readonly [number, number])[]> {
  const session = await ort.InferenceSession.create(path, { logSeverityLevel: 3 });
  const opened = await openDataSet(data, { labels: 'values' });
  const pairs: [number, number][] = [];
  for await (const { x, targets } of opened.test(SAMPLES)) {
    const { y } = await session.run({ x: new ort.Tensor('float32', x.data, x.shape) });
    targets!.data.forEach((target, i) => {
      pairs.push([(y!.data as Float32Array)[i]!, target]);
    });
  }
  return pairs;
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, next) => sum + next, 0) / numbers.length;
}

/** A hidden layer of 24, then the given heads. */
function network(outputs: readonly string[], ...nodes: Parameters<typeof node>[]): ModelProto {
  return modelOf({
    inputs: { x: ['N', 6] },
    weights: { w: [6, 24], b: [24], v: [24, 3], c: [3], u: [24, 5] },
    nodes: [node('Gemm', ['x', 'w', 'b'], 'a'), node('Relu', ['a'], 'h'), ...nodes.map((parts) => node(...parts))],
    outputs,
  });
}

async function fileOf(model: ModelProto): Promise<string> {
  const path = join(emptyFolder(), 'model.onnx');
  await writeModelFile(path, model);
  return path;
}

/** A run on small networks, with the loss of each epoch. */
async function run(
  model: ModelProto,
  data: string,
  options: Partial<MorphOptions> = {},
): Promise<MorphResult & { readonly losses: readonly number[]; readonly out: string }> {
  const losses: number[] = [];
  const out = join(emptyFolder(), 'small.onnx');
  const result = await morph(await fileOf(model), {
    ...{ data, out, target: { resource: 'flops', share: 0.6 }, engine: 'onnxruntime' },
    ...{ shrinkEpochs: 4, epochs: 12, batchSize: 32, learningRate: 0.02 },
    onProgress: ({ isEpochEnd, loss }) => isEpochEnd && losses.push(loss),
    ...options,
  });
  return { ...result, losses, out };
}

const linear = network(['y'], ['Gemm', ['h', 'v', 'c'], 'y']);

describe('training without labels', () => {
  it('keeps the accuracy of a classifier, and tells how far it does what the original does', async () => {
    const data = await unlabelled();
    const out = join(emptyFolder(), 'small.onnx');
    const result = await morph(RESNET, { ...shortRun(out), data, shrinkEpochs: 4, epochs: 4 });
    expect(result.training.loss).toBe('distill');
    expect(result.output.accuracy).toBeNull();
    expect(result.fidelity).toMatchObject({ split: 'test', samples: 360 });
    expect(result.fidelity.agreement).toBeGreaterThan(0.95);
    expect(result.fidelity.outputError).toBeGreaterThan(0.01);
    expect(result.fidelity.outputError).toBeLessThan(0.4);
    expect(result.output.flops).toBeLessThanOrEqual(result.input.flops / 2);
    expect(await digitsAccuracy(out)).toBeGreaterThan(0.945);
  });

  it('uses labels that are there for the accuracy alone, and training samples to compare where there are no others', async () => {
    const known = await morph(VGG, {
      ...{ ...shortRun(join(emptyFolder(), 'o.onnx')), shrinkEpochs: 1, epochs: 1 },
      loss: 'distill',
    });
    expect(known.training.loss).toBe('distill');
    expect(known.output.accuracy).toBeGreaterThan(0.85);
    const path = archive([3], (row) => [...row.subarray(0, 3)], false);
    const { fidelity, output } = await run(linear, path, { loss: 'distill', epochs: 1, shrinkEpochs: 1 });
    expect(fidelity).toMatchObject({ split: 'training', samples: 256 });
    expect(output.accuracy).toBeNull();
  });

  it('trains several outputs at once, each by what it is, and goes on from a checkpoint to the same file', async () => {
    const model = network(
      ['classes', 'numbers'],
      ['Gemm', ['h', 'u'], 'scores'],
      ['Softmax', ['scores'], 'classes'],
      ['Gemm', ['h', 'v', 'c'], 'numbers'],
    );
    const data = archive([], () => [0]);
    const whole = await run(model, data, { loss: 'distill' });
    expect(whole.losses.at(-1)).toBeLessThan(Math.max(...whole.losses) / 4);
    expect(whole.fidelity.agreement).toBeGreaterThan(0.8);
    expect(whole.fidelity.outputError).toBeLessThan(0.5);

    const path = await fileOf(model);
    const folder = emptyFolder();
    const stopped: MorphOptions = {
      ...{ data, out: join(folder, 'o.onnx'), target: { resource: 'flops', share: 0.6 }, engine: 'onnxruntime' },
      ...{ shrinkEpochs: 4, epochs: 12, batchSize: 32, learningRate: 0.02, loss: 'distill' },
      ...{ checkpoint: join(folder, 'checkpoints'), checkpointSeconds: 0, resume: true },
    };
    for (const steps of [3, 30, 20]) {
      const stop = new AbortController();
      let count = 0;
      const onProgress = () => {
        if (++count === steps) stop.abort(new Error('enough'));
      };
      await expect(morph(path, { ...stopped, signal: stop.signal, onProgress })).rejects.toThrow('enough');
    }
    await expect(morph(path, { ...stopped, temperature: 3 })).rejects.toThrow('which differs in --temperature;');
    await morph(path, stopped);
    expect(sha256(stopped.out)).toBe(sha256(whole.out));
  });

  it('runs networks of half floats', async () => {
    const { fidelity } = await run(
      toFloat16(linear),
      archive([3], (row) => [...row.subarray(0, 3)]),
      {
        ...{ loss: 'distill', shrinkEpochs: 2, epochs: 6 },
      },
    );
    expect(fidelity.outputError).toBeLessThan(0.6);
  });

  it('moves images before the original sees them', async () => {
    const data = await unlabelled();
    const log = join(emptyFolder(), 'log');
    const options = { ...shortRun(join(emptyFolder(), 'o.onnx')), data, augment: { shift: 1 }, logDir: log };
    const { fidelity } = await morph(VGG, { ...options, shrinkEpochs: 1, epochs: 2 });
    expect(fidelity.agreement).toBeGreaterThan(0.9);
    const [head, ...rows] = readFileSync(join(log, 'training.csv'), 'utf8').trimEnd().split('\r\n');
    expect(head!.split(',').slice(3, 6)).toEqual(['loss', 'agreement', 'learning_rate']);
    // Before the first step both are the same network: had they seen other images, they would differ.
    const [loss, agreement] = rows[0]!.split(',').slice(3).map(Number);
    expect(agreement).toBe(1);
    expect(Math.abs(loss!)).toBeLessThan(1e-5);
    expect(rows.at(-1)).toMatch(new RegExp(`,result,0,,${fidelity.agreement},`));
  });
});

describe('training on numbers', () => {
  it('learns them by squares', async () => {
    const data = archive([3], (row) => [row[0]! + row[1]!, 2 * row[2]!, row[3]! - 1]);
    const result = await run(linear, data, { loss: 'mse' });
    expect(result.training.loss).toBe('mse');
    expect(result.losses.at(-1)).toBeLessThan(0.4);
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0]! / 4);
    expect(result.output.accuracy).toBeNull();
    expect(result.fidelity.agreement).toBeNull();
    expect(result.fidelity.outputError).toBeGreaterThan(0.1);
    const pairs = await testPairs(result.out, data);
    expect(pairs.length).toBe(3 * SAMPLES);
    expect(result.output.testLoss).toBeCloseTo(meanOf(pairs.map(([y, target]) => (y - target) ** 2)), 5);
    expect(result.output.testLoss).toBeLessThan(0.6);
    expect(result.input.testLoss).toBeGreaterThan(2 * result.output.testLoss!);
  });

  it('takes [N] for an output [N, 1], and whole numbers for what they are', async () => {
    const model = modelOf({
      inputs: { x: ['N', 6] },
      weights: { w: [6, 16], v: [16, 1] },
      nodes: [node('MatMul', ['x', 'w'], 'a'), node('Relu', ['a'], 'h'), node('MatMul', ['h', 'v'], 'y')],
      outputs: ['y'],
    });
    const { losses } = await run(
      model,
      archive([], (row) => [Math.round(2 * Math.abs(row[0]!))]),
      { loss: 'mse' },
    );
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  it('learns shares through a Sigmoid', async () => {
    const model = network(['y'], ['Gemm', ['h', 'v', 'c'], 'z'], ['Sigmoid', ['z'], 'y']);
    const data = archive([3], (row) => [0, 1, 2].map((i) => (row[i]! > 0 ? 1 : 0)));
    const log = join(emptyFolder(), 'log');
    const { losses, training, output, out } = await run(model, data, { loss: 'bce', epochs: 24, logDir: log });
    expect(training.loss).toBe('bce');
    expect(losses.at(-1)).toBeLessThan(0.4);
    const pairs = await testPairs(out, data);
    const byHand = meanOf(pairs.map(([p, target]) => -Math.log(target === 1 ? p : 1 - p)));
    expect(output.testLoss).toBeCloseTo(byHand, 5);
    const rows = readFileSync(join(log, 'training.csv'), 'utf8').trimEnd().split('\r\n');
    expect(rows.at(-1)).toContain(`,result,0,${output.testLoss},`);
  });

  it('tells no test loss of logits that it does not tell of probabilities', async () => {
    const logits = network(['y'], ['Gemm', ['h', 'v', 'c'], 'y']);
    const shares = network(['y'], ['Gemm', ['h', 'v', 'c'], 'z'], ['Sigmoid', ['z'], 'y']);
    const data = archive([3], (row) => [0, 1, 2].map((i) => (row[i]! > 0 ? 1 : 0)));
    const losses = [];
    for (const model of [logits, shares]) {
      const { input } = await run(model, data, { loss: 'bce', shrinkEpochs: 0, epochs: 0 });
      losses.push(input.testLoss!);
    }
    expect(losses[0]).toBeCloseTo(losses[1]!, 4);
    const { input } = await run(
      logits,
      archive([3], () => [0, 1, 1], false),
      { loss: 'bce', shrinkEpochs: 0, epochs: 0 },
    );
    expect(input.testLoss).toBeNull();
  });

  it('says what does not fit', async () => {
    const numbers = archive([3], (row) => [...row.subarray(0, 3)]);
    await expect(
      run(
        linear,
        archive([4], () => [1, 2, 3, 4]),
        { loss: 'mse' },
      ),
    ).rejects.toThrow("its labels have the shape [N, 4], but 'y' wants [N, 3]; give y in that shape");
    await expect(run(linear, numbers, { loss: 'bce' })).rejects.toThrow(
      'give 0 for no, 1 for yes, or what is between; other numbers are learned with --loss mse',
    );
    await expect(run(linear, numbers)).rejects.toThrow('is not one 1 among zeros');
    await expect(morph(VGG, { ...shortRun('o.onnx'), data: await unlabelled(), loss: 'mse' })).rejects.toThrow(
      'the training data has no labels, and the loss mse needs them; give y_train, or use --loss distill',
    );
    const one = modelOf({
      inputs: { x: ['N', 6] },
      weights: { w: [6, 8], v: [8, 1] },
      nodes: [node('MatMul', ['x', 'w'], 'a'), node('MatMul', ['a', 'v'], 'y')],
      outputs: ['y'],
    });
    for (const loss of ['cross-entropy', undefined] as const) {
      await expect(
        run(
          one,
          archive([], () => [1]),
          loss === undefined ? {} : { loss },
        ),
      ).rejects.toThrow(
        "output 'y': cross-entropy needs logits [N, classes] or [N, classes, …], and its shape is [1, 1]",
      );
    }
  });
});

describe('training on maps of classes', () => {
  const model = modelOf({
    inputs: { x: ['N', 1, 6, 4] },
    weights: { w: [12, 1, 3, 3], b: [12], v: [3, 12, 1, 1] },
    nodes: [
      node('Conv', ['x', 'w', 'b'], 'a', { pads: [1, 1, 1, 1] }),
      node('Relu', ['a'], 'h'),
      node('Conv', ['h', 'v'], 'y'),
    ],
    outputs: ['y'],
  });
  /** Each pixel is of a class by how bright it is. */
  const maps = (shape: readonly number[]) => {
    const rng = createRng(5);
    const arrays: Record<string, NpyParts> = {};
    for (const split of ['train', 'test']) {
      const pixels = Array.from({ length: 512 * 24 }, () => rng.normal());
      arrays[`x_${split}`] = { shape: [512, 1, 6, 4], values: pixels };
      const values = pixels.map((pixel) => (pixel < -0.5 ? 0 : pixel < 0.5 ? 1 : 2));
      arrays[`y_${split}`] = { dtype: '|u1', shape: [512, ...shape], values };
    }
    return temporaryFile('maps.npz', npzBytes(arrays));
  };

  it('learns a label for each position, with the accuracy over all of them', async () => {
    const { losses, output, input, training } = await run(model, maps([6, 4]), { labelSmoothing: 0 });
    expect(training.loss).toBe('cross-entropy');
    expect(losses.at(-1)).toBeLessThan(0.5);
    expect(output.accuracy).toBeGreaterThan(0.75);
    expect(output.accuracy).toBeGreaterThan(input.accuracy!);
    const distilled = await run(model, maps([1, 6, 4]), {
      distillWeight: 0.5,
      distill: 'kl',
      shrinkEpochs: 1,
      epochs: 1,
    });
    expect(distilled.training.loss).toBe('cross-entropy + distill');
  });

  it('refuses maps that are turned, and to move images without them', async () => {
    await expect(run(model, maps([4, 6]))).rejects.toThrow(
      "its labels have the shape [N, 4, 6], but 'y' wants [N, 6, 4]",
    );
    await expect(run(model, maps([6, 4]), { augment: { flip: true } })).rejects.toThrow(
      'and not their labels [N, 6, 4]; leave out --augment, and let a data module move both',
    );
  });
});

describe('distillation beside labels', () => {
  it('logs both parts, and resumes', async () => {
    const folder = emptyFolder();
    const options = { ...shortRun(join(folder, 'whole.onnx')), distillWeight: 0.5, shrinkEpochs: 1, epochs: 1 };
    const logDir = join(folder, 'log');
    const { training, output } = await morph(VGG, { ...options, logDir });
    expect(training.loss).toBe('cross-entropy + distill');
    expect(output.accuracy).toBeGreaterThan(0.85);
    const [head, row] = readFileSync(join(logDir, 'training.csv'), 'utf8').split('\r\n');
    const cells = Object.fromEntries(head!.split(',').map((name, i) => [name, Number(row!.split(',')[i])]));
    expect(cells.loss).toBeCloseTo((cells.task_loss! + cells.distill_loss!) / 2, 5);
    const stop = new AbortController();
    let count = 0;
    const stopped = { ...options, out: join(folder, 'o.onnx'), checkpoint: join(folder, 'kept'), checkpointSeconds: 0 };
    const onProgress = () => {
      if (++count === 30) stop.abort(new Error('enough'));
    };
    await expect(morph(VGG, { ...stopped, signal: stop.signal, onProgress })).rejects.toThrow('enough');
    await morph(VGG, { ...stopped, resume: true });
    expect(sha256(stopped.out)).toBe(sha256(options.out));
  });

  it('is refused where there is nothing to mix it with', async () => {
    const data = await unlabelled();
    await expect(morph(VGG, { ...shortRun('o.onnx'), data, distillWeight: 0.5 })).rejects.toThrow(
      '--distill-weight: it mixes distillation with cross-entropy, mse or bce, and the loss is distill',
    );
  });
});

describe("a loss of the user's", () => {
  const huber = 'export default ({ tf, outputs, targets }) => tf.losses.huberLoss(targets, outputs.y);';
  const numbers = () => archive([3], (row) => [row[0]! + row[1]!, 2 * row[2]!, row[3]! - 1]);
  const lossFile = (source: string, name = 'loss.mjs') => temporaryFile(name, source);

  it('is trained with, and is part of what makes a run', async () => {
    const loss = lossFile(huber);
    const result = await run(linear, numbers(), { loss });
    expect(result.training.loss).toBe(loss);
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0]! / 3);
    const folder = emptyFolder();
    const stop = new AbortController();
    const common = { checkpoint: folder, checkpointSeconds: 0, onProgress: () => stop.abort(new Error('enough')) };
    await expect(run(linear, numbers(), { loss, ...common, signal: stop.signal })).rejects.toThrow('enough');
    const other = lossFile(`${huber} // another`);
    await expect(run(linear, numbers(), { loss: other, checkpoint: folder, resume: true })).rejects.toThrow(
      'which differs in --loss;',
    );
    const same = await run(linear, numbers(), { loss: lossFile(huber), checkpoint: folder, resume: true });
    expect(sha256(same.out)).toBe(sha256(result.out));
  });

  it('is given what the original gives where it asks for it, and no labels where there are none', async () => {
    const source = `
      export default {
        teacher: true,
        loss({ tf, outputs, teacher, targets }) {
          if (targets !== undefined) throw new Error('there are no labels');
          return tf.mean(tf.abs(tf.sub(outputs.y, teacher.y)));
        },
      };`;
    const rng = createRng(1);
    const x = { shape: [SAMPLES, 6], values: Array.from({ length: SAMPLES * 6 }, () => rng.normal()) };
    const path = temporaryFile('x.npz', npzBytes({ x_train: x }));
    const { losses, fidelity } = await run(linear, path, { loss: lossFile(source) });
    expect(losses.at(-1)).toBeLessThan(Math.max(...losses) / 2);
    expect(fidelity.outputError).toBeLessThan(0.5);
  });

  it.each([
    ['that is not there', 'hinge', "--loss: 'hinge' is no loss, and no file; give distill, cross-entropy"],
    ['without a function', 'export default 3;', 'its default export is number; export a function'],
    ['without a loss', 'export default { teacher: true };', 'its default export is an object without a loss'],
    ['that throws', 'export default () => { throw new Error("no y"); };', 'the loss threw: no y; correct the module'],
    ['that gives no tensor', 'export default () => 3;', 'the loss gave number; export a function'],
    ['that is asynchronous', 'export default async () => 3;', 'the loss gave a promise; export a function'],
    ['that gives many numbers', 'export default ({ outputs }) => outputs.y;', 'the loss gave a tensor [32, 3]; export'],
    [
      'that does not depend on the outputs',
      'export default ({ tf }) => tf.scalar(3);',
      'the loss threw: Cannot find a connection between any variable and the result',
    ],
  ])('is refused: one %s', async (_, source, message) => {
    const loss = source === 'hinge' ? source : lossFile(source);
    await expect(run(linear, numbers(), { loss })).rejects.toThrow(message);
  });
});
