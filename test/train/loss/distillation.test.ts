import { describe, expect, it } from 'vitest';
import { loadEngine } from '../../../src/engine/engine.js';
import { DataType } from '../../../src/onnx/dataType.js';
import type { ModelProto } from '../../../src/onnx/messages.js';
import { createRng } from '../../../src/random/rng.js';
import { arrayDataSet } from '../../../src/train/data/arrayDataSet.js';
import { classLogits } from '../../../src/train/loss/classLogits.js';
import { crossEntropyLoss } from '../../../src/train/loss/crossEntropy.js';
import { decided, distillationLoss, distilledOutputs } from '../../../src/train/loss/distillation.js';
import { binaryCrossEntropy, meanSquares } from '../../../src/train/loss/elementLosses.js';
import { mixedLoss } from '../../../src/train/loss/mixedLoss.js';
import { Teacher } from '../../../src/train/loss/teacher.js';
import { analyze } from '../../support/analyze.js';
import { modelOf, node } from '../../support/modelOf.js';
import { toFloat16 } from '../../support/toFloat16.js';
import { collect } from '../data/fileBuilders.js';

/** Dense layers on [N, 4], and what is made of their outputs. */
function head(outputs: readonly string[], ...nodes: Parameters<typeof node>[]): ModelProto {
  return modelOf({
    inputs: { x: ['N', 4] },
    weights: { w: [4, 6], v: [4, 2], u: [4, 1] },
    nodes: [
      node('MatMul', ['x', 'w'], 'six'),
      node('MatMul', ['x', 'v'], 'two'),
      node('MatMul', ['x', 'u'], 'one'),
      ...nodes.map((parts) => node(...parts)),
    ],
    outputs,
  });
}

const image = (opset: number, ...nodes: Parameters<typeof node>[]) =>
  modelOf({
    inputs: { x: ['N', 2, 2, 3] },
    weights: { w: [5, 2, 1, 1] },
    nodes: [node('Conv', ['x', 'w'], 'map'), ...nodes.map((parts) => node(...parts))],
    outputs: ['y'],
    opset,
  });

describe('the logits of an output', () => {
  const found = async (model: ModelProto) => {
    const { model: bound } = await analyze(model);
    const logits = classLogits(bound, bound.graph.outputs[0]!);
    return logits && { ...logits, value: logits.value.name };
  };

  it('are what goes into a Softmax or LogSoftmax, along its axis', async () => {
    const sure = { axes: [1], classes: 6, isSure: true, value: 'six' };
    expect(await found(head(['y'], ['Softmax', ['six'], 'y']))).toEqual(sure);
    expect(await found(head(['y'], ['LogSoftmax', ['six'], 'y', { axis: 1 }]))).toEqual(sure);
    expect(await found(image(17, ['Softmax', ['map'], 'y', { axis: 1 }]))).toMatchObject({ axes: [1], classes: 5 });
    expect(await found(image(17, ['Softmax', ['map'], 'y', { axis: -1 }]))).toMatchObject({ axes: [3], classes: 3 });
    // Of an old opset, over all axes from one on.
    expect(await found(image(11, ['Softmax', ['map'], 'y', { axis: 2 }]))).toMatchObject({ axes: [2, 3], classes: 6 });
  });

  it('may be an output with two positions at least along axis 1', async () => {
    expect(await found(head(['two']))).toEqual({ axes: [1], classes: 2, isSure: false, value: 'two' });
    expect(await found(head(['one']))).toBeUndefined();
    expect(await found(head(['y'], ['Softmax', ['one'], 'y']))).toBeUndefined();
  });
});

