import { graphErrors } from '../errors/graphErrors.js';
import { runtimeErrors } from '../errors/runtimeErrors.js';
import type { Graph, Value } from '../graph/graph.js';
import { toSafeInteger } from '../graph/int64.js';
import { DataType, dataTypeInfo } from '../onnx/dataType.js';
import { namedSize, sumOfSizes } from './sumOfSizes.js';

/** A dimension as the file declares it: a number, or the name (perhaps '') of a free one. */
export type DeclaredDimension = number | string;
export type InputShapes = ReadonlyMap<string, readonly number[]>;

/** Declared dimensions of a graph input. @throws RUNTIME_INPUT_NOT_TENSOR */
export function declaredDims(input: Value): readonly DeclaredDimension[] {
  const type = input.declared?.type?.tensorType;
  if (type === undefined) throw runtimeErrors.inputNotTensor(input.name);
  return (type.shape?.dim ?? []).map((dim) => {
    const value = dim.dimValue === undefined ? 0 : toSafeInteger(dim.dimValue, `a dimension of input '${input.name}'`);
    return value > 0 ? value : (dim.dimParam ?? '');
  });
}

/**
 * Concrete shapes for all graph inputs: as given, else as declared. A size that has a name is the same in all inputs,
 * also as a term of a sum (`past + sequence`); a free first dimension that nothing is said of is `batch`.
 *
 * @throws GRAPH_NO_SUCH_INPUT, GRAPH_INPUT_SHAPE, GRAPH_FREE_DIMENSION
 */
export function resolveInputShapes(graph: Graph, given: InputShapes = new Map(), batch = 1): InputShapes {
  const sizes = new Map<string, number>();
  for (const [name, dims] of given) {
    const input = graph.inputs.find((candidate) => candidate.name === name);
    if (input === undefined) {
      throw graphErrors.noSuchInput(
        name,
        graph.inputs.map((known) => known.name),
      );
    }
    const declared = declaredDims(input);
    const fits = dims.length === declared.length && declared.every((d, i) => typeof d === 'string' || d === dims[i]);
    if (!fits) throw graphErrors.inputShapeMismatch(name, declared.map(String), dims);
    noteSizes(sizes, declared, dims);
  }
  const sizeOf = (dim: DeclaredDimension) =>
    typeof dim === 'number' ? dim : namedSize(dim, (name) => sizes.get(name));
  const resolve = (input: Value): readonly (number | undefined)[] =>
    given.get(input.name) ?? declaredDims(input).map((dim, axis) => sizeOf(dim) ?? (axis === 0 ? batch : undefined));
  const isOpen = (input: Value) => resolve(input).includes(undefined);
  const open = graph.inputs.filter(isOpen);
  if (open[0] !== undefined) {
    const dims = declaredDims(open[0]).map((dim) => String(dim) || '?');
    throw graphErrors.freeDimension(open[0].name, dims, examplesFor(graph, open, isOpen, resolve, sizes));
  }
  return new Map(graph.inputs.map((input) => [input.name, resolve(input).map((dim) => dim ?? batch)]));
}

/** Takes note of the sizes of named dimensions; what is said first stays. */
function noteSizes(sizes: Map<string, number>, declared: readonly DeclaredDimension[], dims: readonly number[]): void {
  declared.forEach((name, axis) => {
    if (typeof name === 'string' && name !== '' && !sizes.has(name)) sizes.set(name, dims[axis]!);
  });
}

/** What to say of inputs so that all shapes are known: as little as will do, sums last. */
function examplesFor(
  graph: Graph,
  open: readonly Value[],
  isOpen: (input: Value) => boolean,
  resolve: (input: Value) => readonly (number | undefined)[],
  sizes: Map<string, number>,
): readonly string[] {
  const hasSum = (input: Value) => declaredDims(input).some((dim) => typeof dim === 'string' && sumOfSizes(dim));
  const inOrder = [...open.filter((input) => !hasSum(input)), ...open.filter(hasSum)];
  const readsTokens = graph.inputs.some((input) => {
    const kind = dataTypeInfo(input.declared?.type?.tensorType?.elemType ?? DataType.UNDEFINED)?.kind;
    return kind === 'int' && declaredDims(input).length === 2;
  });
  return inOrder.flatMap((input) => {
    if (!isOpen(input)) return [];
    const dims = resolve(input);
    const example = dims.map((dim) => dim ?? exampleSize(dims, readsTokens));
    noteSizes(sizes, declaredDims(input), example);
    return [`${input.name}=${example.join('x')}`];
  });
}

/** Free sizes at the end are an image's, where they are two, or those of a volume; tables of positions may be short. */
function exampleSize(dims: readonly (number | undefined)[], readsTokens: boolean): number {
  const fixed = [...dims].reverse().findIndex((dim) => dim !== undefined);
  const free = fixed < 0 ? dims.length : fixed;
  if (dims.length > 4 && free > 2) return 64;
  if (dims.length > 3 && free > 1) return 224;
  return readsTokens ? 16 : 128;
}

/** The same shapes with another batch, where the batch is free. */
export function withBatch(graph: Graph, shapes: InputShapes, batch: number): InputShapes {
  return new Map(
    graph.inputs.map((input) => {
      const dims = shapes.get(input.name) ?? [];
      return [input.name, typeof declaredDims(input)[0] === 'string' ? [batch, ...dims.slice(1)] : dims];
    }),
  );
}
