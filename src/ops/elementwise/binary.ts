/** @file Operators on two inputs with broadcasting (opset 7 and later). */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OpDef, Tf } from '../opDef.js';
import { tieBroadcast } from '../ties.js';

/** Record of a binary operator: `C = f(A, B)`, shapes aligned at the end. */
function binary(type: string, apply: (tf: Tf, a: Tensor, b: Tensor) => Tensor): OpDef {
  return {
    type,
    domain: '',
    since: 7,
    inputs: ['data', 'data'],
    attributes: () => undefined,
    channels: (context) => tieBroadcast(context),
    lower: (tf, [a, b]) => [apply(tf, a!, b!)],
  };
}

export const add = binary('Add', (tf, a, b) => tf.add(a, b));
export const mul = binary('Mul', (tf, a, b) => tf.mul(a, b));
