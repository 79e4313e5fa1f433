import { describe, expect, it } from 'vitest';
import { penaltyLayout } from '../../src/sparsity/penaltyLayout.js';
import { ProximalStep } from '../../src/sparsity/proximalStep.js';
import { TrainableModel } from '../../src/train/trainableModel.js';
import { analyze } from '../support/analyze.js';
import { cpuEngine } from '../support/cpuEngine.js';
import { modelOf, node, positive } from '../support/modelOf.js';

/** x → conv1 → bn → relu → conv2 → mean → fc: conv1 has a BatchNorm, conv2 has none. */
const NET = modelOf({
  inputs: { x: ['N', 2, 4, 4] },
  outputs: ['y'],
  nodes: [
    node('Conv', ['x', 'w1'], 'conv1', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    node('BatchNormalization', ['conv1', 'gamma', 'beta', 'mean', 'var'], 'bn'),
    node('Relu', ['bn'], 'relu'),
    node('Conv', ['relu', 'w2', 'b2'], 'conv2', { kernel_shape: [1, 1] }),
    node('ReduceMean', ['conv2'], 'pool', { axes: [2, 3], keepdims: 0 }),
    node('Gemm', ['pool', 'w3'], 'y'),
  ],
  weights: {
    w1: [3, 2, 3, 3],
    gamma: positive([3]),
    beta: [3],
    mean: [3],
    var: positive([3]),
    w2: [4, 3, 1, 1],
    b2: [4],
    w3: [4, 5],
  },
});

async function setUp() {
  const engine = await cpuEngine();
  const analysis = await analyze(NET);
  const layout = penaltyLayout(analysis, 'auto');
  const model = new TrainableModel(engine, analysis.model);
  const read = (name: string) => [...model.parameters.get(analysis.model.graph.value(name)!)!.dataSync()];
  return { engine, layout, model, read, step: new ProximalStep(engine, layout, model.parameters) };
}

describe('penaltyLayout', () => {
  it('measures gains where there is a BatchNorm, and rows of weights with their biases where there is none', async () => {
    const { layout } = await setUp();
    expect(layout.kinds).toEqual(['gamma', 'gamma', 'gamma', ...Array(4).fill('group-lasso')]);
    expect([...layout.sizes]).toEqual([1, 1, 1, 4, 4, 4, 4]);
    expect(layout.slices.map(({ value, isMeasured }) => `${value.name} ${isMeasured}`)).toEqual([
      'gamma true',
      'beta false',
      'w2 true',
      'b2 true',
    ]);
  });

  it('takes weights for all groups when it is told to', async () => {
    const layout = penaltyLayout(await analyze(NET), 'group-lasso');
    expect(layout.slices.map(({ value }) => value.name)).toEqual(['w1', 'w2', 'b2']);
  });
});

/** x → conv1 → a normalisation of kind `type` over `num_groups` → conv2. */
function normalized(type: string, gains: number, attributes = {}) {
  return modelOf({
    inputs: { x: ['N', 2, 4, 4] },
    outputs: ['y'],
    nodes: [
      node('Conv', ['x', 'w1', 'b1'], 'conv1'),
      node(type, ['conv1', 'gain', 'offset'], 'norm', attributes),
      node('Conv', ['norm', 'w2'], 'y'),
    ],
    weights: { w1: [4, 2, 1, 1], b1: [4], gain: positive([gains]), offset: [gains], w2: [2, 4, 1, 1] },
    opset: 21,
  });
}

describe('penaltyLayout of other normalisations', () => {
  const slicesOf = async (model: ReturnType<typeof modelOf>, choice: 'auto' | 'gamma' | 'group-lasso') => {
    const { kinds, slices } = penaltyLayout(await analyze(model), choice);
    return [...new Set(kinds), ...slices.map(({ value, isMeasured }) => `${value.name} ${isMeasured}`)];
  };

  it('takes the gain of an InstanceNorm for a gamma: a channel without it is silent, and touches no other', async () => {
    const expected = ['gamma', 'gain true', 'offset false'];
    expect(await slicesOf(normalized('InstanceNormalization', 4), 'auto')).toEqual(expected);
    expect(await slicesOf(normalized('GroupNormalization', 4, { num_groups: 4 }), 'auto')).toEqual(expected);
  });

  it('measures gain and offset with the weights where the norm runs over the channels', async () => {
    const expected = ['group-lasso', 'w1 true', 'b1 true', 'gain true', 'offset true'];
    for (const choice of ['auto', 'gamma', 'group-lasso'] as const) {
      expect(await slicesOf(normalized('GroupNormalization', 4, { num_groups: 2 }), choice)).toEqual(expected);
    }
  });
});

describe('ProximalStep', () => {
  it('gives the norms over the root of their size', async () => {
    const { step, read } = await setUp();
    const norms = [...(await step.look()).norms];
    const rows = [0, 1, 2, 3].map((o) => Math.hypot(...read('w2').slice(3 * o, 3 * o + 3), read('b2')[o]!) / 2);
    const expected = [...read('gamma').map(Math.abs), ...rows];
    norms.forEach((norm, u) => {
      expect(norm).toBeCloseTo(expected[u]!, 6);
    });
  });

  it('shrinks all constants of a unit by one factor, shifts along with gains, and makes exact zeros', async () => {
    const { engine, step, read } = await setUp();
    const before = { gamma: read('gamma'), beta: read('beta'), w2: read('w2'), b2: read('b2') };
    const weights = Float64Array.from([1, 100, 0, 1, 100, 0, 2]);
    step.update(weights, new Uint8Array(7).fill(1));
    step.apply(engine.tf.scalar(0.1));
    const factor = (u: number, norm: number, size: number) =>
      Math.max(0, 1 - (0.1 * weights[u]!) / (Math.sqrt(size) * norm));
    before.gamma.forEach((gamma, u) => {
      const f = factor(u, Math.abs(gamma), 1);
      expect(read('gamma')[u]).toBeCloseTo(gamma * f, 6);
      expect(read('beta')[u]).toBeCloseTo(before.beta[u]! * f, 6);
    });
    for (let o = 0; o < 4; o++) {
      const row = [...before.w2.slice(3 * o, 3 * o + 3), before.b2[o]!];
      const f = factor(3 + o, Math.hypot(...row), 4);
      expect(read('b2')[o]).toBeCloseTo(before.b2[o]! * f, 6);
      for (let i = 0; i < 3; i++) expect(read('w2')[3 * o + i]).toBeCloseTo(before.w2[3 * o + i]! * f, 6);
    }
    for (const dead of [read('gamma')[1], read('beta')[1], read('b2')[1]]) expect(dead === 0).toBe(true);
  });

  it('keeps the dead dead, whatever the gradients do', async () => {
    const { engine, step, read } = await setUp();
    step.update(new Float64Array(7), Uint8Array.from([1, 0, 1, 1, 1, 1, 1]));
    step.apply(engine.tf.scalar(0.1));
    expect(read('gamma')[1]).toBe(0);
    expect(read('gamma')[0]).not.toBe(0);
  });
});