describe('how outputs are compared', () => {
  const kinds = async (model: ModelProto, how: 'auto' | 'kl' | 'mse' = 'auto') => {
    const { model: bound } = await analyze(model);
    return distilledOutputs(bound, how).map(({ value, kind }) => `${value} ${kind}`);
  };

  it('by what they are', async () => {
    expect(await kinds(head(['y'], ['Softmax', ['six'], 'y']))).toEqual(['six kl']);
    expect(await kinds(head(['six']))).toEqual(['six open']);
    expect(await kinds(head(['one']))).toEqual(['one mse']);
    expect(await kinds(head(['six', 'two']))).toEqual(['six mse', 'two mse']);
    expect(await kinds(head(['y', 'two'], ['Softmax', ['six'], 'y']))).toEqual(['six kl', 'two mse']);
    expect(await kinds(image(17, ['Relu', ['map'], 'y']))).toEqual(['y mse']);
  });

  it('as logits where samples differ in what a softmax sees, as numbers where not', () => {
    const output = { output: 'y', value: 'y', kind: 'open', axes: [1] } as const;
    expect(decided(output, { variance: 1, shared: 0.2 }).kind).toBe('kl');
    expect(decided(output, { variance: 1, shared: 0.3 }).kind).toBe('mse');
    expect(decided({ ...output, kind: 'mse' }, { variance: 1, shared: 0 }).kind).toBe('mse');
    expect(decided({ ...output, kind: 'kl' }, { variance: 1, shared: 1 }).kind).toBe('kl');
  });

  it('by what is asked for', async () => {
    expect(await kinds(head(['y', 'two', 'one'], ['Softmax', ['six'], 'y']), 'kl')).toEqual([
      'six kl',
      'two kl',
      'one mse',
    ]);
    expect(await kinds(head(['y', 'two'], ['Softmax', ['six'], 'y']), 'mse')).toEqual(['y mse', 'two mse']);
  });

  it('without those that are no floats', async () => {
    const best = ['ArgMax', ['six'], 'best', { axis: 1 }] as const;
    expect(await kinds(head(['best', 'two'], [...best]))).toEqual(['two mse']);
    await expect(kinds(head(['best'], [...best]))).rejects.toThrow('outputs best: none of them is a float');
  });
});

