import {
  add,
  backend_util,
  type ClipByValueAttrs,
  cast,
  cos,
  cosh,
  div,
  exp,
  type GradConfig,
  greater,
  greaterEqual,
  type LeakyReluAttrs,
  less,
  lessEqual,
  logicalAnd,
  mul,
  neg,
  onesLike,
  rsqrt,
  scalar,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
} from '@tensorflow/tfjs-core';
import { flat, gradient, masked, slopeOfInput, slopeOfOutput } from './gradient.js';
import { runKernel } from './runKernel.js';

const one = (like: Tensor): Tensor => onesLike(like);
const oneMinusSquare = (x: Tensor): Tensor => sub(one(x), square(x));

/** Gradients of kernels with one operand; y is the result, dy its gradient. */
export const unaryGradients: readonly GradConfig[] = [
  slopeOfInput('Abs', sign),
  slopeOfInput('Acos', (x) => neg(rsqrt(oneMinusSquare(x)))),
  slopeOfInput('Acosh', (x) => rsqrt(sub(square(x), one(x)))),
  slopeOfInput('Asin', (x) => rsqrt(oneMinusSquare(x))),
  slopeOfInput('Asinh', (x) => rsqrt(add(square(x), one(x)))),
  slopeOfInput('Atan', (x) => div(one(x), add(square(x), one(x)))),
  slopeOfInput('Atanh', (x) => div(one(x), oneMinusSquare(x))),
  gradient('Cast', {}, (dy) => ({ x: () => cast(dy, 'float32') })),
  flat('Ceil', 'x'),
  gradient<ClipByValueAttrs>('ClipByValue', { inputs: ['x'] }, (dy, [x], { clipValueMin, clipValueMax }) => ({
    x: () => masked(dy, logicalAnd(greaterEqual(x!, clipValueMin), lessEqual(x!, clipValueMax))),
  })),
  slopeOfInput('Cos', (x) => neg(sin(x))),
  slopeOfInput('Cosh', sinh),
  gradient('Elu', { outputs: [true] }, (dy, [y]) => ({ x: () => runKernel('EluGrad', { dy, y: y! }) })),
  slopeOfInput('Erf', (x) => mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(square(x))))),
  slopeOfOutput('Exp', (y) => y),
  slopeOfOutput('Expm1', (y) => add(y, one(y))),
  flat('Floor', 'x'),
  gradient('Identity', {}, (dy) => ({ x: () => cast(dy, 'float32') })),
  flat('IsFinite', 'x'),
  flat('IsInf', 'x'),
  flat('IsNan', 'x'),
  gradient<LeakyReluAttrs>('LeakyRelu', { inputs: ['x'] }, (dy, [x], { alpha }) => ({
    x: () => where(greater(x!, 0), dy, mul(dy, alpha)),
  })),
  gradient('Log', { inputs: ['x'] }, (dy, [x]) => ({ x: () => div(dy, x!) })),
  gradient('Log1p', { inputs: ['x'] }, (dy, [x]) => ({ x: () => div(dy, add(one(x!), x!)) })),
  flat('LogicalNot', 'x'),
  gradient('Neg', {}, (dy) => ({ x: () => neg(dy) })),
  flat('OnesLike', 'x'),
  slopeOfOutput('Reciprocal', (y) => neg(square(y))),
  gradient('Relu', { outputs: [true] }, (dy, [y]) => ({ x: () => masked(dy, greater(y!, 0)) })),
  // By the result, which the next layer keeps as well; at the bends the slope is 0, as PyTorch has it.
  gradient('Relu6', { outputs: [true] }, (dy, [y]) => ({
    x: () => masked(dy, logicalAnd(greater(y!, 0), less(y!, 6))),
  })),
  flat('Round', 'x'),
  // y³ = (1/√x)³
  slopeOfOutput('Rsqrt', (y) => mul(scalar(-0.5), mul(y, square(y)))),
  gradient('Selu', { outputs: [true] }, (dy, [y]) => ({
    // Below zero y = λα(eˣ − 1), so its slope is y + λα.
    x: () => where(greater(y!, 0), mul(dy, backend_util.SELU_SCALE), mul(dy, add(y!, backend_util.SELU_SCALEALPHA))),
  })),
  slopeOfOutput('Sigmoid', (y) => mul(y, sub(one(y), y))),
  flat('Sign', 'x'),
  slopeOfInput('Sin', cos),
  slopeOfInput('Sinh', cosh),
  slopeOfInput('Softplus', sigmoid),
  gradient('Sqrt', { inputs: ['x'] }, (dy, [x]) => ({ x: () => div(dy, mul(scalar(2), sqrt(x!))) })),
  // dy first: under a mean it is one number per channel.
  gradient('Square', { inputs: ['x'] }, (dy, [x]) => ({ x: () => mul(mul(dy, 2), cast(x!, 'float32')) })),
  flat('Step', 'x'),
  slopeOfInput('Tan', (x) => div(one(x), square(cos(x)))),
  slopeOfOutput('Tanh', oneMinusSquare),
  flat('ZerosLike', 'x'),
];
