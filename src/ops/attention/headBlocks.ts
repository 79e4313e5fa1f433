/** @file Heads of attention as units: their columns on every axis that holds heads one after the other. */
import { inputAxis, inputValue, type NodeContext, outputAxis } from '../nodeContext.js';
import type { BlockPart, Relation } from '../relation.js';

/** An axis, and the width of one block on it. */
interface HeadAxis {
  readonly axis: number;
  readonly size: number;
  /** The first position; 0 by default. */
  readonly from?: number;
}

/** Heads on an axis of an input; none where it is left out. */
export function headsOfInput(
  context: NodeContext,
  input: number,
  { axis, size, from = 0 }: HeadAxis,
): readonly BlockPart[] {
  if (context.node.inputs[input] === undefined) return [];
  return [{ axis: inputAxis(context, input, axis), from, size }];
}

/** Heads on an axis of an output; none where it is left out. */
export function headsOfOutput(context: NodeContext, output: number, { axis, size }: HeadAxis): readonly BlockPart[] {
  if (context.node.outputs[output] === undefined) return [];
  return [{ axis: outputAxis(context, output, axis), from: 0, size }];
}

/**
 * Heads on the third axis from the end of what is added to the scores [N, H, T, S], or says which of them count; none
 * where it is the same for all heads.
 */
export function headsOfBias(context: NodeContext, input: number, heads: number, size: number): readonly BlockPart[] {
  if (context.node.inputs[input] === undefined) return [];
  const dims = context.inputDims(input);
  const axis = dims.length - 3;
  if (axis < 0 || heads === 1 || dims[axis] !== heads) return [];
  return [{ axis: { value: inputValue(context, input), axis }, from: 0, size }];
}

/** That block i of every part is one head, or one head of keys with all heads of queries that share it. */
export function headBlocks(count: number, ...parts: readonly (readonly BlockPart[])[]): Relation {
  return { kind: 'blocks', count, parts: parts.flat() };
}

/** Whether each width is made of `count` equal parts, none of them empty. */
export function areBlocks(count: number, ...widths: readonly (number | undefined)[]): boolean {
  return count > 0 && widths.every((width) => width !== undefined && width > 0 && width % count === 0);
}
