import { constantTensor } from '../constantTensor.js';
import { inputAxis, inputValue, type NodeContext } from '../nodeContext.js';
import type { Relation } from '../relation.js';

/** An axis of an input of the node; negative axes count from the end. */
export interface InputAxis {
  readonly input: number;
  readonly axis: number;
}

/** That the node sums products of two inputs over an axis of each: the stored one is the weight, else the second. */
export function contraction(context: NodeContext, first: InputAxis, second: InputAxis): Relation {
  const isSwapped = isStored(context, first.input) && !isStored(context, second.input);
  const [data, weight] = isSwapped ? [second, first] : [first, second];
  return {
    kind: 'contract',
    data: inputAxis(context, data.input, data.axis),
    weight: inputAxis(context, weight.input, weight.axis),
  };
}

/** Whether an input is a constant of the file. */
export function isStored(context: NodeContext, input: number): boolean {
  return constantTensor(inputValue(context, input)) !== undefined;
}
