import type { Dimension } from '../dimension.js';
import type { NodeContext } from '../nodeContext.js';
import { outputAxis } from '../nodeContext.js';
import type { NodePatch, OpDef, ResizeContext } from '../opDef.js';
import type { AxisRef, Relation } from '../relation.js';
import { pinAxis, pinInput } from '../ties.js';
import { regroupedAxes } from './regroupedAxes.js';

/**
 * Reshape to the shape in its second input, where 0 copies a dimension and -1 stands for what is left.
 *
 * A rewrite changes the constants of that shape where they stand; dimensions that are read from another shape follow
 * by themselves, and those that are calculated in any other way keep their axes as they are.
 */
export const reshape: OpDef<{ allowZero: boolean }> = {
  type: 'Reshape',
  domain: '',
  since: 5,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ allowZero: raw.integer('allowzero', 0) !== 0 }),
  channels: (context) => {
    const target = context.dimensions(1);
    const sizes = context.numbers(1);
    if (target === undefined) return pinInput(context, 0, 'Reshape has a shape that the data decides');
    return [
      ...regroupedAxes(context),
      ...target.flatMap((dimension, axis) => targetRelations(context, dimension, axis, sizes?.[axis] ?? 0)),
    ];
  },
  lower: (tf, [x], _, context) => [tf.reshape(x!, [...context.runningDims(0)])],
  resize: (context) => resizeTarget(context),
};

/** What an element of the target shape asks of the output axis that it sets. */
function targetRelations(context: NodeContext, dimension: Dimension, axis: number, size: number): readonly Relation[] {
  const out: AxisRef = outputAxis(context, 0, axis);
  switch (dimension.kind) {
    case 'constant': {
      // The node's own input is replaced for this node alone; -1 and 0 never change.
      const isOwn = dimension.value === context.node.inputs[1];
      return isOwn || size <= 0 ? [] : [{ ...dimension, kind: 'literal', axis: out }];
    }
    case 'axis':
      return [{ kind: 'tie', a: out, b: dimension.axis }];
    case 'computed':
      if (!dimension.sources.some((source) => context.isFree(source))) {
        return [{ kind: 'literal', axis: out, value: dimension.value, element: dimension.element }];
      }
      return [
        pinAxis(out, 'Reshape calculates its width'),
        ...dimension.sources.map((source) =>
          pinAxis(source, `Reshape '${context.node.name}' calculates with its width`),
        ),
      ];
  }
}

function resizeTarget(context: ResizeContext): NodePatch {
  const target = context.numbers(1) ?? [];
  const before = context.outputDims(0);
  const after = context.newOutputDims(0);
  const changed = target.map((dim, axis) => (dim > 0 && before[axis] !== after[axis] ? after[axis]! : dim));
  return changed.every((dim, axis) => dim === target[axis]) ? {} : { constants: new Map([[1, changed]]) };
}
