/** @file Arithmetic on two inputs with broadcasting (opset 7 and later; before that `axis` said how to align them). */
import type { Tensor } from '@tensorflow/tfjs-core';
import { dataTypeInfo } from '../../onnx/dataType.js';
import { operandAddend } from '../addend.js';
import { type NodeContext, outputValue } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import { broadcasting } from './broadcasting.js';

export const add: OpDef = {
  ...broadcasting('Add', 7, (tf, [a, b]) => tf.add(a, b!), { fresh: { value: 0 } }),
  isSum: true,
  addsToData: (context, _, data) => operandAddend(context, data),
};
export const sub = broadcasting('Sub', 7, (tf, [a, b]) => tf.sub(a, b!));
export const mul = broadcasting('Mul', 7, (tf, [a, b]) => tf.mul(a, b!), { fresh: { value: 1 } });

/** Div: `C = A / B`; integers round towards zero. */
export const div = broadcasting('Div', 7, (tf, [a, b], _, context) => {
  if (!givesFloats(context)) return { untrainable: 'it divides integers' };
  return tf.div(a, b!);
});

/** Pow: `Z = X^Y`. */
export const pow = broadcasting('Pow', 7, (tf, [x, y], _, context) => {
  // A parameter is never a scalar, so a scalar that is known stays what it is.
  const exponent = context.inputDims(1).length === 0 ? context.numbers(1)?.[0] : undefined;
  switch (exponent) {
    case 0.5:
      return tf.sqrt(x);
    case 1:
      return tf.clone(x);
    case 2:
      return tf.square(x);
    default:
      return tf.pow(x, y!);
  }
});

/** Mod: the remainder of `A / B` with the sign of B, or with `fmod = 1` the sign of A (opset 10 and later). */
export const mod: OpDef<{ readonly fmod: boolean }> = broadcasting(
  'Mod',
  10,
  (tf, [a, b], { fmod }, context) => {
    if (!givesFloats(context)) return { untrainable: 'it divides integers' };
    return fmod ? tf.sub(a, tf.mul(truncated(tf, tf.div(a, b!)), b!)) : tf.mod(a, b!);
  },
  { attributes: (raw) => ({ fmod: raw.integer('fmod', 0) !== 0 }) },
);

/** Rounds towards zero. */
export function truncated(tf: Tf, x: Tensor): Tensor {
  return tf.mul(tf.sign(x), tf.floor(tf.abs(x)));
}

function givesFloats(context: NodeContext): boolean {
  return dataTypeInfo(context.typeOf(outputValue(context)))?.kind === 'float';
}
