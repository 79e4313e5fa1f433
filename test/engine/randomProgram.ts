/** @file Random programs of tf.js: chains of operators that move, reduce, mix and convolve, and take what comes. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

/** A program: the shape it starts with, and for each step which operator, and a number that decides the rest. */
export interface RandomProgram {
  readonly shape: readonly number[];
  readonly steps: readonly (readonly [operator: number, choice: number])[];
}

/** Gives a weight of a program; the same one at every run. */
export type Weights = (shape: readonly number[]) => tf.Tensor;

/**
 * Gives undefined where the operator does not fit.
 * @param n decides everything that is open
 */
type Step = (x: tf.Tensor, n: number, weights: Weights) => tf.Tensor | undefined;

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;
/** A choice that does not go along with that of `n % length`. */
const other = (n: number): number => Math.floor(n / 7);

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

/** One number for axis `n % rank`, another for the rest. */
const along = <T>(x: tf.Tensor, n: number, here: (dim: number) => T, elsewhere: (dim: number) => T): T[] =>
  x.shape.map((dim, axis) => (axis === n % x.rank ? here(dim) : elsewhere(dim)));
const same = (dim: number): number => dim;
const none = (): number => 0;

/** What moves and reduces elements of any tensor. */
const movements: readonly Step[] = [
  (x, n) => tf.transpose(x, order(x.rank, n)),
  (x, n) => tf.reshape(x, regrouped(x.shape, n)),
  (x, n) => (x.rank < 4 ? tf.expandDims(x, n % (x.rank + 1)) : undefined),
  (x) => tf.squeeze(x),
  (x, n) => tf.sum(x, n % x.rank, other(n) % 2 === 0),
  (x, n) => tf.mean(x, n % x.rank, other(n) % 2 === 0),
  (x, n) => tf.max(x, n % x.rank, other(n) % 2 === 0),
  (x, n, weights) => tf.add(x, weights(x.shape.slice(n % x.rank))),
  (x, n, weights) => tf.mul(x, weights(along(x, n, same, () => 1))),
  (x) => tf.relu(x),
  (x) => tf.sigmoid(x),
  (x, n) => tf.leakyRelu(x, pick([0.1, 0.5], n)),
  (x, n) => tf.softmax(x, pick([-1, x.rank - 1], n)),
  (x, n) => tf.logSumExp(x, n % x.rank, other(n) % 2 === 0),
  (x, n, weights) => tf.where(tf.greater(x, 0.1), x, weights(x.shape.slice(n % x.rank))),
  (x, n) => {
    const cut = (dim: number): number => (dim > 1 ? 1 : 0);
    return tf.slice(
      x,
      along(x, n, cut, none),
      along(x, n, (dim) => dim - cut(dim), same),
    );
  },
  (x, n) =>
    tf.pad(
      x,
      along<[number, number]>(
        x,
        n,
        () => [1, 2],
        () => [0, 0],
      ),
    ),
  (x, n) =>
    tf.mirrorPad(
      x,
      along<[number, number]>(
        x,
        n,
        (dim) => [dim - 1, 1],
        () => [0, 0],
      ),
      'symmetric',
    ),
  (x, n) => tf.concat([x, tf.neg(x)], n % x.rank),
  (x, n) => tf.addN(tf.split(tf.concat([x, tf.square(x)], n % x.rank), 2, n % x.rank).map((part) => tf.mul(part, 0.5))),
  (x, n) =>
    tf.tile(
      x,
      along(
        x,
        n,
        () => 2,
        () => 1,
      ),
    ),
  (x, n) => tf.reverse(x, n % x.rank),
  (x, n) => tf.cumsum(x, n % x.rank, other(n) % 2 === 0, other(n) % 3 === 0),
  (x, n) => tf.gather(x, tf.tensor1d([0, x.shape[n % x.rank]! - 1, 0], 'int32'), n % x.rank),
  (x, n) => (x.rank < 4 ? tf.stack([x, tf.mul(x, 2)], n % (x.rank + 1)) : undefined),
  (x, n) => tf.stack(tf.unstack(x, n % x.rank).reverse(), n % x.rank),
  (x, n, weights) => (x.rank < 2 ? undefined : tf.matMul(x, weights([x.shape.at(-1)!, 1 + (n % 3)]))),
  (x, _n, weights) => (x.rank < 2 ? undefined : tf.matMul(weights([2, x.shape.at(-2)!]), x)),
];

type Shape4 = [number, number, number, number];

/** Paddings that leave something of an image behind a filter of that size. */
function padding({ shape }: tf.Tensor4D, size: number, n: number): 'same' | 'valid' | Explicit {
  const fits = shape[1] >= size && shape[2] >= size;
  return pick(fits ? ['same', 'valid', around(size)] : ['same'], n);
}

