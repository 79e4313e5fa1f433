/** @file Kernels that tf.js's cpu backend lacks, made of its operators: what ours are held against. */
import * as tf from '@tensorflow/tfjs-core';

const allButLast = ({ rank }: tf.Tensor): number[] => Array.from({ length: rank - 1 }, (_, axis) => axis);

const axesFrom = ({ rank }: tf.Tensor, first: number): number[] =>
  Array.from({ length: rank - first }, (_, i) => first + i);

interface LayerNorm {
  readonly axis: number;
  readonly epsilon: number;
}

function reference<A>(
  kernelName: string,
  kernelFunc: (inputs: tf.NamedTensorMap, attributes: A) => tf.Tensor | tf.Tensor[],
): void {
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    // tf.js counts what a kernel leaves behind.
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => kernelFunc(inputs as tf.NamedTensorMap, attrs as unknown as A)),
  });
}

interface GroupedConv {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: readonly [number, number][];
  readonly group: number;
  readonly filterShape: number[];
  readonly inputShape: number[];
}

/**
 * All products of a convolution in groups, by its definition: which element of x meets which of the filter, and where
 * their product goes to in y.
 */
function products(
  xShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, padding, group }: GroupedConv,
  take: (x: number, filter: number, y: number) => void,
): readonly number[] {
  const [inputs, outputs] = filterShape.slice(-2) as [number, number];
  const sizes = filterShape.slice(0, -2);
  const spatial = sizes.map((size, axis) => {
    const whole = padding[axis]![0] + xShape[axis + 1]! + padding[axis]![1];
    return Math.floor((whole - (size - 1) * dilations[axis]! - 1) / strides[axis]!) + 1;
  });
  const flat = (place: readonly number[], shape: readonly number[]): number =>
    place.reduce((index, at, axis) => index * shape[axis]! + at, 0);
  const places = (shape: readonly number[]): number[][] =>
    shape.reduce<number[][]>(
      (all, dim) => all.flatMap((place) => Array.from({ length: dim }, (_, i) => [...place, i])),
      [[]],
    );
  const yShape = [xShape[0]!, ...spatial, outputs];
  for (const place of places(yShape)) {
    const [batch, output] = [place[0]!, place.at(-1)!];
    for (const offset of places(sizes)) {
      const met = offset.map((k, axis) => place[axis + 1]! * strides[axis]! + k * dilations[axis]! - padding[axis]![0]);
      if (met.some((at, axis) => at < 0 || at >= xShape[axis + 1]!)) continue;
      const first = Math.floor(output / (outputs / group)) * inputs;
      for (let c = 0; c < inputs; c++) {
        const x = flat([batch, ...met, first + c], xShape);
        take(x, flat([...offset, c, output], filterShape), flat(place, yShape));
      }
    }
  }
  return yShape;
}

/** As TensorFlow documents its kernels; LayerNormalization and convolutions in groups as ONNX does. */
export function registerCpuReferences(): void {
  reference<{ epsilon: number }>('FusedBatchNormV3', ({ x, scale, offset }, { epsilon }) => {
    const { mean, variance } = tf.moments(x!, allButLast(x!));
    const normal = tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, epsilon)));
    return [tf.add(tf.mul(normal, scale!), offset!), mean, variance];
  });
  reference<{ epsilon: number }>('FusedBatchNormGradV3', ({ dy, x, scale, mean, variance }, { epsilon }) => {
    const axes = allButLast(x!);
    const k = tf.rsqrt(tf.add(variance!, epsilon));
    const normal = tf.mul(tf.sub(x!, mean!), k);
    const product = tf.mul(dy!, normal);
    const centred = tf.sub(tf.sub(dy!, tf.mean(dy!, axes)), tf.mul(normal, tf.mean(product, axes)));
    return [tf.mul(centred, tf.mul(scale!, k)), tf.sum(product, axes), tf.sum(dy!, axes)];
  });
  reference<LayerNorm>('LayerNormalization', ({ x, scale, offset }, { axis, epsilon }) => {
    const { mean, variance } = tf.moments(x!, axesFrom(x!, axis), true);
    const k = tf.rsqrt(tf.add(variance, epsilon));
    const y = tf.mul(tf.mul(tf.sub(x!, mean), k), scale!);
    return [offset === undefined ? y : tf.add(y, offset), mean, k];
  });
  reference<LayerNorm>('LayerNormalizationGrad', ({ dy, x, scale, mean, inverseDeviation }, { axis }) => {
    const [rows, columns] = [axesFrom(x!, 0).slice(0, axis), axesFrom(x!, axis)];
    const normal = tf.mul(tf.sub(x!, mean!), inverseDeviation!);
    const errors = tf.mul(dy!, scale!);
    const along = tf.mul(normal, tf.mean(tf.mul(errors, normal), columns, true));
    const centred = tf.sub(tf.sub(errors, tf.mean(errors, columns, true)), along);
    return [tf.mul(centred, inverseDeviation!), tf.sum(tf.mul(dy!, normal), rows), tf.sum(dy!, rows)];
  });
  reference<{ axis: number }>('SoftmaxCrossEntropyWithLogits', ({ features, labels }, { axis }) => {
    const logarithms = tf.sub(features!, tf.logSumExp(features!, axis, true));
    const loss = tf.neg(tf.sum(tf.mul(labels!, logarithms), axis));
    const errors = tf.sub(tf.mul(tf.exp(logarithms), tf.sum(labels!, axis, true)), labels!);
    return [loss, errors, logarithms];
  });
  reference<GroupedConv>('GroupedConv', ({ x, filter }, attributes) => {
    const [image, weights] = [x!.dataSync(), filter!.dataSync()];
    const sums = new Map<number, number>();
    const shape = products(x!.shape, filter!.shape, attributes, (a, b, y) => {
      sums.set(y, (sums.get(y) ?? 0) + image[a]! * weights[b]!);
    });
    const size = tf.util.sizeFromShape([...shape]);
    return tf.tensor(
      Float32Array.from({ length: size }, (_, i) => sums.get(i) ?? 0),
      [...shape],
    );
  });
  reference<GroupedConv>('GroupedConvBackpropInput', ({ dy, filter }, attributes) => {
    const [errors, weights] = [dy!.dataSync(), filter!.dataSync()];
    const dx = new Float32Array(tf.util.sizeFromShape(attributes.inputShape));
    products(attributes.inputShape, filter!.shape, attributes, (a, b, y) => {
      dx[a]! += weights[b]! * errors[y]!;
    });
    return tf.tensor(dx, attributes.inputShape);
  });
  reference<GroupedConv>('GroupedConvBackpropFilter', ({ x, dy }, attributes) => {
    const [image, errors] = [x!.dataSync(), dy!.dataSync()];
    const gradient = new Float32Array(tf.util.sizeFromShape(attributes.filterShape));
    products(x!.shape, attributes.filterShape, attributes, (a, b, y) => {
      gradient[b]! += image[a]! * errors[y]!;
    });
    return tf.tensor(gradient, attributes.filterShape);
  });
}
