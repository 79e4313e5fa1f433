import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatChange,
  formatCount,
  formatDuration,
  formatMilliseconds,
  formatShape,
  formatShare,
  withSign,
} from '../../src/report/formatQuantity.js';

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [987, '987'],
    [999, '999'],
    [1000, '1.00k'],
    [30_200_000, '30.2M'],
    [1_532_000_000, '1.53G'],
    [999_499, '999k'],
    [999_500, '1.00M'],
    [999_949_999, '1.00G'],
    [1.5e15, '1.50P'],
    [1.5e18, '1500P'],
  ])('%d is %s', (count, text) => expect(formatCount(count)).toBe(text));
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [0.5, '1 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [325_632, '318 KiB'],
    [1_036_288, '1012 KiB'],
    [1_048_063, '1023 KiB'],
    [1_048_064, '1.00 MiB'],
    [2 ** 31, '2.00 GiB'],
  ])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatShare', () => {
  it.each([
    [0, '0.0%'],
    [0.0004, '<0.1%'],
    [0.137, '13.7%'],
    [0.9994, '99.9%'],
    [0.9996, '100%'],
    [1, '100%'],
  ])('%d is %s', (share, text) => expect(formatShare(share)).toBe(text));
});

describe('formatChange', () => {
  it.each([
    [100, 49.9, '-50.1%'],
    [100, 103, '+3.0%'],
    [7, 7, '0.0%'],
    [100_000, 99_999, '0.0%'],
    [0, 0, '0.0%'],
    [0, 5, ''],
  ])('from %d to %d is %s', (before, after, text) => expect(formatChange(before, after)).toBe(text));
});

describe('withSign', () => {
  it.each([
    [1.254, 2, '+1.25'],
    [-1, 1, '-1.0'],
    [-0.001, 2, '0.00'],
  ])('%d with %d digits is %s', (value, digits, text) => expect(withSign(value, digits, '')).toBe(text));
});

describe('formatMilliseconds', () => {
  it.each([
    [0, '0.000 ms'],
    [0.3123, '0.312 ms'],
    [12.34, '12.3 ms'],
    [1012.4, '1012 ms'],
  ])('%d is %s', (ms, text) => expect(formatMilliseconds(ms)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [-1, '0 s'],
    [8.4, '8 s'],
    [59.6, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3599.7, '1 h 00 min'],
    [3780, '1 h 03 min'],
    [Number.NaN, '?'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('%d is %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('formatShape', () => {
  it.each([
    [[1, 3, 224, 224], '1x3x224x224'],
    [[5], '5'],
    [[], 'scalar'],
  ])('%j is %s', (shape, text) => expect(formatShape(shape)).toBe(text));
});
