import type { Dimension } from '../dimension.js';
import type { NodeContext } from '../nodeContext.js';

/**
 * Where the elements of a list come from that is made of others element by element; a list of one counts for all.
 *
 * @param combine the inputs' part in one element; undefined where nothing is known of it, nor of the others then
 */
export function broadcastElements(
  context: NodeContext,
  combine: (parts: readonly Dimension[], element: number) => Dimension | undefined,
): readonly Dimension[] | undefined {
  const inputs = context.node.inputs.map((_, input) => context.dimensions(input));
  const length = context.outputDims(0).reduce((product, dim) => product * dim, 1);
  if (context.outputDims(0).length > 1) return undefined;
  if (inputs.some((list) => list === undefined || (list.length !== 1 && list.length !== length))) return undefined;
  const elements = Array.from({ length }, (_, element) =>
    combine(
      inputs.map((list) => list![list!.length === 1 ? 0 : element]!),
      element,
    ),
  );
  return elements.every((element) => element !== undefined) ? elements : undefined;
}
