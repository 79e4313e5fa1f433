import { describe, expect, it } from 'vitest';
import { makeFloats } from '../../src/graph/make.js';
import { DataType } from '../../src/onnx/dataType.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import type { Feed } from '../../src/runtime/activationMoments.js';
import { batchStatistics, type Normalization } from '../../src/runtime/batchStatistics.js';
import { tensor } from '../../src/runtime/session.js';
import { modelOf, node } from '../support/modelOf.js';

const [SAMPLES, CHANNELS, PLACES] = [6, 2, 3];
const VALUES = Float32Array.from({ length: SAMPLES * CHANNELS * PLACES }, (_, i) => 3 + 2 * Math.sin(1.7 * i));

/** Two BatchNormalizations, the second behind a Relu of the first. */
function twoInARow(opset: number, type: number = DataType.FLOAT): ModelProto {
  const cast = (from: string, to: string) => node('Cast', [from], to, { to: type });
  const names = ['s1', 'b1', 'm1', 'v1', 's2', 'b2', 'm2', 'v2'];
  const isFloat = type === DataType.FLOAT;
  const stored = (name: string) => (isFloat ? name : `${name}c`);
  return modelOf({
    inputs: { x: ['N', CHANNELS, PLACES] },
    weights: {
      ...{ s1: makeFloats('s1', [1, 2]), b1: makeFloats('b1', [0.5, -1]) },
      ...{ m1: makeFloats('m1', [7, 7]), v1: makeFloats('v1', [9, 9]) },
      ...{ s2: makeFloats('s2', [1, 1]), b2: makeFloats('b2', [0, 0]) },
      ...{ m2: makeFloats('m2', [7, 7]), v2: makeFloats('v2', [9, 9]) },
    },
    nodes: [
      ...(isFloat ? [] : [cast('x', 'xc'), ...names.map((name) => cast(name, `${name}c`))]),
      node('BatchNormalization', [stored('x'), ...['s1', 'b1', 'm1', 'v1'].map(stored)], 'n1', {
        epsilon: { float: 1e-5 },
      }),
      node('Relu', ['n1'], 'r'),
      node('BatchNormalization', ['r', ...['s2', 'b2', 'm2', 'v2'].map(stored)], 'y'),
    ],
    outputs: ['y'],
    opset,
  });
}

function normalizations(model: ModelProto, type: number): readonly Normalization[] {
  return model
    .graph!.node.filter(({ opType }) => opType === 'BatchNormalization')
    .map((proto) => ({ proto, mean: 3, variance: 4, rank: 3, dataType: type, statisticType: type }));
}

async function* batches(sizes: readonly number[]): AsyncGenerator<Feed> {
  let first = 0;
  for (const samples of sizes) {
    const x = VALUES.slice(first * CHANNELS * PLACES, (first + samples) * CHANNELS * PLACES);
    yield { feeds: { x: tensor('float32', x, [samples, CHANNELS, PLACES]) }, samples };
    first += samples;
  }
}

/** What channel c has of samples, worked out here. */
function ofChannel(values: ArrayLike<number>, c: number, from: number, to: number): number[] {
  return Array.from({ length: (to - from) * PLACES }, (_, i) => {
    const [sample, place] = [from + Math.floor(i / PLACES), i % PLACES];
    return values[(sample * CHANNELS + c) * PLACES + place]!;
  });
}

function momentsOf(numbers: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return { mean, variance: numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length };
}

/** What goes into the second BatchNormalization, when the first takes the statistics of each batch. */
function reachingSecond(c: number, sizes: readonly number[]): number[] {
  let first = 0;
  return sizes.flatMap((samples) => {
    const own = ofChannel(VALUES, c, first, first + samples);
    first += samples;
    const { mean, variance } = momentsOf(own);
    return own.map((x) => Math.max(0, ((x - mean) / Math.sqrt(variance + 1e-5)) * [1, 2][c]! + [0.5, -1][c]!));
  });
}

describe('batchStatistics', () => {
  it.each([
    [9, DataType.FLOAT, 4],
    [17, DataType.FLOAT, 4],
    [18, DataType.FLOAT, 4],
    [17, DataType.DOUBLE, 4],
    [17, DataType.FLOAT16, 2],
  ])(
    'gives those of all samples, also behind another BatchNormalization (opset %d, type %d)',
    async (opset, type, digits) => {
      const model = twoInARow(opset, type);
      for (const sizes of [[6], [2, 4]]) {
        const found = await batchStatistics(model, opset, normalizations(model, type), batches(sizes), { label: 'm' });
        for (const c of [0, 1]) {
          const expected = [momentsOf(ofChannel(VALUES, c, 0, SAMPLES)), momentsOf(reachingSecond(c, sizes))];
          expected.forEach(({ mean, variance }, i) => {
            expect(found[i]!.mean[c]).toBeCloseTo(mean, digits);
            expect(found[i]!.variance[c]).toBeCloseTo(variance, digits);
          });
        }
      }
    },
  );

  it('gives nothing for no batches', async () => {
    const model = twoInARow(17);
    const found = await batchStatistics(model, 17, normalizations(model, DataType.FLOAT), batches([]), { label: 'm' });
    expect(found).toEqual([]);
  });
});
