/** @file Stored inputs that are added to a value: where a constant can be folded into. */
import { isStored } from './dense/contraction.js';
import type { NodeContext } from './nodeContext.js';

/** An input whose axis `inputAxis` (all others are 1) is added along an axis of a value, times `factor`. */
export interface Addend {
  readonly input: number;
  readonly inputAxis: number;
  readonly axis: number;
  readonly factor: number;
}

/** A bias [width] or [1, …, width] along an axis of the output; where it is left out, a new one can be put there. */
export function biasAddend(context: NodeContext, input: number, axis: number, factor = 1): Addend | undefined {
  if (factor === 0) return undefined;
  if (context.node.inputs[input] === undefined) return { input, inputAxis: 0, axis, factor };
  const dims = context.inputDims(input);
  const isRow = dims.at(-1) === context.outputDims(0)[axis] && dims.slice(0, -1).every((dim) => dim === 1);
  return isRow && isStored(context, input) ? { input, inputAxis: dims.length - 1, axis, factor } : undefined;
}

/** The stored operand of a broadcast sum, beside the data, where it has a single axis that is as wide as the data. */
export function operandAddend(context: NodeContext, data: number): Addend | undefined {
  const input = 1 - data;
  if (context.node.inputs.length !== 2 || !isStored(context, input)) return undefined;
  const dims = context.inputDims(input);
  const wide = [...dims.keys()].filter((axis) => dims[axis] !== 1);
  const inputAxis = wide[0];
  if (inputAxis === undefined || wide.length > 1) return undefined;
  const axis = inputAxis + context.inputDims(data).length - dims.length;
  if (axis < 0 || context.inputDims(data)[axis] !== dims[inputAxis]) return undefined;
  return { input, inputAxis, axis, factor: 1 };
}
