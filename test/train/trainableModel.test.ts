import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../src/engine/engine.js';
import { DataType } from '../../src/onnx/dataType.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { createTensor, tensorFloats } from '../../src/onnx/tensorData.js';
import { tensorBytes } from '../../src/onnx/tensorPayload.js';
import { analyzeModel, loadWithWeights } from '../../src/pipeline/loadModel.js';
import { createRng } from '../../src/random/rng.js';
import { withBatch } from '../../src/runtime/inputShapes.js';
import { randomInputs } from '../../src/runtime/randomInputs.js';
import { relativeDifference } from '../../src/runtime/relativeDifference.js';
import { tensor } from '../../src/runtime/session.js';
import { TrainableModel } from '../../src/train/trainableModel.js';
import { analyze } from '../support/analyze.js';
import { cpuEngine } from '../support/cpuEngine.js';
import { floats, inputOf, integers, modelOf, node, positive } from '../support/modelOf.js';
import { runModel } from '../support/runModel.js';

const FIXTURES = [
  'fixtures/digits-resnet8.onnx',
  'fixtures/digits-vgg.onnx',
  'fixtures/models/resnet_bn.onnx',
  'fixtures/models/resnet.onnx',
  'fixtures/models/vgg.onnx',
  'fixtures/models/inception_bn.onnx',
];

