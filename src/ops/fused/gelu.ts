/** @file Gelu in the forms that ONNX Runtime's optimizer writes. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import type { OpDef, Tf } from '../opDef.js';
import { tieBroadcast } from '../ties.js';

/** Record of `Y = f(X + bias)` with bias [C] along the last axis; some have no bias, some may leave it out. */
function activated<A>(
  type: string,
  attributes: (raw: Attributes) => A,
  apply: (tf: Tf, x: Tensor, attributes: A) => Tensor,
): OpDef<A> {
  return {
    type,
    domain: 'com.microsoft',
    since: 1,
    inputs: ['data', 'bias'],
    attributes,
    channels: (context) => tieBroadcast(context),
    lower: (tf, [x, bias], values) => [apply(tf, bias === undefined ? x! : tf.add(x!, bias), values)],
  };
}

const nothing = () => undefined;

/** `x/2 · (1 + erf(x/√2))`. */
const exact = (tf: Tf, x: Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/** `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))`. */
function byTanh(tf: Tf, x: Tensor): Tensor {
  const cubic = tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(cubic, Math.sqrt(2 / Math.PI))), 1));
}

export const biasGelu = activated('BiasGelu', nothing, exact);
export const fastGelu = activated('FastGelu', nothing, byTanh);
export const microsoftGelu = activated('Gelu', nothing, exact);
/** QuickGelu: `Y = X · sigmoid(α·X)`, SiLU with α = 1. */
export const quickGelu = activated(
  'QuickGelu',
  (raw) => ({ alpha: raw.float('alpha', 1.702) }),
  (tf, x, { alpha }) => tf.mul(x, tf.sigmoid(tf.mul(x, alpha))),
);
