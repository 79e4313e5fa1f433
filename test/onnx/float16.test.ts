import { expect, test } from 'vitest';
import {
  decodeBfloat16,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat16,
  float16ToNumber,
  numberToFloat16,
} from '../../src/onnx/float16.js';

const everyHalf = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** All NaNs of a sign count as one. */
function canonical(bits: Uint16Array, isNaNBits: (bits: number) => boolean): number[] {
  return Array.from(bits, (half) => (isNaNBits(half) ? -1 : half));
}

test('known float16 values', () => {
  const values = [0x0000, 0x0001, 0x03ff, 0x0400, 0x3555, 0x3c00, 0x7bff, 0x7c00, 0xc000, 0xfc00].map(float16ToNumber);
  expect(values).toEqual([
    0,
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    0.333251953125,
    1,
    65504,
    Number.POSITIVE_INFINITY,
    -2,
    Number.NEGATIVE_INFINITY,
  ]);
  expect(Object.is(float16ToNumber(0x8000), -0)).toBe(true);
  expect(float16ToNumber(0x7e00)).toBeNaN();
});

test('every float16 comes back from float32', () => {
  const isNaNBits = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
  expect(canonical(encodeFloat16(decodeFloat16(everyHalf)), isNaNBits)).toEqual(canonical(everyHalf, isNaNBits));
});

test('every bfloat16 comes back from float32', () => {
  const isNaNBits = (bits: number) => (bits & 0x7f80) === 0x7f80 && (bits & 0x7f) !== 0;
  expect(canonical(encodeBfloat16(decodeBfloat16(everyHalf)), isNaNBits)).toEqual(canonical(everyHalf, isNaNBits));
});

test('between two float16 the nearer is taken, and at half way the even one', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [float16ToNumber(bits), float16ToNumber(bits + 1)];
    const middle = (low + high) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    const step = (high - low) / 1024;
    if (numberToFloat16(middle) !== even) expect.fail(`half way above ${bits}`);
    if (numberToFloat16(middle - step) !== bits) expect.fail(`below half way above ${bits}`);
    if (numberToFloat16(middle + step) !== bits + 1) expect.fail(`beyond half way above ${bits}`);
  }
  expect(numberToFloat16(65519.99)).toBe(0x7bff);
  expect(numberToFloat16(65520)).toBe(0x7c00);
  expect(numberToFloat16(-1e9)).toBe(0xfc00);
});

test('bfloat16 rounds to nearest even', () => {
  const values = Float32Array.of(1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 3.4e38);
  expect([...encodeBfloat16(values)]).toEqual([0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x7f80]);
});
