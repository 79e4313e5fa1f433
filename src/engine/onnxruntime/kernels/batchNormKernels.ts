import { normalizeBlocks, normalizeBlocksGradient } from '../blocks/batchNormInBlocks.js';
import { fromBlocks, knownBlocks, toBlocks } from '../blocks/blocks.js';
import { sizeOf } from '../elementType.js';
import { binary, reduce, reshape, unary } from '../emit.js';
import { inOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { plainOrder, plainTraced, type Traced, tracedInOrder } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

interface TrainingAttrs {
  readonly epsilon: number;
}

/** Channels at axis 1, where ONNX's BatchNormalization wants them: [N, C, spatial…] of a logical [N, spatial…, C]. */
function channelsSecond(x: Traced): readonly number[] {
  const rank = x.shape.length;
  return [0, rank - 1, ...plainOrder(rank).slice(1, -1)];
}

/** All physical axes but the channels. */
function othersThanChannels(rank: number): number[] {
  return [0, ...plainOrder(rank).slice(2)];
}

const vector = (graph: PendingGraph, value: Traced): Source => inOrder(graph, value, [0]);

/** In its training mode and with momentum 0 the operator gives the statistics of the batch beside the result. */
function forward(
  graph: PendingGraph,
  x: Traced,
  [scale, offset]: readonly [Source, Source],
  epsilon: number,
): readonly Traced[] {
  const order = channelsSecond(x);
  const source = inOrder(graph, x, order);
  const blocks = knownBlocks(source);
  if (blocks !== undefined) {
    const normalized = normalizeBlocks(graph, blocks, scale, offset, epsilon);
    const y = fromBlocks(graph, normalized.y, scale.shape[0]!);
    return [tracedInOrder(y, order), plainTraced(normalized.mean), plainTraced(normalized.variance)];
  }
  const perChannel = { type: 'float32', shape: scale.shape } as const;
  // ONNX Runtime writes the statistics over those that it was given, so each has a vector of its own to write to. What
  // stands in it does not count, but must be a number, and another one in every vector: equal nodes become one.
  const own = (): Source => binary(graph, 'Mul', scale, float(graph, 1 / (graph.size + 1)));
  const [y, mean, variance] = graph.addMany(
    'BatchNormalization',
    [source, scale, offset, own(), own()],
    [{ type: 'float32', shape: source.shape }, perChannel, perChannel],
    { epsilon: { float: epsilon }, momentum: { float: 0 }, training_mode: 1 },
  );
  return [tracedInOrder(y!, order), plainTraced(mean!), plainTraced(variance!)];
}

/**
 * With k = 1/√(variance + ε): ∂x = a·dy + b·x + c for a, b and c of each channel, which reads both images once for the
 * sums and once for the result.
 */
function backward(
  graph: PendingGraph,
  dy: Traced,
  x: Traced,
  statistics: { readonly scale: Source; readonly mean: Source; readonly variance: Source },
  epsilon: number,
): readonly Traced[] {
  const order = channelsSecond(x);
  const [errors, image] = [inOrder(graph, dy, order), inOrder(graph, x, order)];
  const { scale, mean, variance } = statistics;
  const rank = image.shape.length;
  if (rank === 4 && (knownBlocks(errors) ?? knownBlocks(image)) !== undefined) {
    const gradients = normalizeBlocksGradient(
      graph,
      toBlocks(graph, errors),
      toBlocks(graph, image),
      statistics,
      epsilon,
    );
    const ofX = fromBlocks(graph, gradients.x, scale.shape[0]!);
    return [tracedInOrder(ofX, order), plainTraced(gradients.scale), plainTraced(gradients.offset)];
  }
  const sums = (of: Source): Source => reduce(graph, 'ReduceSum', of, othersThanChannels(rank));
  const [times, minus] = [product(graph), difference(graph)];

  const k = unary(graph, 'Reciprocal', unary(graph, 'Sqrt', binary(graph, 'Add', variance, float(graph, epsilon))));
  const shiftGradient = sums(errors);
  const scaleGradient = times(minus(sums(times(errors, image)), times(mean, shiftGradient)), k);
  const count = float(graph, sizeOf(image.shape) / image.shape[1]!);
  const a = times(scale, k);
  const b = unary(graph, 'Neg', times(times(a, k), binary(graph, 'Div', scaleGradient, count)));
  const c = unary(
    graph,
    'Neg',
    binary(graph, 'Add', times(a, binary(graph, 'Div', shiftGradient, count)), times(b, mean)),
  );
  const [zero, one] = [0, 1].map((value) => graph.constant('float32', scale.shape, Array(scale.shape[0]!).fill(value)));
  // An affine map of each channel is what BatchNormalization does fastest.
  const ofImage = graph.add('BatchNormalization', [image, b, c, zero, one], 'float32', image.shape, {
    epsilon: { float: 0 },
  });
  const perChannel = [scale.shape[0]!, ...Array<number>(rank - 2).fill(1)];
  const gradient = binary(graph, 'Add', times(errors, reshape(graph, a, perChannel)), ofImage);
  return [tracedInOrder(gradient, order), plainTraced(scaleGradient), plainTraced(shiftGradient)];
}

const float = (graph: PendingGraph, value: number): Source => graph.scalar('float32', value);
const product = (graph: PendingGraph) => (a: Source, b: Source) => binary(graph, 'Mul', a, b);
const difference = (graph: PendingGraph) => (a: Source, b: Source) => binary(graph, 'Sub', a, b);

/** BatchNormalization by the statistics of the batch, [N, spatial…, C], and its gradient; names as in TensorFlow. */
export const batchNormKernels: readonly Kernel[] = [
  kernel<TrainingAttrs>('FusedBatchNormV3', (graph, inputs, { epsilon }) => {
    const statistics = [vector(graph, inputs.get('scale')), vector(graph, inputs.get('offset'))] as const;
    return forward(graph, inputs.get('x'), statistics, epsilon);
  }),
  kernel<TrainingAttrs>('FusedBatchNormGradV3', (graph, inputs, { epsilon }) => {
    const [scale, mean, variance] = ['scale', 'mean', 'variance'].map((name) => vector(graph, inputs.get(name)));
    const statistics = { scale: scale!, mean: mean!, variance: variance! };
    return backward(graph, inputs.get('dy'), inputs.get('x'), statistics, epsilon);
  }),
];
