import { describe, expect, test } from 'vitest';
import { DataType } from '../../src/onnx/dataType.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import type { NodeProto } from '../../src/onnx/messages.js';
import { createTensor } from '../../src/onnx/tensorData.js';
import { Session, tensor } from '../../src/runtime/session.js';
import { analyze, groupAt } from '../support/analyze.js';
import { expectCutLaw } from '../support/expectLaw.js';
import { floats, modelOf, node, type WeightSketch } from '../support/modelOf.js';

const scalar = (dataType: number) => createTensor('', dataType, [], new Uint8Array(1));

/** x [N, 4] → MatMul → Relu → MatMul → c [N, 4] → `tail`. */
const net = (tail: readonly NodeProto[], output: string, weights: Readonly<Record<string, WeightSketch>> = {}) =>
  modelOf({
    inputs: { x: ['N', 4] },
    weights: { w1: [4, 6], w2: [6, 4], scale: floats([0.1], []), zero: scalar(DataType.INT4), ...weights },
    nodes: [node('MatMul', ['x', 'w1'], 'a'), node('Relu', ['a'], 'b'), node('MatMul', ['b', 'w2'], 'c'), ...tail],
    outputs: [output],
    opset: 21,
  });

const quantize = node('QuantizeLinear', ['c', 'scale', 'zero'], 'q');

describe('bfloat16', () => {
  const stored = createTensor('', DataType.BFLOAT16, [40, 60], new Uint8Array(40 * 60 * 2).fill(0x3e));
  const read = (nodes: readonly NodeProto[]) =>
    analyze(modelOf({ inputs: { x: ['N', 40] }, weights: { stored, w2: [60, 2] }, nodes, outputs: ['y'] }));

  test('is read where weights alone are stored in it, however large they are', async () => {
    const analysis = await read([
      node('Cast', ['stored'], 'w1', { to: DataType.FLOAT }),
      node('MatMul', ['x', 'w1'], 'a'),
      node('Relu', ['a'], 'b'),
      node('MatMul', ['b', 'w2'], 'y'),
    ]);
    await expectCutLaw(analysis, 1);
  });

  test('is refused where it is calculated in', async () => {
    const nodes = [
      node('Cast', ['x'], 'half', { to: DataType.BFLOAT16 }),
      node('MatMul', ['half', 'stored'], 'a'),
      node('Cast', ['a'], 'b', { to: DataType.FLOAT }),
      node('MatMul', ['b', 'w2'], 'y'),
    ];
    await expect(read(nodes)).rejects.toMatchObject({ code: 'RUNTIME_UNHELD_TYPE' });
  });
});

describe('outputs that end the process', () => {
  test.each([
    ['int4', net([quantize], 'q'), "output 'q': it is a tensor of int4"],
    ['uint4', net([quantize], 'q', { zero: scalar(DataType.UINT4) }), "output 'q': it is a tensor of uint4"],
    ['an optional', net([node('Optional', ['c'], 'q')], 'q'), "output 'q': it is a sequence, map or optional"],
    [
      'a sequence',
      net([node('SequenceConstruct', ['c', 'c'], 'q')], 'q'),
      "output 'q': it is a sequence, map or optional",
    ],
  ])('are refused before the run: %s', async (_, model, message) => {
    const session = await Session.create(encodeModel(model), { label: 'test.onnx' });
    try {
      await expect(session.run({ x: tensor('float32', new Float32Array(4), [1, 4]) })).rejects.toThrow(
        `${message}, which onnxruntime-node cannot hand over`,
      );
    } finally {
      await session.release();
    }
  });

  test('are no obstacle inside: activations that are rounded to int4 and back', async () => {
    const analysis = await analyze(net([quantize, node('DequantizeLinear', ['q', 'scale', 'zero'], 'y')], 'y'));
    expect(groupAt(analysis, 'a').pinned).toBeUndefined();
    await expectCutLaw(analysis, 1);
  });

  test('are no obstacle in weights that are turned before they are read', async () => {
    const stored = createTensor(
      '',
      DataType.INT4,
      [6, 4],
      Uint8Array.from({ length: 12 }, (_, i) => i * 21),
    );
    const model = modelOf({
      inputs: { x: ['N', 4] },
      weights: { stored, scales: { dims: [6], from: 0.1, to: 0.2 }, w2: [6, 2] },
      nodes: [
        node('Transpose', ['stored'], 'turned', { perm: [1, 0] }),
        node('DequantizeLinear', ['turned', 'scales'], 'w1', { axis: 1 }),
        node('MatMul', ['x', 'w1'], 'a'),
        node('Relu', ['a'], 'b'),
        node('MatMul', ['b', 'w2'], 'y'),
      ],
      outputs: ['y'],
      opset: 21,
    });
    const analysis = await analyze(model);
    expect(groupAt(analysis, 'a').pinned).toBeUndefined();
    await expectCutLaw(analysis, 1);
  });
});
