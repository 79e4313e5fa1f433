import type { Graph } from '../graph/graph.js';
import { declaredDims, type InputShapes } from './inputShapes.js';

/** A free size of a model's inputs: all the places that vary together. */
export interface FreeSymbol {
  /** The name that the file gives it (`N`, `sequence`); one is made up where it gives none. */
  readonly name: string;
  readonly places: readonly { readonly input: string; readonly axis: number }[];
  /** Whether it is the first dimension of an input. */
  readonly isBatch: boolean;
}

/** The free sizes of a model's inputs. First dimensions without a name are taken for one, the batch. */
export function freeSymbols(graph: Graph): readonly FreeSymbol[] {
  const symbols = new Map<string, { input: string; axis: number }[]>();
  for (const input of graph.inputs) {
    declaredDims(input).forEach((dim, axis) => {
      if (typeof dim === 'number') return;
      const name = dim !== '' ? dim : axis === 0 ? 'batch' : `${input.name}[${axis}]`;
      const places = symbols.get(name);
      if (places === undefined) symbols.set(name, [{ input: input.name, axis }]);
      else places.push({ input: input.name, axis });
    });
  }
  return [...symbols].map(([name, places]) => ({ name, places, isBatch: places.some(({ axis }) => axis === 0) }));
}

/** The same shapes with other sizes at some symbols: a batch grows by 1, any other size doubles. */
export function varied(shapes: InputShapes, symbols: readonly FreeSymbol[]): InputShapes {
  const changed = new Map([...shapes].map(([name, dims]) => [name, [...dims]]));
  for (const { places, isBatch } of symbols) {
    for (const { input, axis } of places) {
      const dims = changed.get(input);
      if (dims !== undefined) dims[axis] = isBatch ? dims[axis]! + 1 : dims[axis]! * 2;
    }
  }
  return changed;
}
