import { MorphError } from '../errors/morphError.js';
import type { Graph } from '../graph/graph.js';
import type { Unrunnable } from './foreignNodes.js';
import { type FreeSymbol, freeSymbols } from './freeSymbols.js';
import { inferShapes } from './inferShapes.js';
import type { InputShapes } from './inputShapes.js';
import { otherSizes } from './otherSizes.js';

/** A size that the data decides is undefined. */
export type DimsByName = ReadonlyMap<string, readonly (number | undefined)[]>;

/** The dimensions of each value at other sizes of the inputs; none where the model does not take them. */
export interface FreeDimensions {
  readonly withBatch: DimsByName;
  readonly withOthers: DimsByName;
}

/**
 * Looks at the model with another batch, and with other sizes of all else that is free. What the model takes at one size
 * alone is not free, whatever the file declares.
 */
export async function freeDimensions(
  graph: Graph,
  inputShapes: InputShapes,
  label: string,
  unrunnable: Unrunnable,
): Promise<FreeDimensions> {
  const dimsWith = async (symbols: readonly FreeSymbol[]): Promise<DimsByName> => {
    if (symbols.length === 0) return new Map();
    const variant = await otherSizes(inputShapes, symbols, (shapes) =>
      inferShapes(graph, shapes, label, unrunnable).catch(ifRejected),
    );
    if (variant === undefined) return new Map();
    return new Map([...variant.open, ...variant.types].map(([name, { dims }]) => [name, dims ?? []]));
  };
  const symbols = freeSymbols(graph);
  return {
    withBatch: await dimsWith(symbols.filter(({ isBatch }) => isBatch)),
    withOthers: await dimsWith(symbols.filter(({ isBatch }) => !isBatch)),
  };
}

function ifRejected(error: unknown): undefined {
  if (error instanceof MorphError && error.code === 'RUNTIME_REJECTED') return undefined;
  throw error;
}
