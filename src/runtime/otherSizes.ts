import { type FreeSymbol, varied } from './freeSymbols.js';
import type { InputShapes } from './inputShapes.js';

/**
 * A look at a model with other sizes at some symbols: all larger; else all smaller, since a table of positions sets a
 * limit; else at those that can change by themselves.
 *
 * @param look what is seen at some shapes; undefined where the model does not take them
 * @returns undefined where the model takes no other sizes
 */
export async function otherSizes<T>(
  shapes: InputShapes,
  symbols: readonly FreeSymbol[],
  look: (shapes: InputShapes) => Promise<T | undefined>,
): Promise<T | undefined> {
  const tryAll = async (group: readonly FreeSymbol[], from: InputShapes) => {
    for (const direction of ['larger', 'smaller'] as const) {
      const changed = varied(from, group, direction);
      if (JSON.stringify([...changed]) === JSON.stringify([...from])) continue;
      const seen = await look(changed);
      if (seen !== undefined) return { seen, shapes: changed };
    }
    return undefined;
  };
  const together = await tryAll(symbols, shapes);
  if (together !== undefined || symbols.length < 2) return together?.seen;
  let found: { readonly seen: T; readonly shapes: InputShapes } | undefined;
  for (const symbol of symbols) found = (await tryAll([symbol], found?.shapes ?? shapes)) ?? found;
  return found?.seen;
}
