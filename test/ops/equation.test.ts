import { describe, expect, test } from 'vitest';
import { parseEquation } from '../../src/ops/dense/equation.js';

describe('an equation', () => {
  test.each<readonly [string, readonly number[], string]>([
    ['ij,jk->ik', [2, 2], 'i j, j k -> i k'],
    [' i j , j k -> i k ', [2, 2], 'i j, j k -> i k'],
    ['zb,ba', [2, 2], 'z b, b a -> a z'],
    ['iB,Ba', [2, 2], 'i B, B a -> a i'],
    ['Za,aB', [2, 2], 'Z a, a B -> B Z'],
    ['ii', [2], 'i i -> '],
    ['...ij,jk', [4, 2], '.0 .1 i j, j k -> .0 .1 i k'],
    ['...ij,...jk->...ik', [4, 3], '.0 .1 i j, .1 j k -> .0 .1 i k'],
    ['...ij,...jk->...ik', [2, 2], 'i j, j k -> i k'],
    ['i...j->...', [4], 'i .0 .1 j -> .0 .1'],
    [',->', [0, 0], ',  -> '],
  ])('%s for ranks %j', (equation, ranks, expected) => {
    const { inputs, output } = parseEquation(equation, ranks)!;
    expect(`${inputs.map((labels) => labels.join(' ')).join(', ')} -> ${output.join(' ')}`).toBe(expected);
  });

  test.each<readonly [string, string, readonly number[]]>([
    ['of fewer terms than inputs', 'ij->i', [2, 2]],
    ['of other ranks', 'ij->i', [3]],
    ['of fewer axes than letters', '...ij->...i', [1]],
    ['with two arrows', 'i->i->i', [1]],
    ['with a letter from nowhere', 'i->j', [1]],
    ['with a letter twice in the output', 'ij->ii', [2]],
    ['that hides its ellipsis', '...i->i', [2]],
    ['with something else than letters', 'i1->i', [2]],
    ['with two ellipses in a term', '...i...->i', [3]],
    ['that is missing', '', [2]],
  ])('%s is none', (_, equation, ranks) => {
    expect(parseEquation(equation, ranks)).toBeUndefined();
  });
});
