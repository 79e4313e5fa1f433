import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isTrained } from '../../src/cost/costTerms.js';
import { makeFloats } from '../../src/graph/make.js';
import { loadModel } from '../../src/pipeline/loadModel.js';
import { morph } from '../../src/pipeline/morph.js';
import { createRng } from '../../src/random/rng.js';
import { freshWeights } from '../../src/train/freshWeights.js';
import { emptyFolder, RESNET, shortRun } from '../pipeline/digits.js';
import { analyze } from '../support/analyze.js';
import { modelOf, node } from '../support/modelOf.js';

const deviation = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

describe('freshWeights', () => {
  it('follow the fan-in of convolutions, plain, in groups and transposed, and of products', async () => {
    const model = modelOf({
      inputs: { x: ['N', 16, 8, 8] },
      weights: {
        ...{ plain: [64, 16, 3, 3], bias: [64], grouped: [64, 8, 3, 3], up: [64, 32, 4, 4], product: [8192, 10] },
        ...{ gain: [64], shift: [64], mean: [64], variance: { dims: [64], from: 1, to: 2 } },
      },
      nodes: [
        node('Conv', ['x', 'plain', 'bias'], 'a', { pads: [1, 1, 1, 1] }),
        node('BatchNormalization', ['a', 'gain', 'shift', 'mean', 'variance'], 'b'),
        node('Conv', ['b', 'grouped'], 'c', { pads: [1, 1, 1, 1], group: 8 }),
        node('ConvTranspose', ['c', 'up'], 'd', { pads: [1, 1, 1, 1], strides: [2, 2] }),
        node('Flatten', ['d'], 'e'),
        node('MatMul', ['e', 'product'], 'y'),
      ],
      outputs: ['y'],
    });
    const { model: bound } = await analyze(model);
    const weights = freshWeights(bound, createRng(1));
    expect([...weights.keys()].sort()).toEqual(
      ['bias', 'gain', 'grouped', 'mean', 'plain', 'product', 'shift', 'up', 'variance'].sort(),
    );
    // Of a transposed convolution with stride 2, each output sees a quarter of the filter.
    const fans = { plain: 16 * 9, grouped: 8 * 9, up: (64 * 16) / 4, product: 8192 };
    for (const [name, fan] of Object.entries(fans)) {
      expect(deviation(weights.get(name)!) / Math.sqrt(2 / fan), name).toBeCloseTo(1, 1);
    }
    for (const [name, value] of Object.entries({ bias: 0, gain: 1, shift: 0, mean: 0, variance: 1 })) {
      expect([...new Set(weights.get(name))], name).toEqual([value]);
    }
    expect(freshWeights(bound, createRng(1))).toEqual(weights);
    expect(freshWeights(bound, createRng(2))).not.toEqual(weights);
  });

  it('know embeddings, recurrent layers, slopes, and the biases and gains that stand as nodes of their own', async () => {
    const mask = makeFloats('mask', [0, Number.NEGATIVE_INFINITY, 0, 0], [2, 2]);
    const model = modelOf({
      inputs: { x: ['N', 2, 16] },
      weights: {
        ...{ product: [16, 16], bias: [16], gain: [16], slope: [2, 1], mask },
        ...{ w: [1, 4 * 25, 16], r: [1, 4 * 25, 25], b: [1, 8 * 25], state: [1, 2, 25], table: [40, 16] },
      },
      nodes: [
        node('MatMul', ['x', 'product'], 'a'),
        node('Add', ['bias', 'a'], 'c'),
        node('Mul', ['c', 'gain'], 'd'),
        node('PRelu', ['d', 'slope'], 'e'),
        node('Transpose', ['e'], 't', { perm: [0, 2, 1] }),
        node('MatMul', ['e', 't'], 'scores'),
        node('Add', ['scores', 'mask'], 'masked'),
        node('Softmax', ['masked'], 'p'),
        node('MatMul', ['p', 'e'], 'mixed'),
        node('Transpose', ['mixed'], 'f', { perm: [0, 1, 2] }),
        // A state that is stored is no statistic that begins anew.
        node('LSTM', ['f', 'w', 'r', 'b', '', 'state'], 'y', { hidden_size: 25 }),
        node('ArgMax', ['x'], 'at', { axis: 2, keepdims: 0 }),
        node('Gather', ['table', 'at'], 'z'),
      ],
      outputs: ['y', 'z'],
    });
    const { model: bound } = await analyze(model);
    const weights = freshWeights(bound, createRng(1));
    expect([...weights.keys()].sort()).toEqual(['b', 'bias', 'gain', 'product', 'r', 'slope', 'table', 'w'].sort());
    for (const [name, number] of Object.entries({ b: 0, bias: 0, gain: 1, slope: 0.25 })) {
      expect([...new Set(weights.get(name))], name).toEqual([number]);
    }
    for (const name of ['w', 'r']) {
      const numbers = [...weights.get(name)!];
      expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(0.2);
      expect(deviation(weights.get(name)!)).toBeCloseTo(0.2 / Math.sqrt(3), 2);
    }
    expect(deviation(weights.get('table')!)).toBeCloseTo(0.02, 2);
    expect(new Set(weights.get('table')).size).toBeGreaterThan(600);
  });

  it.each(readdirSync('fixtures/models').filter((name) => name.endsWith('.onnx')))('are known for %s', async (name) => {
    const { bound } = await loadModel(`fixtures/models/${name}`);
    const weights = freshWeights(bound, createRng(1));
    const trained = bound.graph.values.filter(
      (value) => bound.constant(value) !== undefined && isTrained(bound, value),
    );
    for (const value of trained) expect(weights.has(value.name), value.name).toBe(true);
  });

  it('are refused where a constant is for something else', async () => {
    const model = modelOf({
      inputs: { x: ['N', 4, 8, 8] },
      weights: { divisor: { dims: [4, 1, 1], from: 1, to: 2 } },
      nodes: [node('Div', ['x', 'divisor'], 'y')],
      outputs: ['y'],
    });
    const { model: bound } = await analyze(model);
    expect(() => freshWeights(bound, createRng(1))).toThrow(expect.objectContaining({ code: 'TRAIN_NO_FRESH_START' }));
  });

  it('begin the training after the cut anew, which then learns', async () => {
    const folder = emptyFolder();
    const options = { ...shortRun(`${folder}/o.onnx`), shrinkEpochs: 1, retrain: 'scratch' } as const;
    const untrained = await morph(RESNET, { ...options, epochs: 0 });
    expect(untrained.output.accuracy).toBeLessThan(0.35);
    const trained = await morph(RESNET, { ...options, epochs: 4 });
    expect(trained.groups).toEqual(untrained.groups);
    expect(trained.output.accuracy).toBeGreaterThan(0.7);
  });
});
