import { describe, expect, it } from 'vitest';
import { nearNames } from '../../src/graph/nearNames.js';

const NAMES = ['/stem/Conv', '/head/Gemm', '/blocks.0/Conv', '/blocks.1/Conv', '/stem/Conv'];

describe('nearNames', () => {
  it('gives the names with the fewest edits, each once', () => {
    expect(nearNames('/stm/Conv', NAMES, 2)).toEqual(['/stem/Conv', '/blocks.0/Conv']);
  });

  it('puts names that hold what was asked for first, in any case of letters', () => {
    expect(nearNames('gemm', NAMES, 1)).toEqual(['/head/Gemm']);
  });

  it('keeps the order of equals', () => {
    expect(nearNames('/blocks.9/Conv', NAMES, 2)).toEqual(['/blocks.0/Conv', '/blocks.1/Conv']);
  });

  it('has nothing to say where there are no names', () => {
    expect(nearNames('x', [])).toEqual([]);
  });
});
