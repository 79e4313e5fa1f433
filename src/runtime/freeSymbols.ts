import type { Graph } from '../graph/graph.js';
import { declaredDims, type InputShapes } from './inputShapes.js';
import { sumOfSizes } from './sumOfSizes.js';

interface Place {
  readonly input: string;
  readonly axis: number;
}

/** A free size of a model's inputs: all the places that vary together. */
export interface FreeSymbol {
  /** The name that the file gives it (`N`, `sequence`); one is made up where it gives none. */
  readonly name: string;
  readonly places: readonly Place[];
  /** Places whose size is a sum that it is a term of (`past + sequence`), so that they grow with it. */
  readonly sums: readonly Place[];
  /** Whether it is the first dimension of an input. */
  readonly isBatch: boolean;
}

/** The free sizes of a model's inputs. First dimensions without a name are taken for one, the batch. */
export function freeSymbols(graph: Graph): readonly FreeSymbol[] {
  const symbols = new Map<string, Place[]>();
  for (const input of graph.inputs) {
    declaredDims(input).forEach((dim, axis) => {
      if (typeof dim === 'number') return;
      const name = dim !== '' ? dim : axis === 0 ? 'batch' : `${input.name}[${axis}]`;
      const places = symbols.get(name);
      if (places === undefined) symbols.set(name, [{ input: input.name, axis }]);
      else places.push({ input: input.name, axis });
    });
  }
  const sums = new Map<string, Place[]>();
  for (const [name, places] of symbols) {
    const terms = sumOfSizes(name)?.names ?? [];
    if (terms.length === 0 || !terms.every((term) => symbols.has(term))) continue;
    for (const term of terms) sums.set(term, [...(sums.get(term) ?? []), ...places]);
    symbols.delete(name);
  }
  return [...symbols].map(([name, places]) => ({
    name,
    places,
    sums: sums.get(name) ?? [],
    isBatch: places.some(({ axis }) => axis === 0),
  }));
}

/**
 * The same shapes with other sizes at some symbols: a batch grows by 1, any other size doubles; or the batch loses 1,
 * and any other size is halved, where they can be.
 */
export function varied(
  shapes: InputShapes,
  symbols: readonly FreeSymbol[],
  direction: 'larger' | 'smaller' = 'larger',
): InputShapes {
  const changed = new Map([...shapes].map(([name, dims]) => [name, [...dims]]));
  for (const { places, sums, isBatch } of symbols) {
    const changeAt = ({ input, axis }: Place) => {
      const size = shapes.get(input)?.[axis] ?? 0;
      if (direction === 'larger') return isBatch ? 1 : size;
      return size < 2 ? 0 : -(isBatch ? 1 : Math.ceil(size / 2));
    };
    for (const place of [...places, ...sums]) {
      const dims = changed.get(place.input);
      const change = changeAt(sums.includes(place) ? places[0]! : place);
      if (dims !== undefined) dims[place.axis] = dims[place.axis]! + change;
    }
  }
  return changed;
}
