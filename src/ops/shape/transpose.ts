import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

interface TransposeAttributes {
  readonly perm: readonly number[] | undefined;
}

function orderOf({ perm }: TransposeAttributes, rank: number): readonly number[] {
  return perm ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

/** Transpose: output axis i is input axis `perm[i]`; without `perm` the axes are reversed. */
export const transpose: OpDef<TransposeAttributes> = {
  type: 'Transpose',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ perm: raw.integers('perm') }),
  axisOrder: (context, attributes) => orderOf(attributes, context.outputDims(0).length),
  channels: (context, attributes) =>
    orderOf(attributes, context.inputDims(0).length).map((from, to) =>
      tie(inputAxis(context, 0, from), outputAxis(context, 0, to)),
    ),
  lower: (tf, [x], attributes) => [tf.transpose(x!, [...orderOf(attributes, x!.rank)])],
};
