import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { MorphError } from '../../../src/errors/morphError.js';
import { createRng } from '../../../src/random/rng.js';
import { classCount, type DataOptions, openDataSet } from '../../../src/train/data/index.js';
import { collect, countUp, npyBytes, npzBytes, temporaryFile, type ZipFile, zipBytes } from './fileBuilders.js';

const open = (bytes: Uint8Array, options?: DataOptions) => openDataSet(temporaryFile('a.npz', bytes), options);
const X_TRAIN = { dtype: '|u1', shape: [3, 2], values: countUp(6) };
const X_TEST = { dtype: '|u1', shape: [2, 2], values: [9, 8, 7, 6] };
const LABELS = (values: readonly number[]) => ({ dtype: '<i8', shape: [values.length], values });
const ALL = { x_train: X_TRAIN, y_train: LABELS([2, 0, 1]), x_test: X_TEST, y_test: LABELS([1, 3]) };
const FILES: readonly ZipFile[] = Object.entries(ALL).map(([name, parts]) => ({
  name: `${name}.npy`,
  bytes: npyBytes(parts),
}));

async function contents(bytes: Uint8Array) {
  const dataSet = await open(bytes);
  const train = await collect(dataSet.train(0, 3, createRng(1)));
  const [test] = await collect(dataSet.test(2));
  return {
    trainLabels: [...(train[0]?.y ?? [])].sort(),
    test: [...(test?.x.data ?? [])],
    testLabels: [...(test?.y ?? [])],
  };
}
const CONTENTS = { trainLabels: [0, 1, 2], test: [9, 8, 7, 6], testLabels: [1, 3] };

describe('a .npz', () => {
  it('says what it holds', async () => {
    const dataSet = await open(npzBytes(ALL));
    expect(dataSet).toMatchObject({ sampleShape: [2], labelled: true, hasTest: true, trainSize: 3, testSize: 2 });
    expect(classCount(dataSet)).toBe(4);
  });

  it.each([
    ['deflated', zipBytes(FILES)],
    ['stored', zipBytes(FILES.map((file) => ({ ...file, method: 0 })))],
    ['with zip64 sizes', zipBytes(FILES.map((file) => ({ ...file, zip64: true })))],
    ['with a zip64 directory', zipBytes(FILES, { zip64End: true })],
    ['with a comment', zipBytes(FILES, { comment: 'PK\x05\x06 is how a directory ends' })],
    ['written by another zip library', zipSync(Object.fromEntries(FILES.map((file) => [file.name, file.bytes])))],
    ['with other arrays', zipBytes([...FILES, { name: 'notes.txt', bytes: Buffer.from('hello'), method: 99 }])],
  ])('is read %s', async (_, bytes) => {
    expect(await contents(bytes)).toEqual(CONTENTS);
  });

  it('may lack labels and the test pair', async () => {
    const dataSet = await open(npzBytes({ x_train: X_TRAIN }));
    expect(dataSet).toMatchObject({ labelled: false, hasTest: false, testSize: 0 });
    expect(classCount(dataSet)).toBeUndefined();
    expect(await collect(dataSet.test(2))).toEqual([]);
    const [batch] = await collect(dataSet.train(0, 3, createRng(1)));
    expect(batch).toBeDefined();
    expect(batch !== undefined && 'y' in batch).toBe(false);
  });

  it('holds the digits of the fixture', async () => {
    const dataSet = await openDataSet('fixtures/digits.npz', {
      normalisation: { scale: 1 / 16, mean: [0], std: [1] },
    });
    expect(dataSet).toMatchObject({ sampleShape: [1, 8, 8], trainSize: 1437, testSize: 360, labelled: true });
    expect(classCount(dataSet)).toBe(10);
    const batches = await collect(dataSet.test(100));
    expect(batches.map((batch) => batch.x.shape)).toEqual([
      [100, 1, 8, 8],
      [100, 1, 8, 8],
      [100, 1, 8, 8],
      [60, 1, 8, 8],
    ]);
    const values = batches.flatMap((batch) => [...batch.x.data]);
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
    expect(values.every((value) => Number.isInteger(value * 16))).toBe(true);
  });
});