describe('TrainableModel', () => {
  it.each(FIXTURES)('%s gives the outputs of ONNX Runtime on the onnxruntime engine', async (path) => {
    const { bound } = await loadWithWeights(path);
    const feeds = randomInputs(bound.graph, withBatch(bound.graph, bound.inputShapes, 5), createRng(3));
    const expected = await runModel(bound.graph.model, feeds);
    const engine = await loadEngine('onnxruntime');
    const model = new TrainableModel(engine, bound);
    const feed = feeds[bound.graph.inputs[0]!.name]!;
    const input = engine.tf.tensor(feed.data as Float32Array, [...feed.dims], 'float32');
    const output = bound.graph.outputs[0]!;
    const found = engine.tf.tidy(() => model.forward(input, output, { training: false }));
    expect(relativeDifference(await found.data(), expected[output.name]!.data as Float32Array)).toBeLessThan(1e-5);
    engine.tf.dispose([found, input]);
    model.dispose();
  });

  it.each(FIXTURES)('%s comes back from its variables bit for bit', async (path) => {
    const { bound } = await loadWithWeights(path);
    const engine = await loadEngine('onnxruntime');
    const model = new TrainableModel(engine, bound);
    const back = await analyzeModel(await model.toModel(), undefined, path);
    for (const value of bound.graph.values) {
      const tensor = bound.constant(value);
      if (tensor === undefined) continue;
      const other = back.bound.constant(back.bound.graph.value(value.name)!)!;
      expect(Buffer.compare(tensorBytes(tensor), tensorBytes(other)), value.name).toBe(0);
    }
    model.dispose();
  });

  it('normalises by the batch while training, and moves the running statistics', async () => {
    const engine = await cpuEngine();
    const { tf } = engine;
    const { model } = await analyze(
      modelOf({
        inputs: { x: ['N', 1, 1, 2] },
        outputs: ['y'],
        nodes: [node('BatchNormalization', ['x', 'gamma', 'beta', 'mean', 'var'], 'y', { momentum: { float: 0.75 } })],
        weights: { gamma: positive([1]), beta: [1], mean: [1], var: positive([1]) },
      }),
    );
    const trainable = new TrainableModel(engine, model);
    const start = Object.fromEntries(
      ['gamma', 'beta', 'mean', 'var'].map((name) => [
        name,
        tensorFloats(model.constant(model.graph.value(name)!)!)[0]!,
      ]),
    );
    const samples = [1, 2, 3, 6];
    const y = trainable.forward(tf.tensor(samples, [2, 1, 1, 2]), model.graph.outputs[0]!, { training: true });
    trainable.applyStatistics();
    const mean = 3;
    const variance = 3.5; // of 1, 2, 3, 6, over 4
    const expected = samples.map((x) => ((x - mean) / Math.sqrt(variance + 1e-5)) * start.gamma! + start.beta!);
    [...y.dataSync()].forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    const trained = await trainable.toModel();
    const read = (name: string) => tensorFloats(trained.graph!.initializer.find((t) => t.name === name)!)[0]!;
    expect(read('mean')).toBeCloseTo(0.75 * start.mean! + 0.25 * mean, 5);
    expect(read('var')).toBeCloseTo(0.75 * start.var! + 0.25 * ((variance * 4) / 3), 5);
    expect(encodeModel(trained).length).toBeGreaterThan(0);
  });

  it('trains through masks and integers that the file stores', async () => {
    const { model } = await analyze(
      modelOf({
        inputs: { x: ['N', 3] },
        outputs: ['y'],
        nodes: [
          node('Gemm', ['x', 'w'], 'h'),
          node('Greater', ['h', 'zero'], 'g'),
          node('And', ['g', 'mask'], 'm'),
          node('Cast', ['h'], 'i', { to: DataType.INT64 }),
          node('Add', ['i', 'places'], 'p'),
          node('Cast', ['p'], 'f', { to: DataType.FLOAT }),
          node('Where', ['m', 'h', 'f'], 'y'),
        ],
        weights: {
          w: [3, 4],
          zero: floats([0], []),
          mask: createTensor('', DataType.BOOL, [4], Uint8Array.from([1, 0, 1, 1])),
          places: integers([0, 1, 2, 3]),
        },
      }),
    );
    const feeds = randomInputs(model.graph, withBatch(model.graph, model.inputShapes, 5), createRng(3));
    const expected = await runModel(model.graph.model, feeds);
    for (const engine of [await cpuEngine(), await loadEngine('onnxruntime')]) {
      const trainable = new TrainableModel(engine, model);
      const input = engine.tf.tensor(feeds.x!.data as Float32Array, [...feeds.x!.dims], 'float32');
      const y = engine.tf.tidy(() => trainable.forward(input, model.graph.outputs[0]!, { training: true }));
      expect(relativeDifference(await y.data(), expected.y!.data as Float32Array)).toBeLessThan(1e-5);
      trainable.dispose();
    }
  });

  it('trains the words of an embedding that were fed, and no others', async () => {
    const { model } = await analyze(
      modelOf({
        inputs: {},
        typedInputs: [inputOf('x', ['N', 2], DataType.INT64)],
        outputs: ['y'],
        nodes: [node('Gather', ['words', 'x'], 'h'), node('MatMul', ['h', 'w'], 'y')],
        weights: { words: [4, 3], w: [3, 2] },
      }),
    );
    const expected = await runModel(model.graph.model, {
      x: tensor('int64', BigInt64Array.from([2n, 0n, -2n, 2n]), [2, 2]),
    });
    for (const engine of [await cpuEngine(), await loadEngine('onnxruntime')]) {
      const { tf } = engine;
      const trainable = new TrainableModel(engine, model);
      const output = model.graph.outputs[0]!;
      const input = tf.tensor([2, 0, -2, 2], [2, 2], 'int32');
      const y = tf.tidy(() => trainable.forward(input, output, { training: true }));
      expect(relativeDifference(await y.data(), expected.y!.data as Float32Array)).toBeLessThan(1e-6);
      const { grads } = tf.variableGrads(() => tf.sum(trainable.forward(input, output, { training: true })));
      const words = trainable.parameters.get(model.graph.value('words')!)!;
      const rows = await (tf.reshape(tf.sum(tf.abs(grads[words.name]!), 1), [-1]) as Tensor).data();
      expect(Array.from(rows, (row) => row > 0)).toEqual([true, false, true, false]);
      trainable.dispose();
    }
  });

  it('gathers by a table that is too large to be read beforehand', async () => {
    const count = 5000;
    const { model } = await analyze(
      modelOf({
        inputs: { x: ['N', 3] },
        outputs: ['y'],
        nodes: [node('Gather', ['x', 'places'], 'y', { axis: 1 })],
        weights: { places: integers(Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 2 : -3))) },
      }),
    );
    const engine = await cpuEngine();
    const trainable = new TrainableModel(engine, model);
    const x = engine.tf.tensor2d([[1, 2, 3]]);
    const y = trainable.forward(x, model.graph.outputs[0]!, { training: true });
    expect(Array.from(await y.data())).toEqual(Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 3 : 1)));
    trainable.dispose();
  });

  it('names the node that cannot be trained through, and why', async () => {
    const engine = await cpuEngine();
    const { model } = await analyze(
      modelOf({
        inputs: { x: ['N', 3] },
        outputs: ['y'],
        nodes: [node('Gemm', ['x', 'w'], 'h'), node('CDist', ['h', 'c'], 'y', {}, 'com.microsoft')],
        weights: { w: [3, 4], c: [4, 4] },
      }),
    );
    const trainable = new TrainableModel(engine, model);
    const forward = () => trainable.forward(engine.tf.zeros([2, 3]), model.graph.outputs[0]!, { training: true });
    expect(forward).toThrow(
      "node 'y' (com.microsoft.CDist): the model cannot be trained through it: the operator com.microsoft.CDist (opset 1) is not known; " +
        'fine-tune the model elsewhere, or export it without this operator',
    );
  });
});
