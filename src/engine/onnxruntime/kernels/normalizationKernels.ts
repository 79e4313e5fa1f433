import type { FusedBatchNormAttrs, SoftmaxAttrs } from '@tensorflow/tfjs-core';
import { binary, unary } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { plainTraced, type Traced, tracedInOrder } from '../traced.js';
import { castTraced, mapAligned } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

interface Statistics {
  readonly x: Traced;
  readonly mean: Traced;
  readonly variance: Traced;
  readonly scale: Traced;
  readonly offset: Traced;
  readonly epsilon: number;
}

/** True where ONNX's BatchNormalization reads the memory as it is: channels at physical axis 1, one number for each. */
function isPerChannel({ x, mean, variance, scale, offset }: Statistics): boolean {
  const rank = x.shape.length;
  return (
    x.order[1] === rank - 1 &&
    rank > 2 &&
    [mean, variance, scale, offset].every((v) => v.shape.length === 1 && v.shape[0] === x.shape[rank - 1])
  );
}

function batchNormalization(graph: PendingGraph, statistics: Statistics): Traced {
  const { x, mean, variance, scale, offset, epsilon } = statistics;
  const vector = (value: Traced): Source => inOrder(graph, value, [0]);
  const source = inOrder(graph, x, x.order);
  const inputs = [source, vector(scale), vector(offset), vector(mean), vector(variance)];
  const attributes = { epsilon: { float: epsilon } };
  return tracedInOrder(graph.add('BatchNormalization', inputs, 'float32', source.shape, attributes), x.order);
}

function decomposed(graph: PendingGraph, { x, mean, variance, scale, offset, epsilon }: Statistics): Traced {
  const factor = mapAligned(graph, [scale, variance], (s, v) =>
    binary(graph, 'Div', s!, unary(graph, 'Sqrt', binary(graph, 'Add', v!, graph.scalar('float32', epsilon)))),
  );
  const centred = mapAligned(graph, [x, mean], (a, m) => binary(graph, 'Sub', a!, m!));
  const scaled = mapAligned(graph, [centred, factor], (a, f) => binary(graph, 'Mul', a!, f!));
  return mapAligned(graph, [scaled, offset], (a, o) => binary(graph, 'Add', a!, o!));
}

/** Normalisations over an axis. */
export const normalizationKernels: readonly Kernel[] = [
  kernel<FusedBatchNormAttrs>('FusedBatchNorm', (graph, inputs, { varianceEpsilon }) => {
    const mean = inputs.get('mean');
    const like = (value: number): Traced => ({
      ...plainTraced(
        graph.constant(
          'float32',
          mean.shape.map(() => 1),
          [value],
        ),
      ),
      shape: mean.shape,
    });
    const statistics: Statistics = {
      x: inputs.get('x'),
      mean,
      variance: inputs.get('variance'),
      scale: inputs.optional('scale') ?? like(1),
      offset: inputs.optional('offset') ?? like(0),
      epsilon: varianceEpsilon ?? 0.001,
    };
    return isPerChannel(statistics) ? batchNormalization(graph, statistics) : decomposed(graph, statistics);
  }),
  kernel<SoftmaxAttrs>('Softmax', (graph, inputs, { dim }) => {
    const logits = castTraced(graph, inputs.get('logits'), 'float32');
    const source = inOrder(graph, logits, logits.order);
    const place = logits.order.indexOf(dim < 0 ? dim + logits.shape.length : dim);
    return tracedInOrder(unary(graph, 'Softmax', source, { axis: place }), logits.order);
  }),
];
