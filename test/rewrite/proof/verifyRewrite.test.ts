/** @file The proof must be able to fail: rewrites that are wrong in one small way are refused. */
import { describe, expect, test } from 'vitest';
import type { ChannelAnalysis } from '../../../src/channels/channelAnalysis.js';
import { replaceTensors } from '../../../src/graph/replaceTensors.js';
import { DataType } from '../../../src/onnx/dataType.js';
import { encodeFloat16 } from '../../../src/onnx/float16.js';
import type { ModelProto, TensorProto } from '../../../src/onnx/messages.js';
import { createTensor, tensorFloats } from '../../../src/onnx/tensorData.js';
import { tensorShape } from '../../../src/onnx/tensorSize.js';
import { createRng } from '../../../src/random/rng.js';
import { applyPlan } from '../../../src/rewrite/applyPlan.js';
import type { Plan } from '../../../src/rewrite/plan/plan.js';
import { maskedReference } from '../../../src/rewrite/proof/maskedReference.js';
import { verifyRewrite } from '../../../src/rewrite/proof/verifyRewrite.js';
import { takeAlong } from '../../../src/rewrite/takeAlong.js';
import { analyze, groupAt } from '../../support/analyze.js';
import { expectCutLaw } from '../../support/expectLaw.js';
import { floats, inputOf, integers, modelOf, node, positive } from '../../support/modelOf.js';
import { randomCut } from '../../support/randomPlan.js';

const SAME = { pads: [1, 1, 1, 1] };

/** Conv + bias → BatchNorm → Relu → Conv → Flatten → Gemm, and a Softmax that hides most of it. */
function net(last = 'y'): ModelProto {
  return modelOf({
    inputs: { x: ['N', 3, 4, 4] },
    weights: {
      w1: [8, 3, 3, 3],
      b1: [8],
      scale: positive([8]),
      shift: [8],
      mean: [8],
      variance: positive([8]),
      w2: [6, 8, 3, 3],
      b2: [6],
      f: [96, 5],
      c: [5],
    },
    nodes: [
      node('Conv', ['x', 'w1', 'b1'], 'conv1', SAME),
      node('BatchNormalization', ['conv1', 'scale', 'shift', 'mean', 'variance'], 'norm'),
      node('Relu', ['norm'], 'act'),
      node('Conv', ['act', 'w2', 'b2'], 'conv2', SAME),
      node('Flatten', ['conv2'], 'flat'),
      node('Gemm', ['flat', 'f', 'c'], 'y'),
      node('Softmax', ['y'], 'p'),
    ],
    outputs: [last],
  });
}

/** Cuts units 1 and 4 of conv1, and 0 of conv2. */
async function cutOf(model: ModelProto): Promise<{ analysis: ChannelAnalysis; plan: Plan; cut: ModelProto }> {
  const analysis = await analyze(model);
  const copies = new Int32Array(analysis.unitCount).fill(1);
  const first = groupAt(analysis, 'conv1').units;
  for (const unit of [first[1]!, first[4]!, groupAt(analysis, 'conv2').units[0]!]) copies[unit] = 0;
  return { analysis, plan: { copies }, cut: await applyPlan(analysis, { copies }) };
}

function changed(model: ModelProto, name: string, change: (tensor: TensorProto) => TensorProto): ModelProto {
  const tensor = model.graph!.initializer.find((candidate) => candidate.name === name)!;
  return replaceTensors(model, new Map([[name, { ...change(tensor), name }]]));
}

const zeroed = (tensor: TensorProto) =>
  floats(new Array<number>(tensorFloats(tensor).length).fill(0), tensorShape(tensor));
const scaled = (tensor: TensorProto, factor: number) =>
  floats(
    [...tensorFloats(tensor)].map((x) => factor * x),
    tensorShape(tensor),
  );

