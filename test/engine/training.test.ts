import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { flush, sessionCacheInfo } from '../../src/engine/onnxruntime/index.js';
import { numbers, runOn } from './backends.js';

type Backend = 'cpu' | 'onnxruntime';

const steps = 10;
const classes = 4;

/** Losses, numbers of tensors after each step, and the last weights. */
interface Run {
  readonly losses: readonly number[];
  readonly tensors: readonly number[];
  readonly weights: readonly number[];
}

function seeded(shape: number[], seed: number, scale: number): tf.Tensor {
  return tf.tensor(
    numbers(tf.util.sizeFromShape(shape), seed).map((x) => x * scale),
    shape,
  );
}

/** A small residual net as a converter would build it: OIHW weights, NCHW images, tf.js ops on transposes of them. */
function makeNet() {
  const weights = {
    stem: tf.variable(seeded([6, 3, 3, 3], 1, 0.4)),
    depthwise: tf.variable(seeded([3, 3, 6, 1], 2, 0.4)),
    residual: tf.variable(seeded([6, 6, 3, 3], 3, 0.3)),
    strided: tf.variable(seeded([8, 6, 3, 3], 4, 0.3)),
    gamma: tf.variable(tf.ones([6])),
    beta: tf.variable(tf.zeros([6])),
    dense: tf.variable(seeded([8, classes], 5, 0.5)),
    bias: tf.variable(tf.zeros([classes])),
  };
  const conv = (x: tf.Tensor4D, w: tf.Tensor, stride: number): tf.Tensor4D =>
    tf.conv2d(x, tf.transpose<tf.Tensor4D>(w as tf.Tensor4D, [2, 3, 1, 0]), stride, 'same');
  const forward = (x: tf.Tensor4D): tf.Tensor2D => {
    const stem = conv(x, weights.stem, 1);
    const { mean, variance } = tf.moments(stem, [0, 1, 2]);
    const normal = tf.batchNorm(
      stem,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      weights.beta as unknown as tf.Tensor1D,
      weights.gamma as unknown as tf.Tensor1D,
      1e-5,
    );
    const wide = tf.depthwiseConv2d(tf.relu(normal), weights.depthwise as unknown as tf.Tensor4D, 1, 'same');
    const pooled = tf.maxPool(tf.add<tf.Tensor4D>(wide, normal), 2, 2, 'same');
    const residual = tf.relu(tf.add<tf.Tensor4D>(conv(pooled, weights.residual, 1), pooled));
    // Not padded: the cpu backend's gradient of a padded average pool is wrong at the border.
    const strided = tf.avgPool(tf.relu6(conv(residual, weights.strided, 2)), 2, 1, 'valid');
    const features = tf.mean<tf.Tensor2D>(strided, [1, 2]);
    return tf.add(tf.matMul(features, weights.dense as unknown as tf.Tensor2D), weights.bias);
  };
  return { weights, forward };
}

async function train(backend: Backend, batches: readonly number[]): Promise<Run> {
  await runOn(backend, () => []);
  const { weights, forward } = makeNet();
  const variables = Object.values(weights);
  const optimizer = tf.train.momentum(0.05, 0.9);
  const losses: number[] = [];
  const tensors: number[] = [];
  for (const [step, batch] of batches.entries()) {
    const x = tf.tidy(() =>
      tf.transpose<tf.Tensor4D>(seeded([batch, 3, 8, 8], 20 + step, 1) as tf.Tensor4D, [0, 2, 3, 1]),
    );
    const classOf = Array.from({ length: batch }, (_, i) => i % classes);
    const labels = tf.tidy(() => tf.oneHot(tf.tensor1d(classOf, 'int32'), classes));
    const loss = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, forward(x)), true, variables)!;
    losses.push((await loss.data())[0]!);
    tf.dispose([x, labels, loss]);
    tensors.push(tf.memory().numTensors);
  }
  const last: number[] = [];
  for (const variable of variables) last.push(...(await variable.data()));
  optimizer.dispose();
  tf.dispose(variables);
  return { losses, tensors, weights: last };
}

describe('ten steps of momentum on a small residual net', () => {
  const batches = Array.from({ length: steps }, () => 6);

  test('have the losses and the weights of the cpu backend', async () => {
    const cpu = await train('cpu', batches);
    const ort = await train('onnxruntime', batches);
    expect(cpu.losses[steps - 1]).not.toBe(cpu.losses[0]);
    for (const [i, loss] of ort.losses.entries()) expect(Math.abs(loss - cpu.losses[i]!)).toBeLessThan(1e-4);
    for (const [i, weight] of ort.weights.entries()) expect(Math.abs(weight - cpu.weights[i]!)).toBeLessThan(1e-4);
  });

  test('need at most three sessions, and keep the number of tensors', async () => {
    await flush();
    const before = sessionCacheInfo();
    const { tensors } = await train('onnxruntime', batches);
    const after = sessionCacheInfo();
    // The same structures ran in the test before this one.
    expect(after.misses - before.misses).toBeLessThanOrEqual(3);
    expect(after.hits - before.hits).toBeGreaterThanOrEqual(steps - 3);
    expect(new Set(tensors.slice(1)).size).toBe(1);
  });

  test('are the same to the last bit when repeated', async () => {
    const first = await train('onnxruntime', batches);
    const second = await train('onnxruntime', batches);
    expect(second.losses).toEqual(first.losses);
    expect(second.weights).toEqual(first.weights);
  });

  test('take a batch of another size in between', async () => {
    const mixed = [6, 6, 3, 6, 3];
    const cpu = await train('cpu', mixed);
    const ort = await train('onnxruntime', mixed);
    for (const [i, loss] of ort.losses.entries()) expect(Math.abs(loss - cpu.losses[i]!)).toBeLessThan(1e-4);
  });
});

test('a step without leaks leaves the number of tensors as it was', async () => {
  await runOn('onnxruntime', () => []);
  const { weights, forward } = makeNet();
  const x = seeded([4, 8, 8, 3], 9, 1) as tf.Tensor4D;
  const variables = Object.values(weights);
  const optimizer = tf.train.adam(0.01);
  const counts: number[] = [];
  const dataIds: number[] = [];
  for (let step = 0; step < 5; step++) {
    optimizer.minimize(() => tf.mean<tf.Scalar>(tf.square(forward(x))), false, variables);
    await flush();
    counts.push(tf.memory().numTensors);
    dataIds.push(tf.backend().numDataIds());
  }
  expect(new Set(counts.slice(1)).size).toBe(1);
  expect(new Set(dataIds.slice(1)).size).toBe(1);
});
