/** @file Operators that work on each element by itself. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpDef, Tf } from '../opDef.js';
import { tieSameAxes } from '../ties.js';

/** Record of an operator with one input and no attributes: `Y = f(X)`. */
function unary(type: string, since: number, apply: (tf: Tf, x: Tensor) => Tensor): OpDef {
  return {
    type,
    domain: '',
    since,
    inputs: ['data'],
    attributes: () => undefined,
    channels: (context) => tieSameAxes(context),
    lower: (tf, [x]) => [apply(tf, x!)],
  };
}

export const relu = unary('Relu', 1, (tf, x) => tf.relu(x));
export const sigmoid: OpDef = { ...unary('Sigmoid', 1, (tf, x) => tf.sigmoid(x)), saturates: 'sigmoid' };
export const identity: OpDef = {
  ...unary('Identity', 1, (tf, x) => tf.clone(x)),
  dimensions: (context) => context.dimensions(0),
};