describe('a proof', () => {
  test('passes where the cut is right, at two batch sizes', async () => {
    const { analysis, plan, cut } = await cutOf(net());
    const proof = await verifyRewrite(analysis.model, maskedReference(analysis, plan), cut, createRng(1));
    expect(proof.batchSizes).toEqual([1, 2]);
    expect(proof.maxRelativeDifference).toBeLessThan(1e-6);
  });

  test('is 0 for the model itself', async () => {
    const { analysis } = await cutOf(net());
    const model = analysis.model.graph.model;
    expect((await verifyRewrite(analysis.model, model, model, createRng(1))).maxRelativeDifference).toBe(0);
  });

  const original = (name: string) => net().graph!.initializer.find((candidate) => candidate.name === name)!;
  test.each<readonly [string, string, (tensor: TensorProto) => TensorProto]>([
    ['one wrong filter is kept', 'w1', () => takeAlong(original('w1'), new Map([[0, [0, 1, 3, 5, 6, 7]]]))],
    ['the filters are kept in another order', 'w1', (tensor) => takeAlong(tensor, new Map([[0, [1, 0, 2, 3, 4, 5]]]))],
    ['the bias is forgotten', 'b1', zeroed],
    ['the bias of another channel is kept', 'b1', () => takeAlong(original('b1'), new Map([[0, [0, 2, 3, 4, 6, 7]]]))],
    [
      'the gain of another channel is kept',
      'scale',
      () => takeAlong(original('scale'), new Map([[0, [0, 2, 3, 4, 6, 7]]])),
    ],
    ['the first means are kept', 'mean', () => takeAlong(original('mean'), new Map([[0, [0, 1, 2, 3, 4, 5]]]))],
    [
      'the first variances are kept',
      'variance',
      () => takeAlong(original('variance'), new Map([[0, [0, 1, 2, 3, 4, 5]]])),
    ],
    [
      'the consumer keeps another channel',
      'w2',
      () =>
        takeAlong(
          original('w2'),
          new Map([
            [0, [1, 2, 3, 4, 5]],
            [1, [0, 2, 3, 4, 6, 7]],
          ]),
        ),
    ],
    [
      'the rows of the flattened block are off by one',
      'f',
      () => takeAlong(original('f'), new Map([[0, Array.from({ length: 80 }, (_, i) => i + 15)]])),
    ],
    ['a weight is off by one percent', 'f', (tensor) => scaled(tensor, 1.01)],
    ['a weight is off by more than rounding', 'f', (tensor) => scaled(tensor, 1.00003)],
  ])('fails where %s', async (_, name, change) => {
    const { analysis, plan, cut } = await cutOf(net());
    const wrong = changed(cut, name, change);
    await expect(
      verifyRewrite(analysis.model, maskedReference(analysis, plan), wrong, createRng(1)),
    ).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN', exitCode: 6 });
  });

  test('fails where the reference forgot to zero a consumer', async () => {
    const { analysis, cut } = await cutOf(net());
    await expect(verifyRewrite(analysis.model, analysis.model.graph.model, cut, createRng(1))).rejects.toMatchObject({
      code: 'REWRITE_UNPROVEN',
    });
  });

  test('looks behind a Softmax: one that is all but decided shows no difference, its input does', async () => {
    // Logits around ±1e3: the largest is 1 and the others 0, before and after the mistake.
    const loud = changed(
      changed(net('p'), 'f', (tensor) => scaled(tensor, 30)),
      'c',
      () => floats([1e3, 0, 0, 0, 0]),
    );
    const { analysis, plan, cut } = await cutOf(loud);
    const wrong = changed(cut, 'f', (tensor) => scaled(tensor, 1.05));
    await expect(verifyRewrite(analysis.model, maskedReference(analysis, plan), wrong, createRng(1))).rejects.toThrow(
      /of the largest magnitude of 'y'/,
    );
  });

  /** Scores of boxes for two classes, moved about as detectors do. */
  const scores = (activation: string, offsets: readonly number[], read = 'logits') =>
    modelOf({
      inputs: { x: ['N', 4] },
      weights: {
        w: floats([0.1, 0.2, 0.3, 0.4, -0.1, -0.2, 0.5, 0.3], [4, 2]),
        c: floats(offsets),
        swap: integers([1, 0]),
      },
      nodes: [
        node('Gemm', ['x', 'w', 'c'], 'logits'),
        node('Gather', ['logits', 'swap'], 'other', { axis: 1 }),
        node(activation, [read], 'activated'),
        node('Transpose', ['activated'], 'scores', { perm: [1, 0] }),
      ],
      outputs: ['scores'],
    });

  test.each([
    ['Sigmoid rounds at its scale', 'Sigmoid', [-16, -16], [-16.00003, -16]],
    ['Softmax makes of the rounding of large logits', 'Softmax', [1000, 1000], [1000.001, 1000]],
  ])('takes what %s for no difference, where what goes into it agrees', async (_, activation, offsets, rounded) => {
    const [model, other] = [scores(activation, offsets), scores(activation, rounded)];
    const { model: bound } = await analyze(model);
    const { maxRelativeDifference } = await verifyRewrite(bound, model, other, createRng(1));
    expect(maxRelativeDifference).toBeGreaterThan(1e-7);
    expect(maxRelativeDifference).toBeLessThan(3e-6);
  });

  test('fails behind a Sigmoid whose scores are small, though what goes into it agrees', async () => {
    const model = scores('Sigmoid', [-9, -9]);
    const { model: bound } = await analyze(model);
    const wrong = scores('Sigmoid', [-9, -9], 'other');
    await expect(verifyRewrite(bound, model, wrong, createRng(1))).rejects.toThrow(/'scores'/);
  });

  test('takes a saturating operator on a graph input', async () => {
    const model = modelOf({ inputs: { x: ['N', 3] }, nodes: [node('Sigmoid', ['x'], 'y')], outputs: ['y'] });
    const { model: bound } = await analyze(model);
    expect((await verifyRewrite(bound, model, model, createRng(1))).maxRelativeDifference).toBe(0);
  });

  test('fails where only the shape differs', async () => {
    const make = (axes: number) =>
      modelOf({
        inputs: { x: ['N', 4] },
        nodes: [node('Unsqueeze', ['x'], 'y', { axes: [axes] })],
        outputs: ['y'],
        opset: 11,
      });
    const { model } = await analyze(make(1));
    await expect(verifyRewrite(model, make(1), make(2), createRng(1))).rejects.toThrow(
      'differs from its reference by Infinity',
    );
  });

  test('fails on NaN', async () => {
    const { analysis, plan, cut } = await cutOf(net());
    const wrong = changed(cut, 'c', () => floats([Number.NaN, 0, 0, 0, 0]));
    await expect(verifyRewrite(analysis.model, maskedReference(analysis, plan), wrong, createRng(1))).rejects.toThrow(
      'differs from its reference by Infinity',
    );
  });

  test('takes other inputs where a mask hides all, so that the outputs are NaN', async () => {
    // -infinity for each position whose mask is 0: a row of them has no largest.
    const masked = modelOf({
      inputs: { x: ['N', 3, 4] },
      typedInputs: [inputOf('mask', ['N', 1, 1], DataType.INT64)],
      weights: { w1: [4, 5], w2: [5, 4] },
      nodes: [
        node('MatMul', ['x', 'w1'], 'a'),
        node('MatMul', ['a', 'w2'], 'b'),
        node('Cast', ['mask'], 'm', { to: DataType.FLOAT }),
        node('Log', ['m'], 'l'),
        node('Add', ['b', 'l'], 's'),
        node('Softmax', ['s'], 'y', { axis: -1 }),
      ],
      outputs: ['y'],
    });
    const { model: bound } = await analyze(masked);
    const wrong = changed(masked, 'w2', (tensor) => scaled(tensor, 1.05));
    for (let seed = 0; seed < 8; seed++) {
      expect((await verifyRewrite(bound, masked, masked, createRng(seed))).maxRelativeDifference).toBe(0);
      await expect(verifyRewrite(bound, masked, wrong, createRng(seed))).rejects.toThrow('of the largest magnitude');
    }
  });

  test('tells a model that gives NaN whatever goes in', async () => {
    const model = modelOf({
      inputs: { x: ['N', 3] },
      nodes: [node('Abs', ['x'], 'a'), node('Neg', ['a'], 'b'), node('Sqrt', ['b'], 'y')],
      outputs: ['y'],
    });
    const { model: bound } = await analyze(model);
    await expect(verifyRewrite(bound, model, model, createRng(1))).rejects.toMatchObject({
      code: 'REWRITE_NOT_A_NUMBER',
    });
  });

  test('a fixed batch is proven as it is', async () => {
    const fixed = modelOf({
      inputs: { x: [2, 3, 4, 4] },
      weights: { w1: [4, 3, 1, 1], w2: [2, 4, 1, 1] },
      nodes: [node('Conv', ['x', 'w1'], 'a'), node('Conv', ['a', 'w2'], 'y')],
      outputs: ['y'],
    });
    const { model } = await analyze(fixed);
    expect((await verifyRewrite(model, fixed, fixed, createRng(1))).batchSizes).toEqual([2]);
  });
});

