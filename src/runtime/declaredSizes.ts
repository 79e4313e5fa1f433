import type { Graph, Value } from '../graph/graph.js';
import { DataType } from '../onnx/dataType.js';
import { freeSymbols } from './freeSymbols.js';
import { declaredDims, type InputShapes } from './inputShapes.js';
import { type NameLookup, type SizeFormula, sizeFormula } from './sizeFormula.js';

/**
 * Tells what value_info declares of a value: its dimensions in the sizes of the graph's inputs. Undefined where it does
 * not declare type and shape, or in other sizes than those. A first dimension without a name is the batch, as with
 * inputs.
 */
export function declaredSizes(
  graph: Graph,
): (value: Value) => ((shapes: InputShapes) => readonly number[] | undefined) | undefined {
  const symbols = new Map(freeSymbols(graph).map((symbol) => [symbol.name, symbol]));
  const batches = [...symbols.values()].filter(({ isBatch }) => isBatch);
  const formulaOf = (dim: number | string, axis: number): SizeFormula | undefined => {
    if (typeof dim === 'number') return { names: [], evaluate: () => dim };
    if (dim === '') return axis === 0 && batches.length === 1 ? named(batches[0]!.name) : undefined;
    if (symbols.has(dim)) return named(dim);
    const formula = sizeFormula(dim);
    return formula?.names.every((name) => symbols.has(name)) === true ? formula : undefined;
  };
  return (value) => {
    const type = value.declared?.type?.tensorType;
    if (type?.shape === undefined || (type.elemType ?? DataType.UNDEFINED) === DataType.UNDEFINED) return undefined;
    const formulas = declaredDims(value).map(formulaOf);
    if (!formulas.every((formula) => formula !== undefined)) return undefined;
    return (shapes) => {
      const sizeOf: NameLookup = (name) => {
        const place = symbols.get(name)?.places[0];
        return place === undefined ? Number.NaN : (shapes.get(place.input)?.[place.axis] ?? Number.NaN);
      };
      const dims = formulas.map(({ evaluate }) => evaluate(sizeOf));
      return dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0) ? dims : undefined;
    };
  };
}

function named(name: string): SizeFormula {
  return { names: [name], evaluate: (sizeOf) => sizeOf(name) };
}
