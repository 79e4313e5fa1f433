import {
  add,
  cast,
  div,
  floorDiv,
  type GradConfig,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logicalNot,
  mul,
  neg,
  pow,
  square,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { flat, gradient, masked, unbroadcast, zeros } from './gradient.js';

type Partial = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;

/** The gradient of a broadcasting kernel from its two partial derivatives times dy. */
function pair(name: string, byA: Partial, byB: Partial): GradConfig {
  return gradient(name, { inputs: ['a', 'b'], outputs: [true] }, (dy, [a, b, y]) => ({
    a: () => unbroadcast(byA(dy, a!, b!, y!), a!.shape),
    b: () => unbroadcast(byB(dy, a!, b!, y!), b!.shape),
  }));
}

const float = (x: Tensor): Tensor => cast(x, 'float32');

// x·log x → 0 for x → 0, and a negative base has no derivative by its exponent.
function logOrZero(a: Tensor): Tensor {
  const isPositive = greater(a, 0);
  return where(isPositive, log(where(isPositive, a, add(zerosLike(a), 1))), zerosLike(a));
}

/** Gradients of kernels with two operands, and those that read like one. */
export const binaryGradients: readonly GradConfig[] = [
  pair(
    'Add',
    (dy) => dy,
    (dy) => dy,
  ),
  gradient('AddN', { allInputs: true }, (dy, saved) =>
    Object.fromEntries(saved.map((_, i) => [String(i), () => cast(dy, 'float32')])),
  ),
  pair(
    'Atan2',
    (dy, a, b) => mul(dy, div(b, add(square(a), square(b)))),
    (dy, a, b) => mul(dy, neg(div(a, add(square(a), square(b))))),
  ),
  flat('Equal', 'a', 'b'),
  // Of whole numbers, tf.div makes a FloorDiv: its gradient is then that of the quotient, as everywhere in tf.js.
  pair(
    'FloorDiv',
    (dy, a, b) => (a.dtype === 'float32' ? zeros(a) : div(dy, float(b))),
    (dy, a, b) => (a.dtype === 'float32' ? zeros(b) : neg(div(mul(dy, float(a)), square(float(b))))),
  ),
  flat('Greater', 'a', 'b'),
  flat('GreaterEqual', 'a', 'b'),
  flat('Less', 'a', 'b'),
  flat('LessEqual', 'a', 'b'),
  flat('LogicalAnd', 'a', 'b'),
  flat('LogicalOr', 'a', 'b'),
  flat('NotEqual', 'a', 'b'),
  pair(
    'Maximum',
    (dy, a, b) => masked(dy, greaterEqual(a, b)),
    (dy, a, b) => masked(dy, less(a, b)),
  ),
  pair(
    'Minimum',
    (dy, a, b) => masked(dy, lessEqual(a, b)),
    (dy, a, b) => masked(dy, greater(a, b)),
  ),
  pair(
    'Mod',
    (dy) => dy,
    (dy, a, b) => mul(dy, neg(float(floorDiv(a, b)))),
  ),
  pair(
    'Multiply',
    (dy, _a, b) => mul(dy, float(b)),
    (dy, a) => mul(dy, float(a)),
  ),
  pair(
    'Pow',
    (dy, a, b) => mul(dy, mul(float(b), pow(float(a), sub(float(b), 1)))),
    (dy, a, _b, y) => mul(dy, mul(y, logOrZero(float(a)))),
  ),
  gradient('Prelu', { inputs: ['x', 'alpha'] }, (dy, [x, alpha]) => ({
    x: () => where(greater(x!, 0), dy, mul(dy, alpha!)),
    alpha: () => unbroadcast(where(greater(x!, 0), zerosLike(dy), mul(dy, x!)), alpha!.shape),
  })),
  gradient('RealDiv', { inputs: ['a', 'b'], outputs: [true] }, (dy, [a, b, y]) => ({
    a: () => unbroadcast(div(dy, float(b!)), a!.shape),
    b: () => neg(div(unbroadcast(mul(dy, y!), b!.shape), float(b!))),
  })),
  gradient('Select', { inputs: ['condition'] }, (dy, [condition]) => ({
    condition: () => zeros(condition!),
    t: () => masked(dy, cast(condition!, 'bool')),
    e: () => masked(dy, logicalNot(cast(condition!, 'bool'))),
  })),
  pair(
    'SquaredDifference',
    (dy, a, b) => mul(dy, mul(2, sub(a, b))),
    (dy, a, b) => mul(dy, mul(2, sub(b, a))),
  ),
  // Reduced before it is negated: an operand that was broadcast is the smaller one.
  gradient('Sub', { inputs: ['a', 'b'] }, (dy, [a, b]) => ({
    a: () => unbroadcast(dy, a!.shape),
    b: () => neg(unbroadcast(dy, b!.shape)),
  })),
];