describe('losses on a network', () => {
  const tensors = (tf: Awaited<ReturnType<typeof loadEngine>>['tf'], shape: number[], scale = 1) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, (_, i) => scale * Math.sin(3 * i + scale)),
      shape,
    );
  };
  const read = async (tensor: { data(): Promise<unknown> }) => ((await tensor.data()) as Float32Array)[0]!;

  it('calculate cross-entropy position by position of a map, with classes along axis 1', async () => {
    const { tf } = await loadEngine('onnxruntime');
    const { model: bound } = await analyze(image(17, ['Relu', ['map'], 'y']));
    const objective = crossEntropyLoss(0.1).on(bound);
    const [shape, rows] = [[2, 5, 2, 3], 12];
    const logits = tensors(tf, shape, 2);
    const labels = Int32Array.from({ length: rows }, (_, i) => i % 5);
    const x = { data: new Float32Array(24), shape: [2, 2, 2, 3] };
    const { loss, measures } = objective.evaluate(tf, [logits], objective.inputs(tf, { x, y: labels }));
    const numbers = (await logits.data()) as Float32Array;
    let [sum, right] = [0, 0];
    for (let n = 0; n < 2; n++) {
      for (let at = 0; at < 6; at++) {
        const row = Array.from({ length: 5 }, (_, c) => numbers[(n * 5 + c) * 6 + at]!);
        const whole = Math.log(row.reduce((total, z) => total + Math.exp(z), 0));
        const label = labels[n * 6 + at]!;
        row.forEach((z, c) => {
          sum -= ((c === label ? 0.9 : 0) + 0.02) * (z - whole);
        });
        if (row.indexOf(Math.max(...row)) === label) right++;
      }
    }
    expect(await read(loss)).toBeCloseTo(sum / rows, 5);
    expect(await read(measures.accuracy!)).toBeCloseTo(right / rows, 6);
    expect(() => objective.evaluate(tf, [logits], [tf.tensor1d([1, 2], 'int32')])).toThrow(
      "a batch: its labels have the shape [N], but 'y' wants [N, 2, 3]; give y in that shape",
    );
    expect(() => objective.inputs(tf, { x })).toThrow('a batch: its training samples have no labels');
  });

  it('take what goes into a Sigmoid, and the output itself for squares', async () => {
    const { model: bound } = await analyze(head(['y'], ['Sigmoid', ['two'], 'y']));
    expect(binaryCrossEntropy.on(bound).values.map(({ name }) => name)).toEqual(['two']);
    expect(meanSquares.on(bound).values.map(({ name }) => name)).toEqual(['y']);
  });

  it('take the mean over outputs, and divide squares by the spread of each', async () => {
    const { tf } = await loadEngine('onnxruntime');
    const { model: bound } = await analyze(head(['y', 'two', 'one'], ['Softmax', ['six'], 'y']));
    const outputs = distilledOutputs(bound, 'auto');
    const loss = distillationLoss(outputs, { temperature: 2, scales: [1, 4, 0.5] });
    const objective = loss.on(bound);
    const shapes = [
      [3, 6],
      [3, 2],
      [3, 1],
    ];
    const [given, taught] = [1, 2].map((scale) => shapes.map((shape) => tensors(tf, shape, scale)));
    const { loss: value, measures } = objective.evaluate(tf, given!, taught!);
    const [kl, ...squares] = outputs.map(({ axes }, i) => {
      const alone = distillationLoss([{ ...outputs[i]!, axes }], { temperature: 2, scales: [1] }).on(bound);
      return alone.evaluate(tf, [given![i]!], [taught![i]!]).loss;
    });
    const parts = [await read(kl!), (await read(squares[0]!)) / 4, (await read(squares[1]!)) / 0.5];
    expect(await read(value)).toBeCloseTo(parts.reduce((sum, part) => sum + part) / 3, 4);
    expect(Object.keys(measures)).toEqual(loss.measures);
  });

  it('mix distillation with labels by shares, and tell both parts', async () => {
    const { tf } = await loadEngine('onnxruntime');
    const { model: bound } = await analyze(head(['six']));
    const distill = distillationLoss(distilledOutputs(bound, 'kl'), { temperature: 1, scales: [1] });
    const mixed = mixedLoss(distill, crossEntropyLoss(0), 0.25);
    expect(mixed.name).toBe('cross-entropy + distill');
    const objective = mixed.on(bound);
    const [logits, taught] = [tensors(tf, [3, 6]), tensors(tf, [3, 6], 2)];
    const batch = {
      x: { data: new Float32Array(12), shape: [3, 4] },
      y: Int32Array.of(1, 0, 5),
      teacher: [{ data: (await taught.data()) as Float32Array, shape: [3, 6] }],
    };
    const inputs = objective.inputs(tf, batch);
    expect(inputs.length).toBe(objective.inputCount);
    const { loss, measures } = objective.evaluate(tf, [logits, logits], inputs);
    expect(Object.keys(measures)).toEqual(mixed.measures);
    const [task, other] = [await read(measures.task_loss!), await read(measures.distill_loss!)];
    expect(task).toBeGreaterThan(0.5);
    expect(other).toBeGreaterThan(0.1);
    expect(await read(loss)).toBeCloseTo(0.25 * other + 0.75 * task, 5);
  });
});

