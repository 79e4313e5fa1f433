import type { Dimension } from '../dimension.js';
import type { NodeContext } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { broadcasting } from './broadcasting.js';

/** Where: `output = condition ? X : Y`, all three with broadcasting. */
export const where: OpDef = {
  ...broadcasting('Where', 9, (tf, [condition, x, y]) => tf.where(tf.cast(condition, 'bool'), x!, y!)),
  dimensions: chosenDimensions,
};

/** The elements of a shape that a fixed condition chooses, as exporters do it for Expand. */
function chosenDimensions(context: NodeContext): readonly Dimension[] | undefined {
  const condition = context.numbers(0);
  const sources = context.dimensions(0) ?? [];
  if (condition === undefined || sources.some(dependsOnWidth)) return undefined;
  const choices = [context.dimensions(1), context.dimensions(2)];
  const [count = 1] = context.outputDims(0);
  if (context.outputDims(0).length > 1) return undefined;
  const chosen = Array.from({ length: count }, (_, i) => {
    const from = choices[elementAt(condition, i) === 0 ? 1 : 0];
    return from === undefined ? undefined : elementAt(from, i);
  });
  return chosen.every((dimension) => dimension !== undefined) ? chosen : undefined;
}

function dependsOnWidth(dimension: Dimension): boolean {
  return dimension.kind === 'axis' || (dimension.kind === 'computed' && dimension.sources.length > 0);
}

/** An element of a vector, or of one element that is broadcast. */
function elementAt<T>(list: readonly T[], i: number): T | undefined {
  return list.length === 1 ? list[0] : list[i];
}
