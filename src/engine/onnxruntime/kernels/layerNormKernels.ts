import { sizeOf } from '../elementType.js';
import { binary, filled, matMul, reshape } from '../emit.js';
import { inPlainOrder } from '../layout.js';
import type { PendingGraph } from '../pendingGraph.js';
import type { Source } from '../source.js';
import { plainTraced, type Traced } from '../traced.js';
import { type Kernel, kernel } from './kernel.js';

/** The first of the axes that are normalised over, from 0; all behind it belong to them. */
interface LayerNormAttrs {
  readonly axis: number;
  readonly epsilon: number;
}

function forward(
  graph: PendingGraph,
  x: Source,
  scale: Source,
  offset: Source | undefined,
  { axis, epsilon }: LayerNormAttrs,
): readonly Source[] {
  const shape = x.shape.map((dim, i) => (i < axis ? dim : 1));
  const statistic = { type: 'float32', shape } as const;
  return graph.addMany(
    'LayerNormalization',
    offset === undefined ? [x, scale] : [x, scale, offset],
    [{ type: 'float32', shape: x.shape }, statistic, statistic],
    { axis, epsilon: { float: epsilon } },
  );
}

interface Saved {
  readonly x: Source;
  readonly scale: Source;
  readonly mean: Source;
  readonly inverseDeviation: Source;
}

/**
 * With z = x − mean, k = 1/√(variance + ε) and e = dy·scale: ∂x = k·(e − mean(e) − z·k²·mean(e·z)). Sums along rows and
 * columns are products of matrices, which take half the time of reductions.
 */
function backward(graph: PendingGraph, dy: Source, saved: Saved, { axis }: LayerNormAttrs): readonly Source[] {
  const { shape } = saved.x;
  const rows = sizeOf(shape.slice(0, axis));
  const columns = sizeOf(shape.slice(axis));
  const [x, errors] = [reshape(graph, saved.x, [rows, columns]), reshape(graph, dy, [rows, columns])];
  const [mean, k] = [reshape(graph, saved.mean, [rows, 1]), reshape(graph, saved.inverseDeviation, [rows, 1])];
  const times = (a: Source, b: Source) => binary(graph, 'Mul', a, b);
  const minus = (a: Source, b: Source) => binary(graph, 'Sub', a, b);

  const centred = minus(x, mean);
  const products = times(errors, centred);
  const scales = times(reshape(graph, saved.scale, [columns, 1]), graph.scalar('float32', 1 / columns));
  const meanOfScaled = (of: Source) => matMul(graph, of, scales);
  const slope = times(times(k, k), meanOfScaled(products));
  const scaled = times(errors, reshape(graph, saved.scale, [columns]));
  const bent = minus(minus(scaled, times(centred, slope)), meanOfScaled(errors));

  const weightedSum = (weights: Source, of: Source) => reshape(graph, matMul(graph, weights, of), shape.slice(axis));
  const ofScale = weightedSum(reshape(graph, k, [1, rows]), products);
  const ofOffset = weightedSum(filled(graph, 'float32', [1, rows], 1), errors);
  return [reshape(graph, times(bent, k), shape), ofScale, ofOffset];
}

/**
 * ONNX's LayerNormalization over the last axes, which gives the statistics beside the result, and its gradient.
 *
 * x and dy [rows…, columns…], scale and offset [columns…], mean and inverseDeviation [rows…, 1…]
 */
export const layerNormKernels: readonly Kernel[] = [
  kernel<LayerNormAttrs>('LayerNormalization', (graph, inputs, attributes) => {
    const [x, scale, offset] = ['x', 'scale', 'offset'].map((name) => optionalPlain(graph, inputs.optional(name)));
    return forward(graph, x!, scale!, offset, attributes).map(plainTraced);
  }),
  kernel<LayerNormAttrs>('LayerNormalizationGrad', (graph, inputs, attributes) => {
    const plain = (name: string) => inPlainOrder(graph, inputs.get(name));
    const saved = {
      x: plain('x'),
      scale: plain('scale'),
      mean: plain('mean'),
      inverseDeviation: plain('inverseDeviation'),
    };
    return backward(graph, plain('dy'), saved, attributes).map(plainTraced);
  }),
];

function optionalPlain(graph: PendingGraph, value: Traced | undefined): Source | undefined {
  return value === undefined ? undefined : inPlainOrder(graph, value);
}
