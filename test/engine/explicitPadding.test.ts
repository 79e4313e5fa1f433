import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEngine } from '../../src/engine/engine.js';
import { registerGradients } from '../../src/engine/onnxruntime/gradients/registerGradients.js';
import { expectSame, numbers, type Reading, type Values } from './backends.js';
import { folderWith, WORKING } from './standInPackages.js';

type Padding = [[0, 0], [number, number], [number, number], [0, 0]];

const home = process.cwd();

beforeAll(async () => {
  registerGradients(tf);
  process.chdir(folderWith('@tensorflow/tfjs-node', WORKING));
  await loadEngine('tensorflow');
});

afterAll(() => process.chdir(home));

function seeded(shape: readonly number[], seed: number): tf.Tensor4D {
  return tf.tensor<tf.Rank.R4>(numbers(tf.util.sizeFromShape([...shape]), seed), shape as tf.ShapeMap['R4']);
}

/** The result and the gradients of both operands, weighted so that no two elements have the same part in the loss. */
async function runOn(backend: 'cpu' | 'tensorflow', apply: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor) {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const operands = [seeded([2, 6, 7, 3], 1), seeded([3, 2, 3, 2], 2)] as const;
  const loss = (x: tf.Tensor, w: tf.Tensor) => {
    const y = apply(x as tf.Tensor4D, w as tf.Tensor4D);
    return tf.add(tf.sum(tf.mul(y, seeded(y.shape, 3))), tf.mul(tf.sum(w), 0));
  };
  const results = [tf.tidy(() => apply(...operands)), ...tf.grads(loss)([...operands])];
  const readings: readonly Reading[] = results.map((result) => ({
    dtype: result.dtype,
    shape: result.shape,
    values: result.dataSync() as Values,
  }));
  for (const tensor of [...operands, ...results]) tensor.dispose();
  return { readings, left: tf.memory().numTensors - before };
}

describe.each<[string, Padding]>([
  [
    'the same on all sides',
    [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ],
  ],
  [
    'other sizes on every side',
    [
      [0, 0],
      [2, 1],
      [0, 1],
      [0, 0],
    ],
  ],
  [
    'none',
    [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  ],
])('a backend that knows no explicit padding gives what one gives that does: %s', (_, pad) => {
  test.each<[string, (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor]>([
    ['convolution', (x, w) => tf.conv2d(x, w, 1, pad)],
    ['strided convolution', (x, w) => tf.conv2d(x, w, 2, pad)],
    ['depthwise convolution', (x, w) => tf.depthwiseConv2d(x, w, 1, pad)],
    ['strided depthwise convolution', (x, w) => tf.depthwiseConv2d(x, w, 2, pad)],
    ['max pooling', (x) => tf.maxPool(tf.sub(x, 2), 3, 2, pad)],
  ])('%s', async (_name, apply) => {
    const expected = await runOn('cpu', apply);
    const actual = await runOn('tensorflow', apply);
    expectSame(actual.readings, expected.readings);
    expect(actual.left).toBe(expected.left);
  });
});
