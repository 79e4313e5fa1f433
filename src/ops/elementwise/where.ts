import { type Dimension, distinctSources } from '../dimension.js';
import type { NodeContext } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { broadcastElements } from './broadcastElements.js';
import { broadcasting } from './broadcasting.js';

/** Where: `output = condition ? X : Y`, all three with broadcasting. */
export const where: OpDef = {
  ...broadcasting('Where', 9, (tf, [condition, x, y]) => tf.where(tf.cast(condition, 'bool'), x!, y!)),
  dimensions: chosenElements,
};

/** Of shapes: an element comes from where the condition says, if nothing can make that say otherwise. */
function chosenElements(context: NodeContext): readonly Dimension[] | undefined {
  const truths = context.numbers(0);
  if (distinctSources(context.dimensions(0) ?? []).length > 0) return undefined;
  return broadcastElements(context, ([, x, y], element) =>
    (truths?.length === 1 ? truths[0] : truths?.[element]) === 0 ? y! : x!,
  );
}
