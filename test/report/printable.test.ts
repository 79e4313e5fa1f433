import { describe, expect, it } from 'vitest';
import { elide, printable } from '../../src/report/printable.js';

describe('printable', () => {
  it('writes out what a terminal would obey', () => {
    expect(printable('a\u001b[31mb\nc\u202ed\u{e0001}')).toBe('a\\u001b[31mb\\u000ac\\u202ed\\u{e0001}');
  });

  it('leaves letters of all scripts', () => {
    expect(printable('/блок/畳み込み é')).toBe('/блок/畳み込み é');
  });
});

describe('elide', () => {
  it('leaves what fits', () => expect(elide('abcdef', 6)).toBe('abcdef'));

  it('keeps more of the end than of the start', () => {
    expect(elide('0123456789abcdef', 10)).toBe('012…abcdef');
  });

  it('counts characters, not halves of them', () => {
    expect(elide('𝒂𝒃𝒄𝒅𝒆𝒇', 4)).toBe('𝒂…𝒆𝒇');
  });
});
