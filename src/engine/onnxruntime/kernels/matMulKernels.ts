import type { BatchMatMulAttrs } from '@tensorflow/tfjs-core';
import { sizeOf } from '../elementType.js';
import { filled, matMul } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { plainOrder, plainTraced, type Traced } from '../traced.js';
import { castTraced, commonType } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

/** A matrix operand as it lies in memory, and whether the product must read it transposed. */
interface Operand {
  readonly source: Source;
  readonly transposed: boolean;
}

// A value whose last two axes lie swapped is not moved: the product reads it the other way round.
function operand(graph: PendingGraph, value: Traced, transposed: boolean): Operand {
  const rank = value.shape.length;
  const liesSwapped = value.order.indexOf(rank - 1) < value.order.indexOf(rank - 2);
  if (!liesSwapped) return { source: inOrder(graph, value, plainOrder(rank)), transposed };
  const order = [...plainOrder(rank - 2), rank - 1, rank - 2];
  return { source: inOrder(graph, value, order), transposed: !transposed };
}

/** The length of the axes that a product sums over. @throws Error when they differ */
function innerSize(a: readonly number[], b: readonly number[], transposeA: boolean, transposeB: boolean): number {
  const inner = a[a.length - (transposeA ? 2 : 1)];
  const other = b[b.length - (transposeB ? 1 : 2)];
  if (inner === undefined || inner !== other) {
    throw new Error(
      `Error in matMul: inner shapes (${inner}) and (${other}) of Tensors with shapes ${a} and ${b} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
    );
  }
  return inner;
}

/** Kernels of matrix products. */
export const matMulKernels: readonly Kernel[] = [
  kernel<BatchMatMulAttrs>('BatchMatMul', (graph, inputs, { transposeA, transposeB }) => {
    const values = [inputs.get('a'), inputs.get('b')];
    const inner = innerSize(values[0]!.shape, values[1]!.shape, transposeA, transposeB);
    const common = commonType(values);
    const type = common === 'bool' ? 'int32' : common;
    const [a, b] = values.map((value) => castTraced(graph, value, type));
    const left = operand(graph, a!, transposeA);
    const right = operand(graph, b!, transposeB);
    const product = matMul(graph, left.source, right.source, left.transposed, right.transposed);
    const isEmptySum = inner === 0 && sizeOf(product.shape) > 0;
    return plainTraced(isEmptySum ? filled(graph, type, product.shape, 0) : product);
  }),
];
