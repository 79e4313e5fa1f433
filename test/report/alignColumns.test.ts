import { expect, it } from 'vitest';
import { alignColumns } from '../../src/report/alignColumns.js';

it('makes columns as wide as their widest cell, without spaces at the end', () => {
  const rows = [
    ['a', '10', 'x'],
    ['bcd', '5', ''],
    ['é𝒂', '123'],
  ];
  expect(alignColumns(rows, ['left', 'right', 'left'])).toEqual([
    'a     10  x', //
    'bcd    5',
    'é𝒂   123',
  ]);
});

it('has no lines for no rows', () => {
  expect(alignColumns([], ['left'])).toEqual([]);
});
