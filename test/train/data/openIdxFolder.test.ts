import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/random/rng.js';
import { classCount, openDataSet } from '../../../src/train/data/index.js';
import { readIdx } from '../../../src/train/data/readIdx.js';
import { collect, countUp, idxBytes, temporaryFile, temporaryFolder } from './fileBuilders.js';

function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}
const IMAGES = idxBytes(8, [3, 2, 4], countUp(24));
const LABELS = idxBytes(8, [3], [4, 0, 2]);
const TEST_IMAGES = idxBytes(8, [1, 2, 4], countUp(8, 100));
const TEST_LABELS = idxBytes(8, [1], [1]);

describe('a folder of IDX files', () => {
  it.each([
    [
      'with dashes',
      'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte',
      't10k-images-idx3-ubyte',
      't10k-labels-idx1-ubyte',
    ],
    [
      'with dots',
      'train-images.idx3-ubyte',
      'train-labels.idx1-ubyte',
      't10k-images.idx3-ubyte',
      't10k-labels.idx1-ubyte',
    ],
    [
      'with test for t10k',
      'train-images-idx3-ubyte',
      'train-labels-idx1-ubyte',
      'test-images-idx3-ubyte',
      'test-labels-idx1-ubyte',
    ],
  ])('is read by the names %s, gzipped or not', async (_, ...[images, labels, testImages, testLabels]) => {
    for (const [end, pack] of [['', (bytes: Uint8Array) => bytes] as const, ['.gz', gzipSync] as const]) {
      const dataSet = await openDataSet(
        folderOf({
          [`${images}${end}`]: pack(IMAGES),
          [`${labels}${end}`]: pack(LABELS),
          [`${testImages}${end}`]: pack(TEST_IMAGES),
          [`${testLabels}${end}`]: pack(TEST_LABELS),
          'README.md': Buffer.from('read me'),
        }),
      );
      expect(dataSet).toMatchObject({ sampleShape: [1, 2, 4], trainSize: 3, testSize: 1, labelled: true });
      expect(classCount(dataSet)).toBe(5);
      expect(await collect(dataSet.test(8))).toEqual([
        { x: { data: Float32Array.from(countUp(8, 100)), shape: [1, 1, 2, 4] }, y: Int32Array.of(1) },
      ]);
      const [batch] = await collect(dataSet.train(0, 3, createRng(0)));
      for (let i = 0; i < 3; i++) {
        const first = batch?.x.data[i * 8] ?? -1;
        expect(batch?.y?.[i]).toBe([4, 0, 2][first / 8]);
      }
    }
  });

  it('takes the unpacked of two files, and may lack labels and a test split', async () => {
    const dataSet = await openDataSet(
      folderOf({ 'train-images-idx3-ubyte': IMAGES, 'train-images-idx3-ubyte.gz': Buffer.from('not gzip') }),
    );
    expect(dataSet).toMatchObject({ labelled: false, hasTest: false, trainSize: 3 });
  });

  it('keeps the axes of images that have channels', async () => {
    const bytes = idxBytes(8, [2, 3, 1, 2], countUp(12));
    expect((await openDataSet(folderOf({ 'train-images-idx4-ubyte': bytes }))).sampleShape).toEqual([3, 1, 2]);
  });

  it('is refused without training images', async () => {
    const empty = temporaryFolder();
    await expect(openDataSet(empty)).rejects.toThrow(`${empty}: lacks IDX images; it holds nothing`);
    const other = folderOf({ 'train-labels-idx1-ubyte': LABELS });
    await expect(openDataSet(other)).rejects.toThrow('lacks IDX images; it holds "train-labels-idx1-ubyte"');
    const testOnly = folderOf({ 'train-images-idx3-ubyte': IMAGES, 't10k-labels-idx1-ubyte': TEST_LABELS });
    await expect(openDataSet(testOnly)).rejects.toMatchObject({ code: 'DATA_IDX_FILE' });
  });

  it('is refused when counts differ, by the names of the files', async () => {
    const folder = folderOf({ 'train-images-idx3-ubyte': IMAGES, 'train-labels-idx1-ubyte': TEST_LABELS });
    await expect(openDataSet(folder)).rejects.toThrow(
      `${join(folder, 'train-images-idx3-ubyte')}: holds 3 samples, but ${join(folder, 'train-labels-idx1-ubyte')} 1 labels`,
    );
  });
});

