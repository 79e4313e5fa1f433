/** @file Shapes that operators take as an input: what their elements ask of the axes that they set. */
import { distinctSources } from '../dimension.js';
import type { NodeContext } from '../nodeContext.js';
import type { NodePatch, ResizeContext } from '../opDef.js';
import type { AxisRef, Relation } from '../relation.js';
import { pinAxis } from '../ties.js';

/** What an element of the shape in `input` asks of the axis whose width it is. */
export function targetRelations(
  context: NodeContext,
  input: number,
  element: number,
  axis: AxisRef,
): readonly Relation[] {
  const dimension = context.dimensions(input)?.[element];
  const size = context.numbers(input)?.[element] ?? 0;
  const { opType, name } = context.node;
  switch (dimension?.kind) {
    case undefined:
      return [pinAxis(axis, `${opType} has a shape that the data decides`)];
    case 'constant': {
      // The node's own input is replaced for this node alone; -1 and 0 never change.
      const isOwn = dimension.value === context.node.inputs[input];
      return isOwn || size <= 0 ? [] : [{ ...dimension, kind: 'literal', axis }];
    }
    case 'axis':
      return [{ kind: 'tie', a: axis, b: dimension.axis }];
    case 'computed':
      if (!dimension.sources.some((source) => context.isFree(source))) {
        return [{ kind: 'literal', axis, value: dimension.value, element: dimension.element }];
      }
      return [
        pinAxis(axis, `${opType} calculates its width`),
        ...dimension.sources.map((source) => pinAxis(source, `${opType} '${name}' calculates with its width`)),
      ];
  }
}

/** Keeps the widths that an element, or any element, of an input is calculated from. */
export function pinSources(context: NodeContext, input: number, element?: number): readonly Relation[] {
  const dimensions = context.dimensions(input) ?? [];
  const { opType, name } = context.node;
  return distinctSources(element === undefined ? dimensions : dimensions.slice(element, element + 1)).map((source) =>
    pinAxis(source, `${opType} '${name}' calculates with its width`),
  );
}

/** Contents of an input that no free dimension has a part in; undefined for all others. */
export function fixedNumbers(context: NodeContext, input: number): readonly number[] | undefined {
  const sources = distinctSources(context.dimensions(input) ?? []);
  return sources.some((source) => context.isFree(source)) ? undefined : context.numbers(input);
}

/**
 * The shape in `input` at the new widths.
 *
 * @param axisOf the output axis whose width an element is
 */
export function resizedTarget(
  context: ResizeContext,
  input: number,
  axisOf: (element: number) => number = (element) => element,
): NodePatch {
  const changed = newTarget(context, input, axisOf);
  return changed === undefined ? {} : { constants: new Map([[input, changed]]) };
}

/** The same where each element that is not free may get a place of its own, so that it asks nothing of others. */
export function ownTarget(context: ResizeContext, input: number): NodePatch {
  const changed = newTarget(context, input, (element) => element);
  return changed === undefined ? {} : { elements: new Map([[input, changed]]) };
}

function newTarget(
  context: ResizeContext,
  input: number,
  axisOf: (element: number) => number,
): readonly number[] | undefined {
  const target = context.numbers(input);
  if (target === undefined) return undefined;
  const before = context.outputDims(0);
  const after = context.newOutputDims(0);
  return target.map((size, element) => {
    const axis = axisOf(element);
    return size > 0 && size === before[axis] ? after[axis]! : size;
  });
}
