/** @file Operators on any number of inputs with broadcasting. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpDef, Tf } from '../opDef.js';
import { broadcasting } from './broadcasting.js';

/** Record of an operator that goes over its inputs from left to right. */
function variadic(
  type: string,
  combine: (tf: Tf, a: Tensor, b: Tensor) => Tensor,
  finish: (tf: Tf, result: Tensor, count: number) => Tensor = (_, result) => result,
): OpDef {
  return broadcasting(
    type,
    1,
    (tf, [first, ...others]) => {
      const result = others.reduce((whole, next) => combine(tf, whole, next), first);
      return finish(tf, others.length === 0 ? tf.clone(result) : result, others.length + 1);
    },
    // A hint of opsets 1 to 5, which changes no result.
    { attributes: (raw) => raw.ignore('consumed_inputs') },
  );
}

export const max = variadic('Max', (tf, a, b) => tf.maximum(a, b));
export const min = variadic('Min', (tf, a, b) => tf.minimum(a, b));
export const sum: OpDef = { ...variadic('Sum', (tf, a, b) => tf.add(a, b)), isSum: true };
/** Mean: the sum of the inputs over their number. */
export const mean = variadic(
  'Mean',
  (tf, a, b) => tf.add(a, b),
  (tf, total, count) => tf.div(total, count),
);
