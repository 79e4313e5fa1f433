import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/train/data/readNpy.js';
import { countUp, type NpyParts, npyBytes } from './fileBuilders.js';

const read = (parts: NpyParts) => readNpy(npyBytes(parts), 'a');

describe('readNpy reads', () => {
  it.each([
    ['|b1', Uint8Array, [0, 1, 7], [0, 1, 1]],
    ['|u1', Uint8Array, [0, 128, 255]],
    ['|i1', Int8Array, [-128, 0, 127]],
    ['<u2', Uint16Array, [0, 256, 65535]],
    ['>u2', Uint16Array, [0, 256, 65535]],
    ['<i2', Int16Array, [-32768, 1, 32767]],
    ['>i2', Int16Array, [-32768, 1, 32767]],
    ['<u4', Uint32Array, [0, 65536, 2 ** 32 - 1]],
    ['>u4', Uint32Array, [0, 65536, 2 ** 32 - 1]],
    ['<i4', Int32Array, [-(2 ** 31), 1, 2 ** 31 - 1]],
    ['>i4', Int32Array, [-(2 ** 31), 1, 2 ** 31 - 1]],
    ['<i8', Int32Array, [-(2 ** 31), 1, 2 ** 31 - 1]],
    ['>i8', Int32Array, [-(2 ** 31), 1, 2 ** 31 - 1]],
    ['<i8', Float64Array, [-(2 ** 31) - 1, 0, 2 ** 53 - 1]],
    ['<f4', Float32Array, [0.5, -0, 2 ** -149]],
    ['>f4', Float32Array, [0.5, -0, 2 ** -149]],
    ['<f8', Float64Array, [0.1, -1e300, Number.NaN]],
    ['>f8', Float64Array, [0.1, -1e300, Number.NaN]],
  ])('%s as %o', (dtype, type, values, expected: readonly number[] = values) => {
    const { data, shape } = read({ dtype, shape: [3], values });
    expect(data).toBeInstanceOf(type);
    expect([...data]).toEqual(expected);
    expect(shape).toEqual([3]);
  });

  it.each(['<f2', '>f2'])('%s, by its bits', (dtype) => {
    // 1, −2, largest, smallest normal, smallest, −0, ∞, −∞, NaN, 1/3
    const values = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555];
    const { data } = read({ dtype, shape: [10], values });
    expect(data).toBeInstanceOf(Float32Array);
    expect([...data]).toEqual([
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      0.333251953125,
    ]);
  });

  it.each([1, 2, 3])('version %d of the header', (version) => {
    const { data, shape } = read({ version, dtype: '<i2', shape: [2, 3], values: countUp(6) });
    expect([[...data], shape]).toEqual([countUp(6), [2, 3]]);
  });

  it('a header in another order, spacing and with Python 2 long sizes', () => {
    const header = "{ 'shape' :(2L,3L), 'fortran_order':False,'descr':'|u1'}";
    expect(read({ header, payload: Uint8Array.from(countUp(6)) }).shape).toEqual([2, 3]);
  });

  it('elements that do not start on their own width', () => {
    const bytes = npyBytes({ dtype: '<f8', shape: [2], values: [1.5, -2.5] });
    for (let shift = 0; shift < 8; shift++) {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      expect([...readNpy(moved.subarray(shift), 'a').data]).toEqual([1.5, -2.5]);
    }
  });

  it('a scalar and an array without elements', () => {
    expect(read({ shape: [], values: [3] })).toEqual({ shape: [], data: Float32Array.of(3) });
    expect(read({ shape: [0, 4], values: [] })).toEqual({ shape: [0, 4], data: new Float32Array(0) });
  });

  it('Fortran order, where the first index runs fastest', () => {
    const shape = [2, 3, 4];
    const columnMajor: number[] = [];
    for (let k = 0; k < 4; k++)
      for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) columnMajor.push(i * 12 + j * 4 + k);
    expect(read({ dtype: '<i4', fortran: true, shape, values: columnMajor })).toEqual({
      shape,
      data: Int32Array.from(countUp(24)),
    });
  });
});

describe('readNpy refuses', () => {
  it.each([
    ['objects', "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", '"|O"'],
    ['unsigned 64-bit integers', "{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", '"<u8"'],
    ['complex numbers', "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", '"<c8"'],
    ['strings', "{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", '"<U3"'],
    [
      'names of object properties',
      "{'descr': '<constructor', 'fortran_order': False, 'shape': (1,), }",
      '"<constructor"',
    ],
    ['another byte order', "{'descr': '?f4', 'fortran_order': False, 'shape': (1,), }", '"?f4"'],
  ])('%s', (_, header, descr) => {
    expect(() => read({ header, payload: new Uint8Array(8) })).toThrow(`a: has the dtype ${descr}, which is not read`);
  });

  it('records', () => {
    const header = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }";
    expect(() => read({ header })).toThrow("a: has the dtype \"{'descr': [('a', '<f4')]");
  });

  it.each([
    ["{'descr': '<f4', 'shape': (1,), }", 'does not tell fortran_order and shape'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 'does not tell fortran_order and shape'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1,,2), }", 'its shape is ("1,,2")'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1 2), }", 'its shape is ("1 2")'],
    ['__import__("os").system("true")', 'does not tell fortran_order and shape'],
  ])('the header %s', (header, detail) => {
    expect(() => read({ header })).toThrow(detail);
  });

  it('other bytes, other versions, and headers that go on after the end', () => {
    expect(() => readNpy(new Uint8Array(0), 'a')).toThrow('a: is no .npy array: it does not begin with \\x93NUMPY');
    expect(() => readNpy(Buffer.from('PK\x03\x04 and so on'), 'a')).toThrow('it does not begin with \\x93NUMPY');
    expect(() => read({ version: 4 })).toThrow('its version is 4, not 1 to 3');
    expect(() => readNpy(npyBytes({}).subarray(0, 20), 'a')).toThrow('it ends within its header');
    expect(() => readNpy(npyBytes({ version: 2 }).subarray(0, 11), 'a')).toThrow('it ends within its header');
  });

  it('too few and too many elements', () => {
    const parts = { dtype: '<f4', shape: [2, 2], values: countUp(3) };
    expect(() => read(parts)).toThrow('a: is damaged: it holds 12 bytes, not the 16 of float32 [2, 2]');
    expect(() => read({ ...parts, values: countUp(5) })).toThrow('it holds 20 bytes, not the 16');
    expect(() => read({ ...parts, shape: [2 ** 31, 2 ** 31, 2 ** 31] })).toThrow('is damaged');
  });

  it('an int64 that a float64 cannot hold', () => {
    const payload = new Uint8Array(BigInt64Array.of(1n, 2n ** 53n + 1n).buffer);
    expect(() => read({ dtype: '<i8', shape: [2], payload })).toThrow('a: element 1 is 9007199254740993, beyond');
  });
});
