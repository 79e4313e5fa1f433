import { backend_util, type EinsumAttrs, type Tensor } from '@tensorflow/tfjs-core';
import { inOrder } from '../layout.js';
import { plainTraced } from '../traced.js';
import { castTraced, commonType } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

/** `ab,bc->ac`: sums of products along named axes. */
export const einsumKernels: readonly Kernel[] = [
  kernel<EinsumAttrs>('Einsum', (graph, inputs, { equation }) => {
    const values = inputs.all();
    const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, values.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, values as unknown as Tensor[]);
    const [left, right] = equation.replace(/\s/g, '').split('->') as [string, string];
    const type = commonType(values) === 'float32' ? 'float32' : 'int32';
    const sizes = new Map<string, number>();
    const terms = left.split(',').map((labels, i) => {
      const { shape, order } = values[i]!;
      for (const [axis, label] of [...labels].entries()) sizes.set(label, shape[axis]!);
      return order.map((axis) => labels[axis]).join('');
    });
    const operands = values.map((value) => inOrder(graph, castTraced(graph, value, type), value.order));
    const shape = [...right].map((label) => sizes.get(label)!);
    return plainTraced(graph.add('Einsum', operands, type, shape, { equation: `${terms.join(',')}->${right}` }));
  }),
];
