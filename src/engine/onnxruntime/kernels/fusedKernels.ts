import type { _FusedMatMulAttrs, FusedConv2DAttrs, FusedDepthwiseConv2DAttrs } from '@tensorflow/tfjs-core';
import type { PendingGraph } from '../pendingGraph.js';
import { reshapeTraced } from '../reshapeTraced.js';
import type { Traced } from '../traced.js';
import { binaryKernels } from './binaryKernels.js';
import { convKernels } from './convKernels.js';
import { type Kernel, kernel, traceWith } from './kernel.js';
import { matMulKernels } from './matMulKernels.js';
import { unaryKernels } from './unaryKernels.js';

/** The names of tf.js's fused activations, and of their kernels. */
const activationKernels: Readonly<Record<string, string>> = {
  elu: 'Elu',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
  relu: 'Relu',
  relu6: 'Relu6',
  sigmoid: 'Sigmoid',
};

const parts = [...unaryKernels, ...binaryKernels, ...convKernels, ...matMulKernels];

function named(name: string): Kernel {
  const found = parts.find((part) => part.name === name);
  if (found === undefined) throw new Error(`onnxruntime backend: kernel '${name}' is not there to be fused`);
  return found;
}

interface FusedAttrs {
  readonly activation: string | null;
  readonly leakyreluAlpha?: number;
  readonly dataFormat?: 'NHWC' | 'NCHW';
}

/** A product, then a bias, then an activation. ONNX Runtime fuses what it can by itself. */
function fused<A extends FusedAttrs>(name: string, product: string, operands: readonly string[]): Kernel {
  const multiply = named(product);
  const add = named('Add');
  return kernel<A>(name, (graph, inputs, attributes) => {
    const operandsOf = Object.fromEntries(operands.map((operand) => [operand, inputs.get(operand)]));
    const y = traceWith(multiply, graph, operandsOf, attributes);
    const perChannel = (value: Traced | undefined): Traced | undefined => alignChannels(graph, value, attributes);
    const bias = perChannel(inputs.optional('bias'));
    const shifted = bias === undefined ? y : traceWith(add, graph, { a: y, b: bias });
    const alpha = perChannel(inputs.optional('preluActivationWeights'));
    return activate(graph, shifted, alpha, attributes);
  });
}

// One number for each channel, where channels are not the last axis.
function alignChannels(graph: PendingGraph, value: Traced | undefined, { dataFormat }: FusedAttrs): Traced | undefined {
  const isVector = value?.shape.length === 1 && value.shape[0] !== 1;
  return dataFormat === 'NCHW' && isVector ? reshapeTraced(graph, value, [value.shape[0]!, 1, 1]) : value;
}

function activate(
  graph: PendingGraph,
  x: Traced,
  alpha: Traced | undefined,
  { activation, leakyreluAlpha }: FusedAttrs,
): Traced {
  if (activation == null || activation === 'linear') return x;
  const name = activationKernels[activation];
  if (name === undefined) throw new Error(`onnxruntime backend: no fused activation '${activation}'`);
  return traceWith(named(name), graph, { x, alpha }, { alpha: leakyreluAlpha });
}

/** Products with bias and activation in one kernel. */
export const fusedKernels: readonly Kernel[] = [
  fused<_FusedMatMulAttrs>('_FusedMatMul', 'BatchMatMul', ['a', 'b']),
  fused<FusedConv2DAttrs>('FusedConv2D', 'Conv2D', ['x', 'filter']),
  fused<FusedDepthwiseConv2DAttrs>('FusedDepthwiseConv2D', 'DepthwiseConv2dNative', ['x', 'filter']),
];