type Explicit = [[number, number], [number, number], [number, number], [number, number]];
const around = (size: number): Explicit => [
  [0, 0],
  [size - 1, 0],
  [0, Math.floor(size / 2)],
  [0, 0],
];

const channelsOf = ({ shape }: tf.Tensor4D): number => shape[3];

/** What is done to images [N, H, W, C], with few channels and with many. */
const imageSteps: readonly ((x: tf.Tensor4D, n: number, weights: Weights) => tf.Tensor | undefined)[] = [
  (x, n, weights) => {
    const size = pick([1, 2, 3, 5], n);
    const filter: Shape4 = [size, pick([size, 1, 3], other(n)), channelsOf(x), pick([1, 3, 8, 16, 24, 33], other(n))];
    const pad = padding(x, Math.max(filter[0], filter[1]), n >> 3);
    return tf.conv2d(x, tf.mul(weights(filter), 0.3) as tf.Tensor4D, pick([1, 2, 1, 3], n >> 2), pad);
  },
  (x, n, weights) => {
    const filter = tf.mul(weights([1, 1, channelsOf(x), pick([8, 16, 32], n)]), 0.3) as tf.Tensor4D;
    return tf.conv2d(x, filter, pick([1, 2], other(n)), 'same');
  },
  (x, n, weights) => {
    const size = pick([2, 3, 5], n);
    const filter = weights([size, size, channelsOf(x), pick([1, 1, 2], other(n))]) as tf.Tensor4D;
    return tf.depthwiseConv2d(x, filter, pick([1, 2], n >> 2), padding(x, size, n >> 3) as 'same' | 'valid');
  },
  (x, _n, weights) => {
    const filter = tf.mul(weights([3, 3, channelsOf(x), channelsOf(x)]), 0.2) as tf.Tensor4D;
    return tf.add(x, tf.relu(tf.conv2d(x, filter, 1, 'same')));
  },
  (x, n) => tf.maxPool(x, pick([2, 3], n), pick([1, 2], other(n)), 'same'),
  (x, n) => (x.shape[1] > 1 && x.shape[2] > 1 ? tf.avgPool(x, 2, pick([1, 2], n), 'valid') : undefined),
  (x, _n, weights) => {
    const vector = (): tf.Tensor1D => weights([channelsOf(x)]) as tf.Tensor1D;
    const variance = tf.add<tf.Tensor1D>(tf.square(vector()), 0.5);
    return tf.batchNorm(x, vector(), variance, vector(), vector());
  },
  (x, _n, weights) => {
    const inputs = { x, scale: weights([channelsOf(x)]), offset: weights([channelsOf(x)]) };
    return tf.engine().runKernel<tf.Tensor[]>('FusedBatchNormV3', inputs, { epsilon: 0.1 })[0];
  },
  (x, _n, weights) => tf.relu(tf.add(x, weights([channelsOf(x)]))),
  (x) => tf.relu6(tf.mul(x, 3)),
  (x) => tf.mul(x, tf.sigmoid(tf.mean(x, [1, 2], true))),
  (x) => tf.concat([x, tf.relu(x)], 3),
];

const onImages: readonly Step[] = imageSteps.map(
  (step): Step =>
    (x, n, weights) =>
      x.rank === 4 ? step(x as tf.Tensor4D, n, weights) : undefined,
);

/** Every operator of a program; images come first. */
const operators: readonly Step[] = [...onImages, ...movements];

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const stepsUpTo = (kinds: number, maxLength: number) =>
  fc.array(fc.tuple(fc.nat(kinds - 1), fc.nat(1000)), { minLength: 1, maxLength });

/** Tensors of any rank, and all operators. */
export const programs: fc.Arbitrary<RandomProgram> = fc.record({
  shape: fc.oneof(fc.tuple(upTo(2), upTo(5), upTo(5), upTo(4)), fc.array(upTo(5), { minLength: 1, maxLength: 3 })),
  steps: stepsUpTo(operators.length, 9),
});

/** Images with up to 33 channels, and what convolutional networks do to them. */
export const imagePrograms: fc.Arbitrary<RandomProgram> = fc.record({
  shape: fc.tuple(upTo(5), upTo(9), upTo(9), fc.constantFrom(1, 3, 8, 16, 17, 32)),
  steps: stepsUpTo(onImages.length, 6),
});

const largest = 20_000;

/** Runs a program; steps that do not fit are left out, and what grows too large ends it. */
export function runProgram({ steps }: RandomProgram, x: tf.Tensor, weights: Weights): tf.Tensor {
  let value = x;
  for (const [operator, choice] of steps) {
    if (value.rank === 0 || value.size > largest) break;
    value = operators[operator]!(value, choice, weights) ?? value;
  }
  return value;
}
