import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  compileStep,
  drawn,
  registerOnnxRuntimeBackend,
  seededRandom,
  sessionCacheInfo,
} from '../../src/engine/onnxruntime/index.js';

beforeAll(async () => {
  registerOnnxRuntimeBackend();
  await tf.setBackend('onnxruntime');
});

const chance = Math.random;
afterEach(() => expect(Math.random).toBe(chance));

type Step = ReturnType<typeof compileStep>;

/** The first result of each of some runs. */
async function runs(step: Step, count: number, inputs: tf.Tensor[] = []): Promise<Float32Array[]> {
  const seen: Float32Array[] = [];
  for (let run = 0; run < count; run++) {
    const results = step.run(inputs);
    seen.push((await results[0]!.data()) as Float32Array);
    tf.dispose(results);
  }
  return seen;
}

const distinct = (seen: readonly Float32Array[]) => new Set(seen.map(String)).size;
const mean = (numbers: Float32Array) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const deviation = (numbers: Float32Array) => {
  const center = mean(numbers);
  return Math.sqrt(mean(numbers.map((x) => (x - center) ** 2)));
};

const size = 4000;
const drawing: readonly (readonly [string, () => tf.Tensor, number, number])[] = [
  ['tf.dropout', () => tf.dropout(tf.ones([size]), 0.25), 1, Math.sqrt(1 / 3)],
  ['tf.randomUniform', () => tf.randomUniform([size]), 0.5, Math.sqrt(1 / 12)],
  ['tf.randomUniform from -0.05 to 0.05', () => tf.randomUniform([size], -0.05, 0.05), 0, 0.1 * Math.sqrt(1 / 12)],
  ['tf.randomNormal', () => tf.randomNormal([size]), 0, 1],
  ['tf.randomNormal around 3', () => tf.randomNormal([40, size / 40], 3, 0.2), 3, 0.2],
  ['tf.truncatedNormal', () => tf.truncatedNormal([size], 1, 0.5), 1, 0.44],
];