describe('the teacher', () => {
  const samples = (count: number) => {
    const rng = createRng(2);
    const x = { data: Float32Array.from({ length: 4 * count }, () => rng.normal()), shape: [count, 4] };
    return arrayDataSet('made up', { x, xName: 'x', yName: 'y' }, undefined, {});
  };

  it('tells what the original gives for each batch, inner values too, and lets others of the data alone', async () => {
    const { model: bound } = await analyze(head(['y'], ['Softmax', ['six'], 'y']));
    const teacher = await Teacher.open(bound, ['six', 'y'], {});
    const data = samples(10);
    const batches = await collect(teacher.teach(data).train(0, 4, createRng(0)));
    const plain = await collect(data.train(0, 4, createRng(0)));
    expect(batches.map(({ x }) => x)).toEqual(plain.map(({ x }) => x));
    const weight = bound.constant(bound.graph.value('w')!)!;
    const { tensorFloats } = await import('../../../src/onnx/tensorData.js');
    const w = tensorFloats(weight);
    for (const { x, teacher: taught } of batches) {
      const [six, y] = taught!;
      expect([six!.shape, y!.shape]).toEqual([
        [4, 6],
        [4, 6],
      ]);
      for (let n = 0; n < 4; n++) {
        let sum = 0;
        for (let c = 0; c < 6; c++) {
          let z = 0;
          for (let k = 0; k < 4; k++) z += x.data[4 * n + k]! * w[6 * k + c]!;
          expect(six!.data[6 * n + c]!).toBeCloseTo(z, 5);
          sum += y!.data[6 * n + c]!;
        }
        expect(sum).toBeCloseTo(1, 5);
      }
    }
    await teacher.release();
  });

  it('measures the spread of outputs, and takes the size of those that are constant', async () => {
    const model = modelOf({
      inputs: { x: ['N', 4] },
      weights: {
        w: { dims: [4, 1], from: 1, to: 1 },
        zero: { dims: [4, 1], from: 0, to: 0 },
        b: { dims: [1], from: 3, to: 3 },
      },
      nodes: [
        node('MatMul', ['x', 'w'], 'sum'),
        node('MatMul', ['x', 'zero'], 'nothing'),
        node('Add', ['nothing', 'b'], 'three'),
      ],
      outputs: ['sum', 'three', 'nothing'],
    });
    const { model: bound } = await analyze(model);
    const teacher = await Teacher.open(bound, ['sum', 'three', 'nothing'], {});
    const data = samples(200);
    const [spread, three, nothing] = await teacher.spreads(data, 50, createRng(0));
    const sums = (await collect(data.train(0, 200, createRng(0)))).flatMap(({ x }) =>
      Array.from({ length: 200 }, (_, n) => x.data.slice(4 * n, 4 * n + 4).reduce((a, b) => a + b)),
    );
    const mean = sums.reduce((a, b) => a + b) / 200;
    expect(spread!.variance).toBeCloseTo(sums.reduce((a, b) => a + (b - mean) ** 2, 0) / 200, 4);
    expect([three!.variance, nothing!.variance]).toEqual([9, 1]);
    await teacher.release();
  });

  it('sees how much samples differ in the mean of their elements', async () => {
    // Differences of two products have the mean zero; products alone are nearly independent.
    const model = modelOf({
      inputs: { x: ['N', 4] },
      weights: { w: [4, 8], eighths: { dims: [8, 1], from: 0.125, to: 0.125 } },
      nodes: [
        node('MatMul', ['x', 'w'], 'plain'),
        node('MatMul', ['plain', 'eighths'], 'mean'),
        node('Sub', ['plain', 'mean'], 'centred'),
      ],
      outputs: ['plain', 'centred'],
    });
    const { model: bound } = await analyze(model);
    const teacher = await Teacher.open(bound, ['plain', 'centred'], {});
    const [plain, centred] = await teacher.spreads(samples(400), 50, createRng(0));
    expect(plain!.shared).toBeGreaterThan(0.3);
    expect(centred!.shared).toBeLessThan(1e-6);
    await teacher.release();
  });

  it('runs models with half floats', async () => {
    const { model: bound } = await analyze(toFloat16(head(['six'])));
    expect(bound.typeOf(bound.graph.inputs[0]!).dataType).toBe(DataType.FLOAT16);
    const teacher = await Teacher.open(bound, ['six'], {});
    const [batch] = await collect(teacher.teach(samples(4)).train(0, 4, createRng(0)));
    const [six] = batch!.teacher!;
    expect(six!.data).toBeInstanceOf(Float32Array);
    expect(six!.data.some((number) => number !== 0 && Math.abs(number) < 10)).toBe(true);
    await teacher.release();
  });
});
