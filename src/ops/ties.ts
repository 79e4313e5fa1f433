/** @file Relations that many operators share. */
import { constantTensor } from './constantTensor.js';
import { axesOf, inputAxis, inputValue, type NodeContext, outputAxis, outputValue } from './nodeContext.js';
import type { AxisRef, Relation } from './relation.js';

export function tie(a: AxisRef, b: AxisRef): Relation {
  return { kind: 'tie', a, b };
}

/** Every axis of an input with the same axis of the output, but for those in `except`. */
export function tieSameAxes(
  context: NodeContext,
  input = 0,
  output = 0,
  except: readonly number[] = [],
): readonly Relation[] {
  const rank = context.outputDims(output).length;
  return axesOf(outputValue(context, output), rank)
    .filter(({ axis }) => !except.includes(axis))
    .map((axis) => tie(inputAxis(context, input, axis.axis), axis));
}

/** Axes of all present inputs with those of the output, aligned at the end; a broadcast axis (width 1) stays alone. */
export function tieBroadcast(context: NodeContext): readonly Relation[] {
  const out = context.outputDims(0);
  return context.node.inputs.flatMap((value, input) => {
    if (value === undefined) return [];
    const dims = context.inputDims(input);
    return dims.flatMap((dim, axis) => {
      const outAxis = axis + out.length - dims.length;
      return dim === out[outAxis] ? [tie(inputAxis(context, input, axis), outputAxis(context, 0, outAxis))] : [];
    });
  });
}

/** Keeps an axis of the data as it is. */
export function pinAxis(axis: AxisRef, reason: string): Relation {
  return { kind: 'pin', axis, reason };
}

/** Keeps all axes of an input as they are. */
export function pinInput(context: NodeContext, input: number, reason: string): readonly Relation[] {
  return axesOf(inputValue(context, input), context.inputDims(input).length).map((axis) => pinAxis(axis, reason));
}

/** Keeps all axes of an output as they are. */
export function pinOutput(context: NodeContext, output: number, reason: string): readonly Relation[] {
  return axesOf(outputValue(context, output), context.outputDims(output).length).map((axis) => pinAxis(axis, reason));
}

/** Leaves the axes of an activation to others: the node does not care how wide they are. A constant stays as it is. */
export function leaveFree(context: NodeContext, input: number): readonly Relation[] {
  const value = inputValue(context, input);
  if (constantTensor(value) !== undefined) return [];
  return axesOf(value, context.inputDims(input).length).map((axis) => tie(axis, axis));
}

/** A non-negative axis. */
export function normalizeAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
