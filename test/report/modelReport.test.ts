import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CostModel } from '../../src/cost/costModel.js';
import { RESOURCES } from '../../src/cost/resource.js';
import { loadModel, report } from '../../src/index.js';
import { analyzeModel } from '../../src/pipeline/loadModel.js';
import { modelReport } from '../../src/pipeline/modelReport.js';
import { integers, modelOf, node } from '../support/modelOf.js';

const FLOAT = 4;

/** Multiply-adds of a convolution: every output element sums over a window of every input channel. */
const conv = (size: number, kernel: number, channelsIn: number, channelsOut: number): number =>
  size * size * kernel * kernel * channelsIn * channelsOut;

describe('totals, counted by hand', () => {
  it('resnet_bn: a stem, three stages of one block (8, 16, 32 channels at 32², 16², 8²), a linear layer', async () => {
    const { totals, fileBytes, opsets, inputs, outputs, nodes } = await report('fixtures/models/resnet_bn.onnx');

    const macs =
      conv(32, 3, 3, 8) + // stem
      (conv(32, 3, 8, 8) + conv(32, 3, 8, 8)) +
      (conv(16, 3, 8, 16) + conv(16, 3, 16, 16) + conv(16, 1, 8, 16)) + // with a shortcut, as the stride is 2
      (conv(8, 3, 16, 32) + conv(8, 3, 32, 32) + conv(8, 1, 16, 32)) +
      32 * 10;
    // Convolutions have no bias; each is followed by BatchNorm with a gain and a shift.
    const kernels =
      9 * 3 * 8 + (9 * 8 * 8 + 9 * 8 * 8) + (9 * 8 * 16 + 9 * 16 * 16 + 8 * 16) + (9 * 16 * 32 + 9 * 32 * 32 + 16 * 32);
    const normalised = 8 + (8 + 8) + (16 + 16 + 16) + (32 + 32 + 32);
    const params = kernels + 2 * normalised + (32 * 10 + 10);
    const activations =
      (3 + 7) * (8 * 32 * 32) + // stem, norm, ReLU; two of each in the block, and Add
      9 * (16 * 16 * 16) + // one more convolution and norm
      9 * (32 * 8 * 8) +
      32 + // mean
      10;

    expect(totals).toEqual({
      macs,
      flops: 2 * macs,
      params,
      weightBytes: FLOAT * (params + 2 * normalised), // running means and variances
      activationBytes: FLOAT * activations,
    });
    expect(fileBytes).toBe(statSync('fixtures/models/resnet_bn.onnx').size);
    expect(opsets).toEqual({ 'ai.onnx': 14 });
    expect(inputs).toEqual([{ name: 'x', elementType: 'FLOAT', shape: [1, 3, 32, 32] }]);
    expect(outputs).toEqual([{ name: 'y', elementType: 'FLOAT', shape: [1, 10] }]);
    expect(nodes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(nodes[0]).toEqual({
      name: '/stem/Conv',
      op: 'Conv',
      outputShape: [1, 8, 32, 32],
      macs: 221_184,
      flops: 442_368,
      params: 216,
      weightBytes: 864,
      activationBytes: 32_768,
      share: 442_368 / (2 * macs),
      latencyMs: null,
      isKnown: true,
      isMeasured: false,
      isShapeArithmetic: false,
    });
  });

  it('vgg: two convolutions with bias, three poolings, two linear layers', async () => {
    const { totals } = await report('fixtures/models/vgg.onnx');

    const macs = conv(32, 3, 3, 16) + conv(16, 3, 16, 32) + 512 * 48 + 48 * 10;
    const params = 9 * 3 * 16 + 16 + (9 * 16 * 32 + 32) + (512 * 48 + 48) + (48 * 10 + 10);
    const activations =
      2 * (16 * 32 * 32) + // convolution, ReLU
      16 * 16 * 16 + // MaxPool
      2 * (32 * 16 * 16) +
      2 * (32 * 4 * 4) + // AveragePool, Flatten
      2 * 48 +
      10;

    expect(totals).toEqual({
      macs,
      flops: 2 * macs,
      params,
      weightBytes: FLOAT * params,
      activationBytes: FLOAT * activations,
    });
  });

  it('grows with the batch, but for the weights', async () => {
    const one = (await report('fixtures/models/vgg.onnx')).totals;
    const three = (await report('fixtures/models/vgg.onnx', { inputShapes: { x: [3, 3, 32, 32] } })).totals;
    expect(three).toEqual({
      ...{ macs: 3 * one.macs, flops: 3 * one.flops, activationBytes: 3 * one.activationBytes },
      ...{ params: one.params, weightBytes: one.weightBytes },
    });
  });
});

it.each([
  'fixtures/models/resnet_bn.onnx',
  'fixtures/models/resnet.onnx',
  'fixtures/models/vgg.onnx',
  'fixtures/models/inception_bn.onnx',
])('agrees with the cost model of %s', async (path) => {
  const loaded = await loadModel(path);
  const { totals } = await report(loaded);
  const all = new Float64Array(loaded.analysis.unitCount).fill(1);
  for (const resource of RESOURCES) {
    expect([resource, totals[resource]]).toEqual([resource, new CostModel(loaded.analysis, resource).total(all)]);
  }
});

describe('groups', () => {
  it('tells which channels can be cut, and why others cannot; height, width and kernels are no channels', async () => {
    const { groups } = await report('fixtures/models/vgg.onnx');
    expect(groups).toEqual([
      { name: 'x', width: 3, members: [], prunable: false, pinned: "graph input 'x'" },
      { name: '/0/Conv', width: 16, members: ['/0/Conv'], prunable: true, pinned: null },
      { name: '/3/Conv', width: 32, members: ['/3/Conv'], prunable: true, pinned: null },
      { name: '/7/Gemm', width: 48, members: ['/7/Gemm'], prunable: true, pinned: null },
      { name: '/9/Gemm', width: 10, members: ['/9/Gemm'], prunable: false, pinned: "graph output 'y'" },
    ]);
  });
});

describe('what is not known, and shape arithmetic', () => {
  it('is told of, and pins', async () => {
    const model = modelOf({
      inputs: { x: ['N', 2, 4, 4] },
      outputs: ['y'],
      opsets: { 'com.microsoft': 1 },
      weights: { w: [3, 2, 1, 1], one: integers([1]), rest: integers([-1]) },
      nodes: [
        node('Conv', ['x', 'w'], 'conv'),
        node('Trilu', ['conv'], 'gelu', {}, 'com.microsoft'),
        node('Shape', ['x'], 'shape'),
        node('Slice', ['shape', 'zero', 'one'], 'batch'),
        node('Concat', ['batch', 'rest'], 'flat', { axis: 0 }),
        node('Reshape', ['gelu', 'flat'], 'y'),
      ],
    });
    const zero = integers([0]);
    const graph = { ...model.graph!, initializer: [...model.graph!.initializer, { ...zero, name: 'zero' }] };
    const analyzed = await analyzeModel({ ...model, graph }, undefined, 'memory');
    const told = modelReport({ path: 'memory', fileBytes: 7, ...analyzed });

    expect(told.unknownNodes).toEqual([
      {
        node: 'gelu',
        op: 'com.microsoft.Trilu',
        reason: 'the operator com.microsoft.Trilu (opset 1) is not known',
      },
    ]);
    expect(told.nodes.map(({ name, isKnown, isShapeArithmetic }) => [name, isKnown, isShapeArithmetic])).toEqual([
      ['conv', true, false],
      ['gelu', false, false],
      ['shape', true, true],
      ['batch', true, true],
      ['flat', true, true],
      ['y', true, false],
    ]);
    expect(told.groups.find(({ name }) => name === 'conv')).toEqual({
      name: 'conv',
      width: 3,
      members: ['conv'],
      prunable: false,
      pinned: "node 'gelu' (com.microsoft.Trilu): the operator com.microsoft.Trilu (opset 1) is not known",
    });
    // Shapes are no activations: a rewrite may put numbers in their place.
    expect(told.nodes.slice(2, 5).map(({ activationBytes }) => activationBytes)).toEqual([0, 0, 0]);
    // The constants of shape arithmetic are settings, no weights.
    expect(told.totals.weightBytes).toBe(FLOAT * 3 * 2);
  });
});
