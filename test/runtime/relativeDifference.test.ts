import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relativeDifference } from '../../src/runtime/relativeDifference.js';

describe('the largest difference over the largest magnitude', () => {
  test.each<readonly [string, readonly number[], readonly number[], number]>([
    ['equal', [1, -2], [1, -2], 0],
    ['empty', [], [], 0],
    ['of the second, not the first', [1, 6], [1, 4], 0.5],
    ['by magnitude, whatever the sign', [1, 0], [1, -8], 1],
    ['the magnitude of equal elements counts', [10, 1], [10, 2], 0.1],
    ['zero against zero', [0, -0], [-0, 0], 0],
    ['something against zero', [1e-30], [0], Infinity],
    ['another length', [1, 2], [1], Infinity],
    ['NaN for a number', [Number.NaN], [1], Infinity],
    ['a number for NaN', [1], [Number.NaN], Infinity],
    ['NaN for NaN', [Number.NaN, 1], [Number.NaN, 1], 0],
    ['infinity for a number', [Infinity], [1], Infinity],
    ['a number for infinity', [1], [Infinity], Infinity],
    ['infinities of one sign', [Infinity, 1], [Infinity, 1], 0],
    ['infinities of two signs', [Infinity], [-Infinity], Infinity],
    ['an infinity hides no difference', [Infinity, 2], [Infinity, 4], 0.5],
    ['overflow of the difference', [1.7e308], [-1.7e308], Infinity],
  ])('%s', (_, a, b, expected) => {
    expect(relativeDifference(a, b)).toBe(expected);
  });

  test('takes int64', () => {
    expect(relativeDifference([3n, 4n], [3n, 8n])).toBe(0.5);
  });

  test('is never NaN, and 0 for equal tensors alone', () => {
    const numbers = fc.array(fc.float(), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const difference = relativeDifference(a, b);
        expect(difference).toBeGreaterThanOrEqual(0);
        const isEqual = a.length === b.length && a.every((x, i) => x === b[i] || Object.is(x, b[i]));
        expect(difference === 0).toBe(isEqual);
      }),
    );
  });
});
