import { graphErrors } from '../errors/graphErrors.js';
import { runtimeErrors } from '../errors/runtimeErrors.js';
import type { Graph, Value } from '../graph/graph.js';
import { toSafeInteger } from '../graph/int64.js';

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
 * Concrete shapes for all graph inputs: as given, else as declared, with `batch` for a free first dimension.
 *
 * @throws GRAPH_NO_SUCH_INPUT, GRAPH_INPUT_SHAPE, GRAPH_FREE_DIMENSION
 */
export function resolveInputShapes(graph: Graph, given: InputShapes = new Map(), batch = 1): InputShapes {
  for (const name of given.keys()) {
    if (!graph.inputs.some((input) => input.name === name)) {
      throw graphErrors.noSuchInput(
        name,
        graph.inputs.map((input) => input.name),
      );
    }
  }
  return new Map(
    graph.inputs.map((input) => {
      const declared = declaredDims(input);
      const dims = given.get(input.name);
      if (dims !== undefined) {
        const fits =
          dims.length === declared.length && declared.every((d, i) => typeof d === 'string' || d === dims[i]);
        if (!fits) throw graphErrors.inputShapeMismatch(input.name, declared.map(String), dims);
        return [input.name, dims];
      }
      if (declared.some((dim, axis) => typeof dim === 'string' && axis > 0)) {
        const example = declared.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? 1 : 224)).join('x');
        throw graphErrors.freeDimension(
          input.name,
          declared.map((dim) => String(dim) || '?'),
          `${input.name}=${example}`,
        );
      }
      return [input.name, declared.map((dim) => (typeof dim === 'number' ? dim : batch))];
    }),
  );
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
