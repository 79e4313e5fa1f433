import { binary, reduce, unary } from '../emit.js';
import { inOrder, orderWithout } from '../layout.js';
import { tracedInOrder } from '../traced.js';
import { castTraced } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

/** The axis of the classes, from 0. */
interface CrossEntropyAttrs {
  readonly axis: number;
}

/**
 * TensorFlow's kernel of that name, over any axis: the cross-entropy of the labels and the softmax of the features, its
 * gradient by the features, `softmax · Σ labels − labels`, and `log softmax`.
 */
export const crossEntropyKernels: readonly Kernel[] = [
  kernel<CrossEntropyAttrs>('SoftmaxCrossEntropyWithLogits', (graph, inputs, { axis }) => {
    const features = inputs.get('features');
    const { order } = features;
    const place = order.indexOf(axis);
    const logarithms = unary(graph, 'LogSoftmax', inOrder(graph, features, order), { axis: place });
    const labels = inOrder(graph, castTraced(graph, inputs.get('labels'), 'float32'), order);
    const loss = unary(graph, 'Neg', reduce(graph, 'ReduceSum', binary(graph, 'Mul', labels, logarithms), [place]));
    const sums = reduce(graph, 'ReduceSum', labels, [place], true);
    const backprop = binary(graph, 'Sub', binary(graph, 'Mul', unary(graph, 'Exp', logarithms), sums), labels);
    return [
      tracedInOrder(loss, orderWithout(order, [axis])),
      ...[backprop, logarithms].map((x) => tracedInOrder(x, order)),
    ];
  }),
];