describe('a compiled step', () => {
  it.each(drawing)('draws %s anew at every replay', async (_name, make, center, spread) => {
    const step = compileStep(() => [tf.mul(make(), 1)]);
    const seen = await runs(step, 4);
    expect(distinct(seen)).toBe(4);
    expect([step.traces, step.replays]).toEqual([1, 3]);
    for (const numbers of seen) {
      expect(Math.abs(mean(numbers) - center)).toBeLessThan(0.1 * spread);
      expect(deviation(numbers) / spread).toBeCloseTo(1, 1);
    }
  });

  it.each(drawing)('draws %s the same from the same seed, replayed or traced', async (_name, make) => {
    const sum = () => [tf.add(make(), make())];
    const first = await runs(compileStep(sum, { seed: 5 }), 3);
    const again = compileStep(sum, { seed: 5 });
    const [start, ...rest] = [await runs(again, 1), await runs(again, 2)].flat();
    expect([start, ...rest]).toEqual(first);
    expect(distinct([...first, ...(await runs(compileStep(sum, { seed: 6 }), 1))])).toBe(4);
    // Another shape of its input makes it trace anew in the midst.
    const shaped = compileStep(() => sum(), { seed: 5 });
    const x = [tf.zeros([1]), tf.zeros([2]), tf.zeros([3])];
    expect([
      ...(await runs(shaped, 1, [x[0]!])),
      ...(await runs(shaped, 1, [x[1]!])),
      ...(await runs(shaped, 1, [x[2]!])),
    ]).toEqual(first);
  });

  it('takes the numbers of a generator with a seed of its own for what they are', async () => {
    const seen = await runs(
      compileStep(() => [tf.mul(tf.randomUniform([3], 0, 1, 'float32', 7), 1)]),
      3,
    );
    expect(distinct(seen)).toBe(1);
  });

  it.each<[string, () => tf.Tensor]>([
    ['numbers of its own', () => tf.tensor1d([Math.random(), Math.random()])],
    ['one number', () => tf.scalar(Math.random())],
    ['integers', () => tf.randomUniform([9], 0, 100, 'int32')],
    ['a gamma distribution', () => tf.randomGamma([9], 2)],
    ['tf.rand', () => tf.rand([5], () => Math.random())],
    ['a choice', () => (Math.random() < 0.5 ? tf.scalar(1) : tf.scalar(2))],
  ])('is traced at every run where it draws %s, in few sessions', async (_name, make) => {
    const step = compileStep(() => [tf.mul(tf.cast(make(), 'float32'), 3)]);
    const before = sessionCacheInfo().misses;
    const seen = await runs(step, 12);
    expect(distinct(seen)).toBeGreaterThan(1);
    expect([step.traces, step.replays]).toEqual([12, 0]);
    expect(sessionCacheInfo().misses - before).toBeLessThanOrEqual(2);
  });

  it('returns the very numbers that it went on with', async () => {
    const step = compileStep(() => {
      const noise = tf.randomUniform([3]);
      return [tf.clone(noise), tf.sub(tf.add(noise, noise), noise)];
    });
    for (let run = 0; run < 3; run++) {
      const [noise, same] = step.run([]);
      expect(await same!.data()).toEqual(await noise!.data());
    }
    expect(step.replays).toBe(2);
  });

  it('leaves Math.random as it was when it fails', () => {
    const step = compileStep(() => {
      throw new Error('no');
    });
    expect(() => step.run([])).toThrow('no');
  });

  it('holds no tensors from its draws', async () => {
    const step = compileStep((x) => [tf.dropout(x!, 0.5)]);
    const x = tf.ones([10]);
    await runs(step, 2, [x]);
    const before = tf.memory();
    await runs(step, 5, [x]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });
});

describe('seededRandom', () => {
  const kinds: readonly (readonly [string, (random: ReturnType<typeof seededRandom>) => tf.Tensor, number, number])[] =
    [
      ['uniform', (random) => random.uniform([size]), 0.5, Math.sqrt(1 / 12)],
      ['uniform in a range', (random) => random.uniform([size], -2, 4), 1, 6 * Math.sqrt(1 / 12)],
      ['normal', (random) => random.normal([size], 3, 0.5), 3, 0.5],
      ['logistic', (random) => random.logistic([size], 1, 2), 1, (2 * Math.PI) / Math.sqrt(3)],
      ['dropout', (random) => random.dropout(tf.ones([size]), 0.25), 1, Math.sqrt(1 / 3)],
    ];

  it.each(kinds)('%s: anew at every replay, the same from the same seed', async (_name, make, center, spread) => {
    const stepOf = (seed: number) => {
      const random = seededRandom(seed);
      return compileStep(() => [tf.mul(make(random), 1)]);
    };
    const step = stepOf(1);
    const seen = await runs(step, 3);
    expect([step.traces, step.replays]).toEqual([1, 2]);
    expect(distinct(seen)).toBe(3);
    expect(await runs(stepOf(1), 3)).toEqual(seen);
    expect(distinct([...seen, ...(await runs(stepOf(2), 3))])).toBe(6);
    for (const numbers of seen) {
      expect(Math.abs(mean(numbers) - center)).toBeLessThan(0.1 * spread);
      expect(deviation(numbers) / spread).toBeCloseTo(1, 1);
    }
  });

  it('keeps the numbers of a seed', async () => {
    const random = seededRandom(42);
    expect([...(await random.uniform([3]).data())]).toMatchInlineSnapshot(`
      [
        0.9503519535064697,
        0.9983602166175842,
        0.5029552578926086,
      ]
    `);
    expect([...(await random.normal([3]).data())]).toMatchInlineSnapshot(`
      [
        0.4138503074645996,
        0.6269477009773254,
        -0.6198559999465942,
      ]
    `);
  });

  it('opens a stream with each call, within a step or outside', async () => {
    const random = seededRandom(1);
    const all = [random.uniform([2]), random.uniform([2]), random.uniform([2])];
    expect(distinct((await Promise.all(all.map((tensor) => tensor.data()))) as Float32Array[])).toBe(3);
    const step = compileStep(() => [tf.concat([random.uniform([2]), random.uniform([2])])]);
    for (const [a, b, c, d] of await runs(step, 3)) expect([c, d]).not.toEqual([a, b]);
  });

  it('refuses a rate that leaves nothing', () => {
    expect(() => seededRandom(1).dropout(tf.ones([2]), 1)).toThrow('from 0 to below 1, not 1');
    expect(() => seededRandom(1).dropout(tf.ones([2]), Number.NaN)).toThrow('not NaN');
  });

  it('has gradients through what it multiplies', async () => {
    const random = seededRandom(3);
    const step = compileStep((x) => {
      const { value, grad } = tf.valueAndGrad((y) => tf.sum(random.dropout(y, 0.5)))(x!);
      return [value, grad];
    });
    for (let run = 0; run < 2; run++) {
      const [value, grad] = step.run([tf.ones([50])]);
      expect(mean((await grad!.data()) as Float32Array) * 50).toBeCloseTo((await value!.data())[0]!, 4);
    }
  });
});

it('a drawn tensor that is a result and goes on is one', async () => {
  let draws = 0;
  const step = compileStep(() => {
    const noise = drawn([1], () => Float32Array.of(++draws));
    return [tf.clone(noise), tf.mul(noise, 10)];
  });
  for (let run = 1; run <= 3; run++) {
    const [noise, tens] = step.run([]);
    expect([(await noise!.data())[0], (await tens!.data())[0]]).toEqual([run, 10 * run]);
  }
});
