/** @file Kernels that tf.js's cpu backend lacks, made of its operators: what ours are held against. */
import * as tf from '@tensorflow/tfjs-core';

const allButLast = ({ rank }: tf.Tensor): number[] => Array.from({ length: rank - 1 }, (_, axis) => axis);

function reference(kernelName: string, kernelFunc: (inputs: tf.NamedTensorMap, epsilon: number) => tf.Tensor[]): void {
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs }) =>
      kernelFunc(inputs as tf.NamedTensorMap, (attrs as unknown as { epsilon: number }).epsilon),
  });
}

/** As TensorFlow documents FusedBatchNormV3 and its gradient. */
export function registerCpuReferences(): void {
  reference('FusedBatchNormV3', ({ x, scale, offset }, epsilon) => {
    const { mean, variance } = tf.moments(x!, allButLast(x!));
    const normal = tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, epsilon)));
    return [tf.add(tf.mul(normal, scale!), offset!), mean, variance];
  });
  reference('FusedBatchNormGradV3', ({ dy, x, scale, mean, variance }, epsilon) => {
    const axes = allButLast(x!);
    const k = tf.rsqrt(tf.add(variance!, epsilon));
    const normal = tf.mul(tf.sub(x!, mean!), k);
    const product = tf.mul(dy!, normal);
    const centred = tf.sub(tf.sub(dy!, tf.mean(dy!, axes)), tf.mul(normal, tf.mean(product, axes)));
    return [tf.mul(centred, tf.mul(scale!, k)), tf.sum(product, axes), tf.sum(dy!, axes)];
  });
}