describe('float16', () => {
  const half = (dims: readonly number[], seed: number): TensorProto => {
    const rng = createRng(seed);
    const values = encodeFloat16(
      Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, () => rng.normal() / 3),
    );
    return createTensor('', DataType.FLOAT16, dims, new Uint8Array(values.buffer));
  };
  const model = modelOf({
    inputs: {},
    typedInputs: [inputOf('x', ['N', 3, 4, 4], DataType.FLOAT16)],
    weights: { w1: half([8, 3, 3, 3], 1), b1: half([8], 2), w2: half([4, 8, 1, 1], 3) },
    nodes: [node('Conv', ['x', 'w1', 'b1'], 'a', SAME), node('Relu', ['a'], 'r'), node('Conv', ['r', 'w2'], 'y')],
    outputs: ['y'],
  });

  test('is compared as numbers, within its precision', async () => {
    const analysis = await analyze(model);
    const plan = randomCut(analysis, createRng(2));
    const cut = await applyPlan(analysis, plan);
    const proof = await verifyRewrite(analysis.model, maskedReference(analysis, plan), cut, createRng(1));
    expect(proof.maxRelativeDifference).toBeLessThan(2e-3);
    const wrong = changed(cut, 'b1', (tensor) => half(tensorShape(tensor), 9));
    await expect(
      verifyRewrite(analysis.model, maskedReference(analysis, plan), wrong, createRng(1)),
    ).rejects.toMatchObject({ code: 'REWRITE_UNPROVEN' });
  });

  test('double keeps its digits', async () => {
    const twice = (dims: readonly number[], seed: number): TensorProto => {
      const rng = createRng(seed);
      const values = Float64Array.from({ length: dims.reduce((n, d) => n * d, 1) }, () => rng.normal());
      return createTensor('', DataType.DOUBLE, dims, new Uint8Array(values.buffer));
    };
    const analysis = await analyze(
      modelOf({
        inputs: {},
        typedInputs: [inputOf('x', ['N', 3], DataType.DOUBLE)],
        weights: { f1: twice([3, 8], 1), f2: twice([8, 2], 2) },
        nodes: [node('MatMul', ['x', 'f1'], 'a'), node('MatMul', ['a', 'f2'], 'y')],
        outputs: ['y'],
      }),
    );
    await expectCutLaw(analysis, 1);
    const plan = randomCut(analysis, createRng(1));
    const proof = await verifyRewrite(
      analysis.model,
      maskedReference(analysis, plan),
      await applyPlan(analysis, plan),
      createRng(1),
    );
    expect(proof.maxRelativeDifference).toBeLessThan(1e-14);
  });
});
