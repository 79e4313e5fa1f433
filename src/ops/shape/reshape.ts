import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef, ResizeContext } from '../opDef.js';
import { pinInput } from '../ties.js';
import { regroupedAxes } from './regroupedAxes.js';
import { ownTarget, targetRelations } from './targetShape.js';

interface ReshapeAttributes {
  readonly allowZero: boolean;
}

/** Output axes that are input axes of the same place, with nothing else before them: 0 copies them. */
function copiedAxes(context: NodeContext): number {
  const rank = Math.min(context.inputDims(0).length, context.outputDims(0).length);
  const isSame = (axis: number) =>
    context.widthsOf(inputAxis(context, 0, axis)).join() === context.widthsOf(outputAxis(context, 0, axis)).join();
  let axis = 0;
  while (axis < rank && isSame(axis)) axis++;
  return axis;
}

/** Free output axes that only -1 can stand for. */
function openAxes(context: NodeContext, { allowZero }: ReshapeAttributes): readonly number[] {
  const copied = allowZero ? 0 : copiedAxes(context);
  return context.outputDims(0).flatMap((_, axis) => {
    return axis >= copied && context.isFree(outputAxis(context, 0, axis)) ? [axis] : [];
  });
}

/** Whether the target, as it stands, gives the new shape by itself. */
function fits(context: ResizeContext, { allowZero }: ReshapeAttributes, target: readonly number[]): boolean {
  const after = context.newOutputDims(0);
  const isChanged = (element: number) => {
    const dimension = context.dimensions(1)?.[element];
    return (
      dimension?.kind === 'computed' && dimension.sources.some((axis) => context.keptPositions(axis) !== undefined)
    );
  };
  return target.every((size, axis) => {
    if (context.isFree(outputAxis(context, 0, axis)) || size === -1) return !isChanged(axis);
    if (size === 0 && !allowZero) return context.newInputDims(0)[axis] === after[axis];
    const dimension = context.dimensions(1)?.[axis];
    const now = dimension?.kind === 'axis' ? (context.keptPositions(dimension.axis)?.length ?? size) : size;
    return now === after[axis] && !isChanged(axis);
  });
}

/** The target in plain numbers: 0 and -1 for what is free. */
function plainTarget(
  context: ResizeContext,
  attributes: ReshapeAttributes,
  target: readonly number[],
): readonly number[] {
  const open = openAxes(context, attributes);
  const after = context.newOutputDims(0);
  return target.map((size, axis) => {
    if (open.includes(axis)) return -1;
    if (context.isFree(outputAxis(context, 0, axis))) return size === -1 && open.length === 0 ? -1 : 0;
    return after[axis]!;
  });
}

/**
 * Reshape to the shape in its second input, where 0 copies a dimension and -1 stands for what is left.
 *
 * Where 0 and -1 can stand for all that is free, a rewrite gives the node a target of its own. Else what is free stays
 * calculated, and keeps the axes that it is calculated from as they are.
 */
export const reshape: OpDef<ReshapeAttributes> = {
  type: 'Reshape',
  domain: '',
  since: 5,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ allowZero: raw.integer('allowzero', 0) !== 0 }),
  channels: (context, attributes) => {
    const target = context.dimensions(1);
    if (target === undefined) return pinInput(context, 0, 'Reshape has a shape that the data decides');
    if (openAxes(context, attributes).length <= 1) return regroupedAxes(context);
    return [
      ...regroupedAxes(context),
      // What is not free becomes a number for this node alone.
      ...target.flatMap((_, element) => {
        const axis = outputAxis(context, 0, element);
        return context.isFree(axis) ? targetRelations(context, 1, element, axis) : [];
      }),
    ];
  },
  dimensions: (context) => context.dimensions(0),
  lower: (tf, [x], _, context) => [tf.reshape(x!, [...context.runningDims(0)])],
  resize: (context, attributes) => {
    const target = context.numbers(1);
    if (target === undefined || openAxes(context, attributes).length > 1) return ownTarget(context, 1);
    if (fits(context, attributes, target)) {
      const after = context.newOutputDims(0);
      const isOpen = (axis: number) => context.isFree(outputAxis(context, 0, axis));
      return {
        constants: new Map([[1, target.map((size, axis) => (size <= 0 || isOpen(axis) ? size : after[axis]!))]]),
      };
    }
    return { inputs: new Map([[1, plainTarget(context, attributes, target)]]) };
  },
};
