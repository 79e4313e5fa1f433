import {
  backend_util,
  type CastAttrs,
  type ClipByValueAttrs,
  type DataType,
  type LeakyReluAttrs,
  type StepAttrs,
} from '@tensorflow/tfjs-core';
import { activatedInBlocks } from '../blocks/fusedInBlocks.js';
import { tensorType } from '../elementType.js';
import { binary, cast, unary, where } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Attributes, Source } from '../source.js';
import type { Traced } from '../traced.js';
import { castTraced, mapElements } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

type Formula<A> = (graph: PendingGraph, x: Source, attributes: A) => Source;

/** A kernel computed in float32; an int32 or bool input gives its own type back, as tf.js kernels do. */
function floatKernel<A = unknown>(name: string, formula: Formula<A>, result?: 'float32'): Kernel {
  return kernel<A>(name, (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const y = mapElements(graph, castTraced(graph, x, 'float32'), (source) => formula(graph, source, attributes));
    if (x.type === 'float32' || result === 'float32') return y;
    return castTraced(graph, castTraced(graph, y, 'int32'), x.type);
  });
}

/** A kernel that is one float operator of ONNX. */
function oneOp(name: string, op: string = name, attributes?: Attributes): Kernel {
  return floatKernel(name, (graph, x) => unary(graph, op, x, attributes));
}

/** A kernel that ONNX Runtime has for int32, too. */
function typedKernel<A = unknown>(name: string, formula: Formula<A>): Kernel {
  return kernel<A>(name, (graph, inputs, attributes) => {
    const x = inputs.get('x');
    const number = castTraced(graph, x, x.type === 'bool' ? 'int32' : x.type);
    return castTraced(
      graph,
      mapElements(graph, number, (source) => formula(graph, source, attributes)),
      x.type,
    );
  });
}

/** A predicate on floats; `otherwise` is its answer for every integer. */
function floatTest(name: string, formula: Formula<unknown>, otherwise: boolean): Kernel {
  return kernel(name, (graph, inputs, attributes) => {
    const x = inputs.get('x');
    if (x.type === 'float32') return mapElements(graph, x, (source) => formula(graph, source, attributes));
    return repeated(graph, x, otherwise ? 1 : 0, 'bool');
  });
}

/** One number everywhere, in the shape of a value. */
function repeated(graph: PendingGraph, like: Traced, value: number, dtype: DataType): Traced {
  const type = tensorType(dtype);
  const ones = like.shape.map(() => 1);
  return { ...like, type, source: graph.constant(type, ones, [value]) };
}

const float = (graph: PendingGraph, value: number): Source => graph.scalar('float32', value);

/** NaN stays NaN: ONNX promises it for neither Clip nor Relu, but ONNX Runtime keeps it, and a test holds it to that. */
function clip(graph: PendingGraph, x: Source, low: number, high: number): Source {
  if (x.type === 'float32') {
    const activation = { activation: 'Clip', activation_params: { floats: [low, high] } };
    const bounds = [graph.scalar('float32', low), graph.scalar('float32', high)];
    return activatedInBlocks(graph, x, activation) ?? graph.add('Clip', [x, ...bounds], 'float32', x.shape);
  }
  const raised = binary(graph, 'Max', x, graph.scalar(x.type, low));
  return Number.isFinite(high) ? binary(graph, 'Min', raised, graph.scalar(x.type, high)) : raised;
}

// tanh keeps the digits that exp(x) - 1 loses near zero.
function expm1(graph: PendingGraph, x: Source): Source {
  const half = unary(graph, 'Tanh', binary(graph, 'Mul', x, float(graph, 0.5)));
  const grown = binary(graph, 'Mul', half, binary(graph, 'Add', unary(graph, 'Exp', x), float(graph, 1)));
  return grown;
}

// log(u) · x / (u − 1) with the rounded u = 1 + x is exact where log(1 + x) has lost the digits of x.
function log1p(graph: PendingGraph, x: Source): Source {
  const u = binary(graph, 'Add', x, float(graph, 1));
  const log = unary(graph, 'Log', u);
  const corrected = binary(graph, 'Div', binary(graph, 'Mul', log, x), binary(graph, 'Sub', u, float(graph, 1)));
  const isTiny = binary(graph, 'Equal', u, float(graph, 1), 'bool');
  const isHuge = binary(graph, 'Greater', x, float(graph, 1e6), 'bool');
  return where(graph, isTiny, x, where(graph, isHuge, log, corrected));
}

