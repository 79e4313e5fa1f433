import { describe, expect, it } from 'vitest';
import { checkLabels, toLabels } from '../../../src/train/data/labels.js';
import type { NumericArray } from '../../../src/train/data/numericArray.js';

const labels = (data: NumericArray, shape: readonly number[]) => [...toLabels({ data, shape }, 'y')];

describe('toLabels', () => {
  it('reads integers and floats that hold integers, [N] and [N, 1]', () => {
    expect(labels(Uint8Array.of(3, 0, 255), [3])).toEqual([3, 0, 255]);
    expect(labels(Float64Array.of(2, 0), [2, 1])).toEqual([2, 0]);
  });

  it('reads one-hot rows', () => {
    expect(labels(Float32Array.of(0, 0, 1, 1, 0, 0), [2, 3])).toEqual([2, 0]);
    expect(labels(Uint8Array.of(0, 1, 1, 0, 0, 1), [3, 2])).toEqual([1, 0, 1]);
  });

  it.each([
    [Float32Array.of(0, 1.5), [2], 'y: label 1 is 1.5'],
    [Int8Array.of(0, 1, -1), [3], 'y: label 2 is -1'],
    [Float64Array.of(Number.NaN), [1], 'y: label 0 is NaN'],
    [Float64Array.of(2 ** 31), [1, 1], 'y: label 0 is 2147483648'],
    [Float32Array.of(0, 1, 0.9, 0.1), [2, 2], 'y: has the shape [2, 2], but row 1 is not one 1 among zeros'],
    [Uint8Array.of(1, 1), [1, 2], 'but row 0 is not one 1 among zeros'],
    [Uint8Array.of(0, 0), [1, 2], 'but row 0 is not one 1 among zeros'],
    [Uint8Array.of(1, 2, 3, 4), [1, 2, 2], 'y: has the shape [1, 2, 2]; give labels as'],
    [Uint8Array.of(1), [], 'y: has the shape []'],
    [Uint8Array.of(), [3, 0], 'y: has the shape [3, 0]'],
  ] as const)('refuses %o of shape %j', (data, shape, message) => {
    expect(() => labels(data, shape)).toThrow(message);
  });
});

describe('checkLabels', () => {
  it('takes labels within the classes', () => {
    expect(() => checkLabels(Int32Array.of(0, 9), 10, 'y')).not.toThrow();
  });

  it('names the first that is not', () => {
    expect(() => checkLabels(Int32Array.of(0, 10, 11), 10, 'y')).toThrow(
      'y: label 1 is 10, but the model tells 10 classes apart; give labels from 0 to 9',
    );
    expect(() => checkLabels(Int32Array.of(-1), 10, 'y')).toThrow('y: label 0 is -1');
  });
});
