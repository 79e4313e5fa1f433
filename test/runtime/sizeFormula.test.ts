import { expect, test } from 'vitest';
import { sizeFormula } from '../../src/runtime/sizeFormula.js';

const SIZES: Readonly<Record<string, number>> = { H: 9, W: 6, batch: 4, 'past.len': 3 };
const sizeIn = (text: string) => sizeFormula(text)?.evaluate((name) => SIZES[name] ?? Number.NaN);

test.each([
  ['7', 7],
  ['batch*8', 32],
  ['floor(H/2)', 4],
  ['floor(H/2 - 1/2) + 1', 5],
  ['ceiling(H/2)', 5],
  ['(H + 1)//2 - 1', 4],
  ['H - W - 1', 2],
  ['2*H % 5', 3],
  ['-H + 10', 1],
  ['H**2', 81],
  ['Max(0, W - H)', 0],
  ['past.len + 1', 4],
  [' batch ', 4],
])('%s', (text, size) => {
  expect(sizeIn(text)).toBe(size);
});

test('the names in it', () => {
  expect(sizeFormula('floor(H/2) + floor(W/2)*H')?.names).toEqual(['H', 'W']);
});

test.each(['?', '', 'H +', '(H', 'H)', 'f(H)', 'toString(H)', 'H W', 'floor()', 'H ** ', '1..2', '('.repeat(9999)])(
  'nothing for %j',
  (text) => {
    expect(sizeFormula(text)).toBeUndefined();
  },
);
