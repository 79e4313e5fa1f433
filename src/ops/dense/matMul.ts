import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

/**
 * MatMul of activations with a weight on the right: A [..., K], B [K, N], Y [..., N].
 *
 * MACs: Π … · N · K, for products of activations too.
 */
export const matMul: OpDef = {
  type: 'MatMul',
  domain: '',
  since: 1,
  inputs: ['data', 'weight'],
  attributes: () => undefined,
  macs: (context) => [
    {
      coefficient: 1,
      axes: [...context.outputDims(0).map((_, axis) => outputAxis(context, 0, axis)), inputAxis(context, 0, -1)],
    },
  ],
  channels: (context) => {
    const a = context.inputDims(0);
    if (context.inputDims(1).length !== 2 || a.length < 2) return [];
    return [
      ...a.slice(0, -1).map((_, axis) => tie(inputAxis(context, 0, axis), outputAxis(context, 0, axis))),
      { kind: 'contract', data: inputAxis(context, 0, -1), weight: inputAxis(context, 1, 0) },
      tie(inputAxis(context, 1, 1), outputAxis(context, 0, -1)),
    ];
  },
  lower: (tf, [a, b]) => {
    if (b!.rank !== 2 || a!.rank < 2)
      return { untrainable: 'only a product with a two-dimensional right side can be trained' };
    const rows = tf.reshape(a!, [-1, a!.shape.at(-1)!]);
    return [tf.reshape(tf.matMul(rows, b!), [...a!.shape.slice(0, -1), b!.shape[1]!])];
  },
};
