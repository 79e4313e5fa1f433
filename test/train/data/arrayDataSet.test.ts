import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/random/rng.js';
import { arrayDataSet } from '../../../src/train/data/arrayDataSet.js';
import type { DataSet } from '../../../src/train/data/index.js';
import { collect, countUp } from './fileBuilders.js';

/** `count` samples [i, i + 0.5] with the label i % 7. */
function numbered(count: number, keepLast?: boolean): DataSet {
  const x = { data: Float32Array.from(countUp(count).flatMap((i) => [i, i + 0.5])), shape: [count, 2] };
  const y = { data: Int32Array.from(countUp(count).map((i) => i % 7)), shape: [count] };
  const names = { xName: 'x', yName: 'y' };
  return arrayDataSet('a', { x, y, ...names }, { x, y, ...names }, keepLast === undefined ? {} : { keepLast });
}

/** The sample numbers of each batch of an epoch. */
async function epochOf(dataSet: DataSet, epoch: number, batchSize: number, seed = 1): Promise<number[][]> {
  const batches = await collect(dataSet.train(epoch, batchSize, createRng(seed)));
  return batches.map(({ x, y }) =>
    countUp(x.shape[0] ?? 0).map((i) => {
      const sample = x.data[2 * i] ?? Number.NaN;
      expect(x.data[2 * i + 1]).toBe(sample + 0.5);
      expect(y?.[i]).toBe(sample % 7);
      return sample;
    }),
  );
}

describe('the training batches', () => {
  it.each([
    [10, 4, undefined, [4, 4]],
    [10, 4, true, [4, 4, 2]],
    [8, 4, undefined, [4, 4]],
    [3, 4, undefined, [3]],
    [3, 4, true, [3]],
    [4, 1, undefined, [1, 1, 1, 1]],
  ])('of %d samples by %d, keepLast %s, have the sizes %j', async (count, batchSize, keepLast, sizes) => {
    const dataSet = numbered(count, keepLast);
    expect((await epochOf(dataSet, 0, batchSize)).map((batch) => batch.length)).toEqual(sizes);
    expect(dataSet.trainBatches(batchSize)).toBe(sizes.length);
  });

  it('hold every sample once', async () => {
    const samples = (await epochOf(numbered(50, true), 3, 7)).flat();
    expect(samples.sort((a, b) => a - b)).toEqual(countUp(50));
  });

  it('come in a golden order', async () => {
    expect(await epochOf(numbered(10), 0, 5, 42)).toEqual(GOLDEN_ORDER);
  });

  it('depend on seed and epoch, and on nothing else', async () => {
    const dataSet = numbered(30);
    const first = await epochOf(dataSet, 0, 30);
    expect(await epochOf(dataSet, 0, 30)).toEqual(first);
    expect((await epochOf(dataSet, 0, 7)).flat()).toEqual(first.flat().slice(0, 28));
    expect(await epochOf(dataSet, 1, 30)).not.toEqual(first);
    expect(await epochOf(dataSet, 0, 30, 2)).not.toEqual(first);
    const used = createRng(1);
    used.next();
    const [batch] = await collect(dataSet.train(0, 30, used));
    expect(batch?.x.data[0]).toBe(first[0]?.[0]);
  });

  it('are asked for by a positive integer', () => {
    for (const size of [0, -1, 1.5, Number.NaN]) {
      expect(() => numbered(3).train(0, size, createRng(1))).toThrow(`the batch size is ${size};`);
      expect(() => numbered(3).test(size)).toThrow('the batch size is');
      expect(() => numbered(3).trainBatches(size)).toThrow('the batch size is');
    }
  });
});

describe('the test batches', () => {
  it('come in the order of the file and keep the last', async () => {
    const batches = await collect(numbered(5).test(2));
    expect(batches).toEqual([
      { x: { data: Float32Array.of(0, 0.5, 1, 1.5), shape: [2, 2] }, y: Int32Array.of(0, 1) },
      { x: { data: Float32Array.of(2, 2.5, 3, 3.5), shape: [2, 2] }, y: Int32Array.of(2, 3) },
      { x: { data: Float32Array.of(4, 4.5), shape: [1, 2] }, y: Int32Array.of(4) },
    ]);
  });
});

/** Fisher–Yates by the stream `epoch 0` of seed 42; changes only when the order of every user's training changes. */
const GOLDEN_ORDER = [
  [7, 0, 8, 6, 1],
  [5, 9, 2, 3, 4],
];
