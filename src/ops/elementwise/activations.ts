/** @file Activation functions of one input, by their formulas in the standard. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpDef, Tf } from '../opDef.js';
import { elementwise } from './unary.js';

/** `Y = X for X ≥ 0, else α·(exp(X) − 1)`, without an overflow on the side that is not taken. */
function scaledElu(tf: Tf, x: Tensor, alpha: number): Tensor {
  return alpha === 1 ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), alpha));
}

/** `Y = clip(α·X + β, 0, 1)`. */
function clippedLine(tf: Tf, x: Tensor, alpha: number, beta: number): Tensor {
  return tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);
}

type Alpha = OpDef<{ readonly alpha: number }>;

/** Elu: `Y = X for X ≥ 0, else α·(exp(X) − 1)`. */
export const elu: Alpha = elementwise(
  'Elu',
  1,
  (raw) => ({ alpha: raw.float('alpha', 1) }),
  (tf, x, { alpha }) => scaledElu(tf, x, alpha),
);

/** Celu: `Y = max(0, X) + min(0, α·(exp(X/α) − 1))`. */
export const celu: Alpha = elementwise(
  'Celu',
  12,
  (raw) => ({ alpha: raw.float('alpha', 1) }),
  (tf, x, { alpha }) => {
    if (alpha <= 0) return { untrainable: 'its alpha is not positive' };
    return tf.mul(tf.elu(tf.div(x, alpha)), alpha);
  },
);

/** Selu: `Y = γ·X for X > 0, else γ·α·(exp(X) − 1)`. */
export const selu: OpDef<{ readonly alpha: number; readonly gamma: number }> = elementwise(
  'Selu',
  6,
  (raw) => ({ alpha: raw.float('alpha', 1.6732631921768188), gamma: raw.float('gamma', 1.0507010221481323) }),
  (tf, x, { alpha, gamma }) => tf.mul(scaledElu(tf, x, alpha), gamma),
);

/** LeakyRelu: `Y = X for X ≥ 0, else α·X`. */
export const leakyRelu: Alpha = elementwise(
  'LeakyRelu',
  1,
  (raw) => ({ alpha: raw.float('alpha', 0.01) }),
  (tf, x, { alpha }) => tf.leakyRelu(x, alpha),
);

/** ThresholdedRelu: `Y = X for X > α, else 0`. */
export const thresholdedRelu: Alpha = elementwise(
  'ThresholdedRelu',
  10,
  (raw) => ({ alpha: raw.float('alpha', 1) }),
  (tf, x, { alpha }) => tf.where(tf.greater(x, alpha), x, tf.zerosLike(x)),
);

/** Shrink: `Y = X + bias for X < −λ, X − bias for X > λ, else 0`. */
export const shrink: OpDef<{ readonly bias: number; readonly lambda: number }> = elementwise(
  'Shrink',
  9,
  (raw) => ({ bias: raw.float('bias', 0), lambda: raw.float('lambd', 0.5) }),
  (tf, x, { bias, lambda }) => {
    const above = tf.where(tf.greater(x, lambda), tf.sub(x, bias), tf.zerosLike(x));
    return tf.where(tf.less(x, -lambda), tf.add(x, bias), above);
  },
);

/** HardSigmoid: `Y = max(0, min(1, α·X + β))`. */
export const hardSigmoid: OpDef<{ readonly alpha: number; readonly beta: number }> = elementwise(
  'HardSigmoid',
  1,
  (raw) => ({ alpha: raw.float('alpha', 0.2), beta: raw.float('beta', 0.5) }),
  (tf, x, { alpha, beta }) => clippedLine(tf, x, alpha, beta),
  'limits',
);

/** HardSwish: `Y = X · max(0, min(1, X/6 + 1/2))`. */
export const hardSwish: OpDef<unknown> = elementwise(
  'HardSwish',
  14,
  () => undefined,
  (tf, x) => tf.mul(x, clippedLine(tf, x, 1 / 6, 0.5)),
);

/** Swish: `Y = X · sigmoid(α·X)`. */
export const swish: Alpha = elementwise(
  'Swish',
  24,
  (raw) => ({ alpha: raw.float('alpha', 1) }),
  (tf, x, { alpha }) => tf.mul(x, tf.sigmoid(tf.mul(x, alpha))),
);

/** Mish: `Y = X · tanh(ln(1 + exp(X)))`. */
export const mish: OpDef<unknown> = elementwise(
  'Mish',
  18,
  () => undefined,
  (tf, x) => tf.mul(x, tf.tanh(tf.softplus(x))),
);

/** Softplus: `Y = ln(1 + exp(X))`. */
export const softplus: OpDef<unknown> = elementwise(
  'Softplus',
  1,
  () => undefined,
  (tf, x) => tf.softplus(x),
);

/** Softsign: `Y = X / (1 + |X|)`. */
export const softsign: OpDef<unknown> = elementwise(
  'Softsign',
  1,
  () => undefined,
  (tf, x) => tf.div(x, tf.add(tf.abs(x), 1)),
  'limits',
);

/** Gelu: `Y = X/2 · (1 + erf(X/√2))`, or with `approximate = tanh` `X/2 · (1 + tanh(√(2/π)·(X + 0.044715·X³)))`. */
export const gelu: OpDef<{ readonly approximate: string }> = elementwise(
  'Gelu',
  20,
  (raw) => ({ approximate: raw.string('approximate', 'none') }),
  (tf, x, { approximate }) => {
    const cubic = () => tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715));
    switch (approximate) {
      case 'none':
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
      case 'tanh':
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(cubic(), Math.sqrt(2 / Math.PI))), 1));
      default:
        return { untrainable: `its approximation '${approximate}' is not known` };
    }
  },
);
