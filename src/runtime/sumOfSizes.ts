/**
 * The terms of a size that a file writes as a sum, as exporters of caches do: `past_sequence_length + 1`.
 *
 * @returns undefined where the name is no sum
 */
export function sumOfSizes(name: string): { readonly names: readonly string[]; readonly constant: number } | undefined {
  const terms = name.split('+').map((term) => term.trim());
  if (terms.length < 2 || terms.includes('')) return undefined;
  const numbers = terms.filter((term) => /^\d+$/.test(term)).map(Number);
  return {
    names: terms.filter((term) => !/^\d+$/.test(term)),
    constant: numbers.reduce((sum, number) => sum + number, 0),
  };
}

/** A size by its name, or the sum that the name is; undefined where it is not known. */
export function namedSize(name: string, sizeOf: (name: string) => number | undefined): number | undefined {
  const known = sizeOf(name);
  const sum = known === undefined ? sumOfSizes(name) : undefined;
  if (sum === undefined) return known;
  const terms = sum.names.map(sizeOf);
  return terms.includes(undefined) ? undefined : terms.reduce<number>((total, term) => total + term!, sum.constant);
}
