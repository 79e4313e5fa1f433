import type { Node, Value } from '../graph/graph.js';
import type { Dimension } from './dimension.js';
import type { AxisRef } from './relation.js';

/** A node with what is known of its inputs and outputs at the shapes of the analysis. */
export interface NodeContext {
  readonly node: Node;
  /** Opset version of the node's domain. */
  readonly opset: number;
  /** Dimensions of a present input or output. */
  inputDims(input: number): readonly number[];
  outputDims(output: number): readonly number[];
  /** Element type (a number of `DataType`) of a value. */
  typeOf(value: Value): number;
  /** Contents of a small constant or shape-determined input; undefined where the data decides. */
  numbers(input: number): readonly number[] | undefined;
  /** Where the elements of a shape-determined integer input come from. */
  dimensions(input: number): readonly Dimension[] | undefined;
  /** Whether a dimension changes with the free dimensions of the model's inputs (the batch). */
  isFree(axis: AxisRef): boolean;
  /** The width of an axis at the sizes of the analysis, then at others for what is free. */
  widthsOf(axis: AxisRef): readonly number[];
}

/** An input that must be there. */
export function inputValue(context: NodeContext, input: number): Value {
  const value = context.node.inputs[input];
  if (value === undefined) throw new Error(`${context.node.name} lacks its input ${input}`);
  return value;
}

/** An output that must be there. */
export function outputValue(context: NodeContext, output = 0): Value {
  const value = context.node.outputs[output];
  if (value === undefined) throw new Error(`${context.node.name} lacks its output ${output}`);
  return value;
}

export function hasInput(context: NodeContext, input: number): boolean {
  return context.node.inputs[input] !== undefined;
}

/** An axis of an input; negative axes count from the end. */
export function inputAxis(context: NodeContext, input: number, axis: number): AxisRef {
  return { value: inputValue(context, input), axis: axis < 0 ? axis + context.inputDims(input).length : axis };
}

/** An axis of an output; negative axes count from the end. */
export function outputAxis(context: NodeContext, output: number, axis: number): AxisRef {
  return { value: outputValue(context, output), axis: axis < 0 ? axis + context.outputDims(output).length : axis };
}

/** All axes of a value of rank `rank`. */
export function axesOf(value: Value, rank: number): readonly AxisRef[] {
  return Array.from({ length: rank }, (_, axis) => ({ value, axis }));
}
