/** @file Operators that work on each element by itself and have no attributes. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import type { LowerContext, OpDef, Saturation, Tf, Untrainable } from '../opDef.js';
import { tieSameAxes } from '../ties.js';

/** Record of an operator with one input: `Y = f(X)`; all axes stay what they are. */
export function elementwise<A>(
  type: string,
  since: number,
  attributes: (raw: Attributes) => A,
  apply: (tf: Tf, x: Tensor, attributes: A, context: LowerContext) => Tensor | Untrainable,
  saturates?: Saturation,
): OpDef<A> {
  return {
    type,
    domain: '',
    since,
    inputs: ['data'],
    ...(saturates === undefined ? {} : { saturates }),
    attributes: (raw) => {
      // A hint of opsets 1 to 5, which changes no result.
      raw.ignore('consumed_inputs');
      return attributes(raw);
    },
    isPointwise: true,
    channels: (context) => tieSameAxes(context),
    lower: (tf, [x], values, context) => {
      const y = apply(tf, x!, values, context);
      return 'untrainable' in y ? y : [y];
    },
  };
}

function unary(type: string, since: number, apply: (tf: Tf, x: Tensor) => Tensor, saturates?: Saturation): OpDef {
  return elementwise<unknown>(type, since, () => undefined, apply, saturates);
}

export const identity: OpDef = {
  ...unary('Identity', 1, (tf, x) => tf.clone(x)),
  dimensions: (context) => context.dimensions(0),
};
export const relu = unary('Relu', 1, (tf, x) => tf.relu(x));
export const sigmoid = unary('Sigmoid', 1, (tf, x) => tf.sigmoid(x), 'sigmoid');
export const tanh = unary('Tanh', 1, (tf, x) => tf.tanh(x), 'tanh');
export const abs = unary('Abs', 1, (tf, x) => tf.abs(x));
export const neg = unary('Neg', 1, (tf, x) => tf.neg(x));
export const exp = unary('Exp', 1, (tf, x) => tf.exp(x));
export const log = unary('Log', 1, (tf, x) => tf.log(x));
export const sqrt = unary('Sqrt', 1, (tf, x) => tf.sqrt(x));
export const reciprocal = unary('Reciprocal', 1, (tf, x) => tf.reciprocal(x));
export const erf = unary('Erf', 9, (tf, x) => tf.erf(x), 'limits');

export const sin = unary('Sin', 7, (tf, x) => tf.sin(x));
export const cos = unary('Cos', 7, (tf, x) => tf.cos(x));
export const tan = unary('Tan', 7, (tf, x) => tf.tan(x));
export const asin = unary('Asin', 7, (tf, x) => tf.asin(x));
export const acos = unary('Acos', 7, (tf, x) => tf.acos(x));
export const atan = unary('Atan', 7, (tf, x) => tf.atan(x), 'limits');
export const sinh = unary('Sinh', 9, (tf, x) => tf.sinh(x));
export const cosh = unary('Cosh', 9, (tf, x) => tf.cosh(x));
export const asinh = unary('Asinh', 9, (tf, x) => tf.asinh(x));
export const acosh = unary('Acosh', 9, (tf, x) => tf.acosh(x));
export const atanh = unary('Atanh', 9, (tf, x) => tf.atanh(x));

// Flat between their steps, so nothing is learned through them.
export const ceil = unary('Ceil', 1, (tf, x) => tf.ceil(x), 'steps');
export const floor = unary('Floor', 1, (tf, x) => tf.floor(x), 'steps');
export const round = unary('Round', 11, (tf, x) => tf.round(x), 'steps');
export const sign = unary('Sign', 9, (tf, x) => tf.sign(x), 'steps');
