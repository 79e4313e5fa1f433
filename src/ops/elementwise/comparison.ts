/** @file Operators that give truth values: comparisons, tests of one number, and logic. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { distinctSources } from '../dimension.js';
import { outputValue } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import { broadcastElements } from './broadcastElements.js';
import { broadcasting } from './broadcasting.js';
import { elementwise } from './unary.js';

/** Record of `C = A ∘ B` with broadcasting; no gradient runs through truth values. */
function comparison(type: string, since: number, apply: (tf: Tf, a: Tensor, b: Tensor) => Tensor): OpDef {
  return broadcasting(type, since, (tf, [a, b]) => apply(tf, a, b!), { saturates: 'steps' });
}

export const equal: OpDef = {
  ...comparison('Equal', 7, (tf, a, b) => tf.equal(a, b)),
  // How exporters find the -1 in a shape: no width is ever that.
  dimensions: (context) => {
    const numbers = [context.numbers(0), context.numbers(1)];
    const isNegative = (input: number, element: number) =>
      (numbers[input]?.length === 1 ? numbers[input][0]! : (numbers[input]?.[element] ?? 0)) < 0;
    return broadcastElements(context, (parts, element) => {
      const isNever = parts.some(
        (part, input) =>
          part.kind === 'axis' && distinctSources([parts[1 - input]!]).length === 0 && isNegative(1 - input, element),
      );
      // What depends on widths in one element is calculated as a whole.
      if (!isNever && distinctSources(parts).length > 0) return undefined;
      return { kind: 'computed', value: outputValue(context), element, sources: [] };
    });
  },
};
export const less = comparison('Less', 7, (tf, a, b) => tf.less(a, b));
export const lessOrEqual = comparison('LessOrEqual', 12, (tf, a, b) => tf.lessEqual(a, b));
export const greater = comparison('Greater', 7, (tf, a, b) => tf.greater(a, b));
export const greaterOrEqual = comparison('GreaterOrEqual', 12, (tf, a, b) => tf.greaterEqual(a, b));

/** Masks that constants and shapes determine come as numbers. */
const truth = (tf: Tf, x: Tensor): Tensor => tf.cast(x, 'bool');

export const and = comparison('And', 7, (tf, a, b) => tf.logicalAnd(truth(tf, a), truth(tf, b)));
export const or = comparison('Or', 7, (tf, a, b) => tf.logicalOr(truth(tf, a), truth(tf, b)));
export const xor = comparison('Xor', 7, (tf, a, b) => tf.logicalXor(truth(tf, a), truth(tf, b)));
export const not: OpDef<unknown> = elementwise(
  'Not',
  1,
  () => undefined,
  (tf, x) => tf.logicalNot(truth(tf, x)),
  'steps',
);

export const isNan: OpDef<unknown> = elementwise(
  'IsNaN',
  9,
  () => undefined,
  (tf, x) => tf.isNaN(x),
  'steps',
);

/** IsInf: whether an element is +∞ or −∞, as far as each is asked for. */
export const isInf: OpDef<{ readonly positive: boolean; readonly negative: boolean }> = elementwise(
  'IsInf',
  10,
  (raw) => ({
    positive: raw.integer('detect_positive', 1) !== 0,
    negative: raw.integer('detect_negative', 1) !== 0,
  }),
  (tf, x, { positive, negative }) => {
    const infinite = tf.isInf(x);
    const isWanted = [...(positive ? [tf.greater(x, 0)] : []), ...(negative ? [tf.less(x, 0)] : [])].reduce<Tensor>(
      (any, next) => tf.logicalOr(any, next),
      tf.cast(tf.zerosLike(x), 'bool'),
    );
    return tf.logicalAnd(infinite, isWanted);
  },
  'steps',
);
