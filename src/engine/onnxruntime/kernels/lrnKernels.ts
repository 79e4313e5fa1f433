import type { LRNAttrs, LRNGradAttrs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { binary, reshape, unary } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { tracedInOrder } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

const imageOrder = [0, 3, 1, 2];

const float = (graph: PendingGraph, value: number): Source => graph.scalar('float32', value);

/** Sums of 2 · radius + 1 neighbouring channels of [N, C, H, W]. */
function neighbours(graph: PendingGraph, x: Source, radius: number): Source {
  const [batch, channels, ...pixels] = x.shape;
  const size = 2 * radius + 1;
  const rows = reshape(graph, x, [batch!, 1, channels!, sizeOf(pixels)]);
  const mean = unary(graph, 'AveragePool', rows, {
    kernel_shape: [size, 1],
    pads: [radius, 0, radius, 0],
    count_include_pad: 1,
  });
  return reshape(graph, binary(graph, 'Mul', mean, float(graph, size)), x.shape);
}

/** Local response normalisation over the channels of [N, H, W, C]: y = x · n^−β with n = bias + α Σ x², and its gradient. */
export const lrnKernels: readonly Kernel[] = [
  kernel<LRNAttrs>('LRN', (graph, inputs, { depthRadius, bias, alpha, beta }) => {
    const x = inOrder(graph, inputs.get('x'), imageOrder);
    const size = 2 * depthRadius + 1;
    // ONNX divides α by the number of channels.
    const attributes = { size, bias: { float: bias }, alpha: { float: alpha * size }, beta: { float: beta } };
    return tracedInOrder(unary(graph, 'LRN', x, attributes), imageOrder);
  }),
  // ∂x = dy · n^−β − 2αβ · x · Σ dy · y / n
  kernel<LRNGradAttrs>('LRNGrad', (graph, inputs, { depthRadius, bias, alpha, beta }) => {
    const [x, y, dy] = ['x', 'y', 'dy'].map((name) => inOrder(graph, inputs.get(name), imageOrder));
    const mul = (a: Source, b: Source): Source => binary(graph, 'Mul', a, b);
    const squares = neighbours(graph, mul(x!, x!), depthRadius);
    const norm = binary(graph, 'Add', mul(squares, float(graph, alpha)), float(graph, bias));
    const shares = binary(graph, 'Div', mul(dy!, y!), norm);
    const others = mul(mul(x!, neighbours(graph, shares, depthRadius)), float(graph, 2 * alpha * beta));
    const own = mul(dy!, binary(graph, 'Pow', norm, float(graph, -beta)));
    return tracedInOrder(binary(graph, 'Sub', own, others), imageOrder);
  }),
];
