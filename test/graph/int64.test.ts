import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clampToInteger, toSafeInteger } from '../../src/graph/int64.js';

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

test('a safe integer stays what it is', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -LARGEST, max: LARGEST }), (value) => {
      expect(BigInt(toSafeInteger(value, 'it'))).toBe(value);
      expect(BigInt(clampToInteger(value))).toBe(value);
    }),
  );
});

test.each([LARGEST + 1n, -LARGEST - 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
  '%d is refused, or clamped where it means the end',
  (value) => {
    expect(() => toSafeInteger(value, "attribute 'axis'")).toThrow(
      `attribute 'axis': the integer ${value} cannot be represented exactly; the file is broken or made to be hostile: export the model again`,
    );
    expect(clampToInteger(value)).toBe(value > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER);
  },
);
