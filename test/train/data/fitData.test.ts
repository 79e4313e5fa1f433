import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/random/rng.js';
import { arrayDataSet } from '../../../src/train/data/arrayDataSet.js';
import { type FreeShape, fitData } from '../../../src/train/data/index.js';
import { elementCount } from '../../../src/train/data/numericArray.js';
import { collect, countUp } from './fileBuilders.js';

const samples = (shape: readonly number[], from = 0) => ({
  data: Float32Array.from(countUp(elementCount(shape), from)),
  shape,
});

function dataSet(sampleShape: readonly number[], train?: readonly number[], test?: readonly number[]) {
  const split = (labels?: readonly number[]) => ({
    x: samples([2, ...sampleShape]),
    xName: 'x',
    yName: 'y',
    ...(labels === undefined ? {} : { y: { data: Int32Array.from(labels), shape: [labels.length] } }),
  });
  return arrayDataSet('a', split(train), split(test), {});
}

describe('fitData takes', () => {
  it.each<[readonly number[], FreeShape, readonly number[]]>([
    [
      [3, 4, 5],
      [undefined, 3, 4, 5],
      [3, 4, 5],
    ],
    [
      [3, 4, 5],
      [1, 3, undefined, undefined],
      [3, 4, 5],
    ],
    [
      [3, 4, 5],
      [undefined, undefined, undefined, undefined],
      [3, 4, 5],
    ],
    [
      [28, 28],
      [undefined, 1, 28, 28],
      [1, 28, 28],
    ],
    [
      [28, 28],
      [undefined, 1, undefined, undefined],
      [1, 28, 28],
    ],
    [
      [28, 28],
      [undefined, 28, 28, 1],
      [28, 28, 1],
    ],
    [[7], [undefined, 7], [7]],
    [[7], [undefined, 1, 7], [1, 7]],
    [
      [4, 4, 4],
      [undefined, 4, 4, 4],
      [4, 4, 4],
    ],
  ])('samples %j for an input %j', async (sampleShape, inputShape, shape) => {
    const fitted = fitData(dataSet(sampleShape), inputShape, 'float32');
    expect(fitted.sampleShape).toEqual(shape);
    const batches = [...(await collect(fitted.test(2))), ...(await collect(fitted.train(0, 2, createRng(0))))];
    expect(batches.map((batch) => batch.x.shape)).toEqual([
      [2, ...shape],
      [2, ...shape],
    ]);
    expect(batches[0]?.x.data).toEqual(samples([2, ...sampleShape]).data);
  });

  it.each(['float', 'float32', 'float16', 'bfloat16', 'double', 'float64'])('an input of %s', (dtype) => {
    expect(() => fitData(dataSet([7]), [undefined, 7], dtype)).not.toThrow();
  });

  it('labels within the classes', async () => {
    const fitted = fitData(dataSet([7], [0, 2], [1, 2]), [undefined, 7], 'float32', 3);
    expect((await collect(fitted.test(2)))[0]?.y).toEqual(Int32Array.of(1, 2));
    expect(fitted).toMatchObject({ trainSize: 2, testSize: 2, hasTest: true, labelled: true });
  });
});

describe('fitData refuses', () => {
  it.each<[readonly number[], FreeShape, string]>([
    [
      [28, 30, 3],
      [undefined, 3, 28, 30],
      'a: its samples are channel-last, [N, 28, 30, 3], but the model takes [?, 3, 28, 30]',
    ],
    [[28, 30, 3], [undefined, 3, undefined, undefined], 'its samples are channel-last'],
    [[28, 28, 1], [undefined, 1, 28, 28], 'its samples are channel-last'],
    [[3, 28, 30], [undefined, 28, 30, 3], 'its samples are channel-first'],
    [[784], [undefined, 1, 28, 28], 'reshape them to [N, 1, 28, 28]'],
    [[1, 8, 8], [undefined, 1, 28, 28], 'bring the samples to the size'],
    [[8, 8], [undefined, 3, 8, 8], 'its samples have the shape [N, 8, 8], but the model takes [?, 3, 8, 8]'],
    [[8, 8], [undefined, undefined, 8, 8], 'but the model takes [?, ?, 8, 8]'],
    [[8], [undefined], 'but the model takes [?]'],
  ])('samples %j for an input %j', (sampleShape, inputShape, message) => {
    expect(() => fitData(dataSet(sampleShape), inputShape, 'float32')).toThrow(message);
  });

  it('an input that is no float', () => {
    expect(() => fitData(dataSet([7]), [undefined, 7], 'int64')).toThrow('but the model takes int64');
  });

  it('labels that are missing or out of range, before the first batch', () => {
    const fitting = (train?: readonly number[], test?: readonly number[]) => () =>
      fitData(dataSet([7], train, test), [undefined, 7], 'float32', 3);
    expect(fitting(undefined, [1, 2])).toThrow('a: its training samples have no labels');
    expect(fitting([1, 3], [1, 2])).toThrow('a, training labels: label 1 is 3, but the model tells 3 classes apart');
    expect(fitting([1, 2], [5, 2])).toThrow('a, test labels: label 0 is 5');
    expect(fitting([1, 2])).toThrow('a: its test samples have no labels');
  });
});
