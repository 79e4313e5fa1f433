import { describe, expect, it } from 'vitest';
import { gatherSamples } from '../../../src/train/data/gatherSamples.js';
import {
  affineOf,
  type Normalisation,
  type NormalisationTexts,
  parseNormalisation,
  parseNumberList,
} from '../../../src/train/data/normalisation.js';
import { elementCount } from '../../../src/train/data/numericArray.js';
import { countUp } from './fileBuilders.js';

describe('parseNumberList', () => {
  it.each([
    ['0', [0]],
    ['-1.5', [-1.5]],
    ['+.5', [0.5]],
    ['2.', [2]],
    ['1e-3', [0.001]],
    ['1/16', [1 / 16]],
    [' 1 / 255 ', [1 / 255]],
    ['-1e2/4', [-25]],
    ['0.485, 0.456,0.406', [0.485, 0.456, 0.406]],
    ['1/2,3', [0.5, 3]],
  ])('reads %j', (text, values) => {
    expect(parseNumberList(text, '--mean')).toEqual(values);
  });

  it.each([
    '',
    ' ',
    'x',
    '1,',
    ',1',
    '1 2',
    '1/0',
    '0/0',
    '1/2/3',
    '/2',
    '1/',
    '0x10',
    'NaN',
    'Infinity',
    '1e400',
    '1e39',
    '1;2',
  ])('refuses %j', (text) => {
    expect(() => parseNumberList(text, '--mean')).toThrow(`--mean: cannot read ${JSON.stringify(text)};`);
  });
});

describe('parseNormalisation', () => {
  it('leaves the data alone by default', () => {
    expect(parseNormalisation({})).toEqual({ scale: 1, mean: [0], std: [1] });
  });

  it('reads all three', () => {
    const texts = { scale: '1/255', mean: '0.5', std: '0.1,0.2,1/4' };
    expect(parseNormalisation(texts)).toEqual({ scale: 1 / 255, mean: [0.5], std: [0.1, 0.2, 0.25] });
  });

  it.each<[NormalisationTexts, string]>([
    [{ scale: '0' }, '--scale: is 0'],
    [{ scale: '1,2' }, '--scale: cannot read "1,2"'],
    [{ std: '1,0' }, '--std: is not above 0'],
    [{ std: '-1' }, '--std: is not above 0'],
    [{ mean: 'a' }, '--mean: cannot read "a"'],
  ])('refuses %j', (texts, message) => {
    expect(() => parseNormalisation(texts)).toThrow(message);
  });
});

describe("x' = (x · scale − mean) / std", () => {
  /** The formula, element by element; channels are axis 1. */
  function expected(
    values: readonly number[],
    shape: readonly number[],
    { scale, mean, std }: Normalisation,
  ): number[] {
    const channels = shape[1] ?? 1;
    const inner = elementCount(shape.slice(2));
    return values.map((value, i) => {
      const c = Math.floor(i / inner) % channels;
      return (value * scale - (mean[c] ?? mean[0] ?? 0)) / (std[c] ?? std[0] ?? 1);
    });
  }

  it.each<[string, readonly number[], Normalisation]>([
    ['one value for all', [3, 2, 2], { scale: 1 / 8, mean: [0.5], std: [0.25] }],
    ['a mean per channel of [N, C, H, W]', [2, 3, 2, 2], { scale: 1, mean: [1, 2, 3], std: [2] }],
    ['a std per channel of [N, C, H, W]', [2, 3, 2, 2], { scale: 2, mean: [1], std: [1, 2, 4] }],
    ['both per feature of [N, F]', [4, 3], { scale: 1, mean: [1, 2, 3], std: [1, 2, 4] }],
    ['one channel', [2, 1, 3], { scale: 1, mean: [1], std: [2] }],
  ])('with %s', (_, shape, normalisation) => {
    const values = countUp(elementCount(shape));
    for (const data of [Uint8Array.from(values), Float32Array.from(values), Float64Array.from(values)]) {
      const affine = affineOf(normalisation, shape.slice(1), 'a');
      const order = Int32Array.from(countUp(shape[0] ?? 0));
      const result = gatherSamples({ data, shape }, order, 0, order.length, affine);
      expect(result).toBeInstanceOf(Float32Array);
      for (const [i, value] of expected(values, shape, normalisation).entries())
        expect(result[i]).toBeCloseTo(value, 5);
    }
  });

  it('takes samples by number', () => {
    const source = { data: Int16Array.from(countUp(8)), shape: [4, 2] };
    const affine = affineOf({ scale: 10, mean: [0], std: [1] }, [2], 'a');
    expect([...gatherSamples(source, Int32Array.of(3, 0, 2, 1), 1, 3, affine)]).toEqual([0, 10, 40, 50]);
  });

  it('copies float32 data as they are', () => {
    const source = { data: Float32Array.of(0.1, -0, 3, 4), shape: [2, 2] };
    const affine = affineOf({ scale: 1, mean: [0], std: [1] }, [2], 'a');
    expect(gatherSamples(source, Int32Array.of(1, 0), 0, 2, affine)).toEqual(Float32Array.of(3, 4, 0.1, -0));
  });

  it('refuses as many values as there are no channels', () => {
    const three = { scale: 1, mean: [1, 2, 3], std: [1] };
    expect(() => affineOf(three, [28, 28, 3], 'a')).toThrow(
      'a: --mean has 3 values, but axis 1 of [N, 28, 28, 3] is 28; give one value, or one for each channel',
    );
    expect(() => affineOf({ scale: 1, mean: [0], std: [1, 2] }, [3], 'a')).toThrow('--std has 2 values');
  });
});