function step(graph: PendingGraph, x: Source, alpha: number): Source {
  const isPositive = binary(graph, 'Greater', x, float(graph, 0), 'bool');
  const flat =
    alpha === 0 ? cast(graph, isPositive, 'float32') : where(graph, isPositive, float(graph, 1), float(graph, alpha));
  return where(graph, unary(graph, 'IsNaN', x, undefined, 'bool'), x, flat);
}

function finiteTest(graph: PendingGraph, x: Source): Source {
  return binary(graph, 'Equal', binary(graph, 'Sub', x, x), float(graph, 0), 'bool');
}

/** Kernels of one operand. */
export const unaryKernels: readonly Kernel[] = [
  typedKernel('Abs', (graph, x) => unary(graph, 'Abs', x)),
  oneOp('Acos'),
  oneOp('Acosh'),
  oneOp('Asin'),
  oneOp('Asinh'),
  oneOp('Atan'),
  oneOp('Atanh'),
  kernel<CastAttrs>('Cast', (graph, inputs, { dtype }) => castTraced(graph, inputs.get('x'), tensorType(dtype))),
  oneOp('Ceil'),
  typedKernel<ClipByValueAttrs>('ClipByValue', (graph, x, { clipValueMin, clipValueMax }) =>
    clip(graph, x, clipValueMin, clipValueMax),
  ),
  oneOp('Cos'),
  oneOp('Cosh'),
  oneOp('Elu'),
  oneOp('Erf'),
  floatKernel('Exp', (graph, x) => unary(graph, 'Exp', x), 'float32'),
  floatKernel('Expm1', expm1),
  oneOp('Floor'),
  kernel('Identity', (_graph, inputs) => inputs.get('x')),
  floatTest('IsFinite', finiteTest, true),
  floatTest('IsInf', (graph, x) => unary(graph, 'IsInf', x, undefined, 'bool'), false),
  floatTest('IsNan', (graph, x) => unary(graph, 'IsNaN', x, undefined, 'bool'), false),
  kernel<LeakyReluAttrs>('LeakyRelu', (graph, inputs, { alpha }) =>
    mapElements(graph, castTraced(graph, inputs.get('x'), 'float32'), (x) =>
      unary(graph, 'LeakyRelu', x, { alpha: { float: alpha } }),
    ),
  ),
  oneOp('Log'),
  floatKernel('Log1p', log1p),
  kernel('LogicalNot', (graph, inputs) =>
    mapElements(graph, castTraced(graph, inputs.get('x'), 'bool'), (x) => unary(graph, 'Not', x)),
  ),
  typedKernel('Neg', (graph, x) => unary(graph, 'Neg', x)),
  kernel('OnesLike', (graph, inputs) => {
    const x = inputs.get('x');
    return repeated(graph, x, 1, x.type);
  }),
  oneOp('Reciprocal'),
  typedKernel('Relu', (graph, x) =>
    x.type === 'float32'
      ? (activatedInBlocks(graph, x, { activation: 'Relu' }) ?? unary(graph, 'Relu', x))
      : clip(graph, x, 0, Infinity),
  ),
  typedKernel('Relu6', (graph, x) => clip(graph, x, 0, 6)),
  oneOp('Round'),
  floatKernel('Rsqrt', (graph, x) => unary(graph, 'Reciprocal', unary(graph, 'Sqrt', x))),
  oneOp('Selu', 'Selu', {
    alpha: { float: backend_util.SELU_SCALEALPHA / backend_util.SELU_SCALE },
    gamma: { float: backend_util.SELU_SCALE },
  }),
  oneOp('Sigmoid'),
  floatKernel('Sign', (graph, x) =>
    where(graph, unary(graph, 'IsNaN', x, undefined, 'bool'), float(graph, 0), unary(graph, 'Sign', x)),
  ),
  oneOp('Sin'),
  oneOp('Sinh'),
  oneOp('Softplus'),
  oneOp('Sqrt'),
  typedKernel('Square', (graph, x) => binary(graph, 'Mul', x, x)),
  floatKernel<StepAttrs>('Step', (graph, x, { alpha }) => step(graph, x, alpha)),
  oneOp('Tan'),
  oneOp('Tanh'),
  kernel('ZerosLike', (graph, inputs) => {
    const x = inputs.get('x');
    return repeated(graph, x, 0, x.type);
  }),
];