describe('readIdx', () => {
  it.each([
    [8, Uint8Array, [0, 255]],
    [9, Int8Array, [-128, 127]],
    [11, Int16Array, [-32768, 258]],
    [12, Int32Array, [-(2 ** 31), 66051]],
    [13, Float32Array, [0.5, -3]],
    [14, Float64Array, [0.1, -1e300]],
  ])('reads type %d as %o', async (code, type, values) => {
    const { data, shape } = await readIdx(temporaryFile('a', idxBytes(code, [2, 1], values)));
    expect(data).toBeInstanceOf(type);
    expect([[...data], shape]).toEqual([values, [2, 1]]);
  });

  it.each<[string, Uint8Array, string]>([
    ['is empty', new Uint8Array(0), 'is no IDX file: it ends after 0 bytes, within its header'],
    ['ends in its header', IMAGES.subarray(0, 9), 'is no IDX file: it ends after 9 bytes, within its header'],
    ['begins otherwise', Buffer.from('PK\x03\x04'), 'is no IDX file: it begins with the bytes 80 75 3 4'],
    ['has an unknown type', Buffer.from([0, 0, 10, 1, 0, 0, 0, 1, 7]), 'it begins with the bytes 0 0 10 1'],
    ['has no axes', Buffer.from([0, 0, 8, 0, 7]), 'it begins with the bytes 0 0 8 0'],
    ['is too long', Buffer.concat([IMAGES, Buffer.from([1])]), 'is damaged: it holds more than the 24 bytes'],
    ['announces terabytes', idxBytes(14, [2 ** 31, 2 ** 20], [1]), 'is damaged: it announces 18014398509481984 bytes'],
    ['announces more than a number', idxBytes(14, new Array(200).fill(2 ** 31), [1]), 'it announces Infinity bytes'],
  ])('refuses a file that %s', async (_, bytes, message) => {
    await expect(readIdx(temporaryFile('a', bytes))).rejects.toThrow(message);
    await expect(readIdx(temporaryFile('a.gz', gzipSync(bytes)))).rejects.toMatchObject({ category: 'data' });
  });

  it('refuses a file that is cut off, wherever', async () => {
    for (let length = 0; length < IMAGES.length; length++) {
      await expect(readIdx(temporaryFile('a', IMAGES.subarray(0, length)))).rejects.toMatchObject({ category: 'data' });
    }
    const packed = gzipSync(IMAGES);
    for (let length = 0; length < packed.length; length++) {
      const path = temporaryFile('a.gz', packed.subarray(0, length));
      await expect(readIdx(path)).rejects.toMatchObject({ category: 'data' });
    }
  });

  it('refuses a bomb: it stops at the announced size', async () => {
    const bomb = gzipSync(Buffer.concat([idxBytes(8, [4], countUp(4)), Buffer.alloc(20_000_000)]));
    await expect(readIdx(temporaryFile('a.gz', bomb))).rejects.toThrow(
      'it holds more than the 4 bytes that it announces',
    );
  });

  it('refuses gzip that is none, or whose check sum is wrong', async () => {
    await expect(readIdx(temporaryFile('a.gz', IMAGES))).rejects.toThrow(
      'its compressed bytes do not unpack (incorrect header',
    );
    const packed = gzipSync(IMAGES);
    packed[packed.length - 5] = (packed[packed.length - 5] as number) ^ 1;
    await expect(readIdx(temporaryFile('a.gz', packed))).rejects.toThrow('do not unpack (incorrect data check)');
  });

  it('says what cannot be read', async () => {
    const folder = temporaryFolder();
    await expect(readIdx(join(folder, 'none'))).rejects.toThrow('cannot be read (ENOENT');
    mkdirSync(join(folder, 'train-images-idx3-ubyte'));
    await expect(openDataSet(folder)).rejects.toMatchObject({ code: 'DATA_UNREADABLE' });
  });
});

describe('openDataSet', () => {
  it('refuses paths that are not there and forms that it does not know', async () => {
    await expect(openDataSet('not/there.npz')).rejects.toThrow('not/there.npz: cannot be read (ENOENT');
    const csv = temporaryFile('a.csv', 'x,y');
    await expect(openDataSet(csv)).rejects.toThrow(`${csv}: is no known form of data`);
  });
});