describe('a .npz is refused', () => {
  it.each<[string, Uint8Array, string]>([
    ['without x_train', npzBytes({ x: X_TRAIN, y: LABELS([1]) }), 'has no array x_train; it holds "x", "y"'],
    ['with y_test alone', npzBytes({ x_train: X_TRAIN, y_test: LABELS([1]) }), 'has no array x_test'],
    ['without entries', zipBytes([]), 'has no array x_train; it holds nothing'],
    ['that is empty', new Uint8Array(0), 'has no zip directory'],
    ['that is a lone .npy', npyBytes(X_TRAIN), 'has no zip directory'],
    ['that is cut off', npzBytes(ALL).subarray(0, -30), 'has no zip directory'],
    [
      'with a wrong CRC',
      zipBytes([{ name: 'x_train.npy', bytes: npyBytes(X_TRAIN), crc: 7 }]),
      'do not match their CRC-32',
    ],
    ['that is encrypted', zipBytes([{ name: 'x_train.npy', bytes: npyBytes(X_TRAIN), flags: 1 }]), 'it is encrypted'],
    [
      'of another method',
      zipBytes([{ name: 'x_train.npy', bytes: npyBytes(X_TRAIN), method: 12 }]),
      'by zip method 12',
    ],
    ['with labels missing', npzBytes({ x_train: X_TRAIN, y_train: LABELS([1, 2]) }), 'x_train: holds 3 samples, but '],
    ['without samples', npzBytes({ x_train: { shape: [0, 2] } }), 'has the shape [0, 2] and no values'],
    ['without sample values', npzBytes({ x_train: { shape: [2, 0] } }), 'has the shape [2, 0] and no values'],
    ['with scalar samples', npzBytes({ x_train: { shape: [2], values: [1, 2] } }), 'has the shape [2], which leaves'],
    [
      'with other test samples',
      npzBytes({ x_train: X_TRAIN, x_test: { dtype: '|u1', shape: [1, 2, 1], values: [1, 2] } }),
      'x_test: has the shape [1, 2, 1], but ',
    ],
    [
      'with NaN',
      npzBytes({ x_train: { dtype: '<f8', shape: [3, 2], values: [1, 2, 3, 4, 5, Number.NaN] } }),
      'x_train: sample 2 holds NaN',
    ],
    [
      'with an infinity in the test samples',
      npzBytes({ x_train: X_TRAIN, x_test: { shape: [2, 2], values: [1, Number.NEGATIVE_INFINITY, 0, 0] } }),
      'x_test: sample 0 holds -Infinity',
    ],
    [
      'with a float64 that is no float32',
      npzBytes({ x_train: { dtype: '<f8', shape: [2, 1], values: [1, 1e39] } }),
      'x_train: sample 1 holds 1e+39',
    ],
  ])('%s', async (_, bytes, message) => {
    const error = await open(bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MorphError);
    expect((error as MorphError).category).toBe('data');
    expect((error as MorphError).message).toContain(message);
  });

  it.each([
    ['more than its stored bytes can hold', { unpackedBytes: 2 ** 31 }, 'it announces 2147483648 bytes, more than'],
    ['more than it holds', { unpackedBytes: 200 }, 'of the 200 bytes that it announces'],
    ['less than it holds', { unpackedBytes: 20 }, 'it holds more than the 20 bytes that it announces'],
  ])('that announces %s, without making room for it', async (_, change, message) => {
    await expect(open(zipBytes([{ name: 'x_train.npy', bytes: npyBytes(X_TRAIN), ...change }]))).rejects.toThrow(
      message,
    );
    const stored = zipBytes([{ name: 'x_train.npy', bytes: npyBytes(X_TRAIN), method: 0, zip64: true, ...change }]);
    await expect(open(stored)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  });

  it('when its compressed bytes are broken', async () => {
    const bytes = zipBytes(FILES.slice(0, 1));
    bytes[30 + 'x_train.npy'.length + 4] = 0xff;
    await expect(open(bytes)).rejects.toThrow('x_train.npy": is damaged: its compressed bytes do not unpack (');
  });
});

describe('hostile bytes', () => {
  const digits = readFileSync('fixtures/digits.npz');
  const crafted = npzBytes(ALL);
  const zip64 = zipBytes(
    FILES.map((file) => ({ ...file, zip64: true, method: 0 })),
    { zip64End: true },
  );

  /** Either the data set opens and can be read, or a MorphError of category `data` is thrown. */
  async function parsesOrSaysWhy(bytes: Uint8Array): Promise<void> {
    try {
      const dataSet = await open(bytes);
      await collect(dataSet.train(0, 2000, createRng(1)));
      await collect(dataSet.test(2000));
    } catch (error) {
      if (!(error instanceof MorphError) || error.category !== 'data') throw error;
      expect(error.message).not.toContain('\n');
    }
  }

  it.each([
    ['a small archive', crafted, 300],
    ['a zip64 archive', zip64, 300],
    ['the digits', digits, 60],
  ])('%s with any bytes changed', async (_, bytes, numRuns) => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const broken = Uint8Array.from(bytes);
        for (const [at, mask] of changes) broken[at] = (broken[at] as number) ^ mask;
        await parsesOrSaysWhy(broken);
      }),
      { numRuns, seed: 1 },
    );
  });

  it('any stretch of an archive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(crafted.length), fc.nat(crafted.length), async (a, b) => {
        await parsesOrSaysWhy(crafted.subarray(Math.min(a, b), Math.max(a, b)));
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('a changed array under a right CRC', async () => {
    const array = npyBytes(ALL.x_train);
    await fc.assert(
      fc.asyncProperty(fc.nat(array.length - 1), fc.nat(255), fc.nat(array.length), async (at, value, length) => {
        const broken = Uint8Array.from(array);
        broken[at] = value;
        await parsesOrSaysWhy(zipBytes([{ name: 'x_train.npy', bytes: broken.subarray(0, Math.max(length, 60)) }]));
        await parsesOrSaysWhy(zipBytes([{ name: 'x_train.npy', bytes: broken }]));
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
