/** @file Random programs of tf.js: chains of operators that move, reduce, mix and convolve, and take what comes. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { numbers } from './backends.js';

/** A program: the shape it starts with, and for each step which operator, and a number that decides the rest. */
export interface RandomProgram {
  readonly shape: readonly number[];
  readonly steps: readonly (readonly [operator: number, choice: number])[];
}

/** Gives undefined where the operator does not fit. @param n decides everything that is open */
type Step = (x: tf.Tensor, n: number) => tf.Tensor | undefined;

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;
const seeded = (shape: readonly number[], n: number): tf.Tensor =>
  tf.tensor(numbers(tf.util.sizeFromShape([...shape]), n + 1), [...shape]);
const is4D = (x: tf.Tensor): x is tf.Tensor4D => x.rank === 4;

/** Orders of axes: rotations, and those of images. */
function order(rank: number, n: number): number[] {
  if (rank === 4 && n % 3 > 0) return n % 3 === 1 ? [0, 3, 1, 2] : [0, 2, 3, 1];
  return Array.from({ length: rank }, (_, axis) => (axis + n) % rank);
}

/** Shapes of the same size: two axes joined, or one split. */
function regrouped(shape: readonly number[], n: number): number[] {
  const axis = n % shape.length;
  const next = shape[axis + 1];
  if (next !== undefined && n % 2 === 0)
    return [...shape.slice(0, axis), shape[axis]! * next, ...shape.slice(axis + 2)];
  if (shape.length === 4 || shape[axis]! % 2 !== 0) return [...shape];
  return [...shape.slice(0, axis), 2, shape[axis]! / 2, ...shape.slice(axis + 1)];
}

const steps: readonly Step[] = [
  (x, n) => tf.transpose(x, order(x.rank, n)),
  (x, n) => tf.reshape(x, regrouped(x.shape, n)),
  (x, n) => (x.rank < 4 ? tf.expandDims(x, n % (x.rank + 1)) : undefined),
  (x) => tf.squeeze(x),
  (x, n) => tf.sum(x, n % x.rank, n % 2 === 0),
  (x, n) => tf.mean(x, n % x.rank, n % 2 === 1),
  (x, n) => tf.max(x, n % x.rank, true),
  (x, n) => tf.add(x, seeded(x.shape.slice(n % x.rank), n)),
  (x, n) =>
    tf.mul(
      x,
      seeded(
        x.shape.map((dim, axis) => (axis === n % x.rank ? dim : 1)),
        n,
      ),
    ),
  (x) => tf.relu(x),
  (x) => tf.sigmoid(x),
  (x, n) => tf.softmax(x, n % 2 === 0 ? -1 : x.rank - 1),
  (x, n) =>
    tf.slice(
      x,
      x.shape.map((dim, axis) => (axis === n % x.rank && dim > 1 ? 1 : 0)),
      x.shape.map((dim, axis) => (axis === n % x.rank && dim > 1 ? dim - 1 : dim)),
    ),
  (x, n) =>
    tf.pad(
      x,
      x.shape.map((_, axis): [number, number] => (axis === n % x.rank ? [1, 2] : [0, 0])),
    ),
  (x, n) => tf.concat([x, tf.neg(x)], n % x.rank),
  (x, n) => tf.addN(tf.split(tf.concat([x, tf.square(x)], n % x.rank), 2, n % x.rank).map((part) => tf.mul(part, 0.5))),
  (x, n) =>
    tf.tile(
      x,
      x.shape.map((_, axis) => (axis === n % x.rank ? 2 : 1)),
    ),
  (x, n) => tf.reverse(x, n % x.rank),
  (x, n) => tf.cumsum(x, n % x.rank, n % 2 === 0, n % 3 === 0),
  (x, n) => tf.gather(x, tf.tensor1d([0, x.shape[n % x.rank]! - 1, 0], 'int32'), n % x.rank),
  (x, n) => (x.rank < 4 ? tf.stack([x, tf.mul(x, 2)], n % (x.rank + 1)) : undefined),
  (x, n) => tf.stack(tf.unstack(x, n % x.rank).reverse(), n % x.rank),
  (x, n) => (x.rank < 2 ? undefined : tf.matMul(x, seeded([x.shape.at(-1)!, 1 + (n % 3)], n))),
  (x, n) => (x.rank < 2 ? undefined : tf.matMul(seeded([2, x.shape.at(-2)!], n), x)),
  (x, n) =>
    is4D(x)
      ? tf.conv2d(x, seeded([pick([1, 2, 3], n), 2, x.shape[3], 3], n) as tf.Tensor4D, pick([1, 2], n >> 2), 'same')
      : undefined,
  (x, n) =>
    is4D(x)
      ? tf.depthwiseConv2d(x, seeded([2, 2, x.shape[3], 1], n) as tf.Tensor4D, pick([1, 2], n), 'same')
      : undefined,
  (x, n) => (is4D(x) && x.shape[1] > 1 && x.shape[2] > 1 ? tf.avgPool(x, 2, pick([1, 2], n), 'valid') : undefined),
  (x, n) => (is4D(x) ? tf.maxPool(x, 2, pick([1, 2], n), 'same') : undefined),
  (x, n) => {
    const channels = [x.shape.at(-1)!];
    const positive = tf.add(tf.square(seeded(channels, n)), 0.5);
    const vector = (seed: number) => seeded(channels, seed) as tf.Tensor1D;
    return is4D(x) ? tf.batchNorm(x, vector(n), positive as tf.Tensor1D, vector(n + 1), vector(n + 2)) : undefined;
  },
];

export const programs: fc.Arbitrary<RandomProgram> = fc.record({
  shape: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
      ),
    },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }) },
  ),
  steps: fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(1000)), { minLength: 1, maxLength: 9 }),
});

const largest = 20_000;

/** Runs a program; steps that do not fit are left out, and what grows too large ends it. */
export function runProgram({ steps: chosen }: RandomProgram, x: tf.Tensor): tf.Tensor {
  let value = x;
  for (const [operator, choice] of chosen) {
    if (value.rank === 0 || value.size > largest) break;
    value = steps[operator]!(value, choice) ?? value;
  }
  return value;
}
