import { describe, expect, it } from 'vitest';
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

  it('are refused where a constant is for something else', async () => {
    const model = modelOf({
      inputs: { x: ['N', 4, 8, 8] },
      weights: { slope: [4, 1, 1] },
      nodes: [node('PRelu', ['x', 'slope'], 'y')],
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
