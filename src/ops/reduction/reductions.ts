/** @file The reductions of the standard. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';
import { reduction } from './reduce.js';

type Apply = (tf: Tf, x: Tensor, axes: number[], keepDims: boolean) => Tensor;

const sumOfSquares: Apply = (tf, x, axes, keepDims) => tf.sum(tf.square(x), axes, keepDims);

/** √(Σ x²), with the gradient 0 where all elements are 0. */
const norm: Apply = (tf, x, axes, keepDims) => {
  const squares = sumOfSquares(tf, x, axes, keepDims);
  const isZero = tf.equal(squares, 0);
  return tf.where(isZero, tf.zerosLike(squares), tf.sqrt(tf.where(isZero, tf.onesLike(squares), squares)));
};

export const { withAttribute: reduceSumAttributes, withInput: reduceSum } = reduction(
  'ReduceSum',
  13,
  (tf, x, axes, keepDims) => tf.sum(x, axes, keepDims),
);
export const { withAttribute: reduceMeanAttributes, withInput: reduceMean } = reduction(
  'ReduceMean',
  18,
  (tf, x, axes, keepDims) => tf.mean(x, axes, keepDims),
);
export const { withAttribute: reduceMaxAttributes, withInput: reduceMax } = reduction(
  'ReduceMax',
  18,
  (tf, x, axes, keepDims) => tf.max(x, axes, keepDims),
);
export const { withAttribute: reduceMinAttributes, withInput: reduceMin } = reduction(
  'ReduceMin',
  18,
  (tf, x, axes, keepDims) => tf.min(x, axes, keepDims),
);
export const { withAttribute: reduceProdAttributes, withInput: reduceProd } = reduction(
  'ReduceProd',
  18,
  (tf, x, axes, keepDims) => tf.prod(x, axes, keepDims),
);
export const { withAttribute: reduceSumSquareAttributes, withInput: reduceSumSquare } = reduction(
  'ReduceSumSquare',
  18,
  sumOfSquares,
);
export const { withAttribute: reduceL1Attributes, withInput: reduceL1 } = reduction(
  'ReduceL1',
  18,
  (tf, x, axes, keepDims) => tf.sum(tf.abs(x), axes, keepDims),
);
export const { withAttribute: reduceL2Attributes, withInput: reduceL2 } = reduction('ReduceL2', 18, norm);
export const { withAttribute: reduceLogSumAttributes, withInput: reduceLogSum } = reduction(
  'ReduceLogSum',
  18,
  (tf, x, axes, keepDims) => tf.log(tf.sum(x, axes, keepDims)),
);
export const { withAttribute: reduceLogSumExpAttributes, withInput: reduceLogSumExp } = reduction(
  'ReduceLogSumExp',
  18,
  (tf, x, axes, keepDims) => tf.logSumExp(x, axes, keepDims),
);
