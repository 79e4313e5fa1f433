import type { Value } from '../graph/graph.js';
import { DataType } from '../onnx/dataType.js';
import type { BoundModel } from '../ops/bindModel.js';

/**
 * The values that are calculated in 16 bits, or from such values: a float32 output behind a Cast has no more digits
 * than what goes into it. Weights that are stored so and read as float32 round nothing.
 */
export function roundedValues(bound: BoundModel): ReadonlySet<Value> {
  const rounded = new Set<Value>();
  const isShort = (value: Value) => {
    if (!bound.hasType(value) || bound.constant(value) !== undefined) return false;
    const { dataType } = bound.typeOf(value);
    return dataType === DataType.FLOAT16 || dataType === DataType.BFLOAT16;
  };
  const note = (value: Value | undefined, isRounded: boolean) => {
    if (value !== undefined && (isRounded || isShort(value))) rounded.add(value);
  };
  for (const input of bound.graph.inputs) note(input, false);
  for (const { inputs, outputs, captures } of bound.graph.nodes) {
    const isRounded = [...inputs, ...captures].some((value) => value !== undefined && rounded.has(value));
    for (const output of outputs) note(output, isRounded);
  }
  return rounded;
}
