import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { softmaxCrossEntropy } from '../../src/engine/onnxruntime/index.js';
import { expectSame, numbers, runOn } from './backends.js';

const tensor = (shape: number[], seed: number) => tf.tensor(numbers(tf.util.sizeFromShape(shape), seed), shape);

/** By its definition, with tf.js's own gradients. */
function defined(labels: tf.Tensor, logits: tf.Tensor, axis: number): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(labels, tf.sub(logits, tf.logSumExp(logits, axis, true))), axis));
}

const weighted = (loss: tf.Tensor) => tf.sum(tf.mul(loss, tensor(loss.shape, 7))) as tf.Scalar;

// The reference that kernels are held against: other backends have none.
beforeAll(() => tf.unregisterKernel('SoftmaxCrossEntropyWithLogits', 'cpu'));

describe.each(['cpu', 'onnxruntime'] as const)('softmaxCrossEntropy on %s', (backend) => {
  it('is -log of the share, and its gradient the share less the label, by hand', async () => {
    const [loss, gradient] = await runOn(backend, () => {
      const [labels, logits] = [tf.tensor2d([[0, 1]]), tf.tensor2d([[Math.log(3), 0]])];
      return [
        softmaxCrossEntropy(labels, logits),
        tf.grad((x) => tf.sum(softmaxCrossEntropy(labels, x as tf.Tensor2D)))(logits),
      ];
    });
    expect(loss!.values[0]).toBeCloseTo(Math.log(4), 6);
    expect(gradient!.values[0]).toBeCloseTo(0.75, 6);
    expect(gradient!.values[1]).toBeCloseTo(-0.75, 6);
  });

  it.each([
    [-1, [3, 4]],
    [1, [2, 3, 2, 2]],
    [0, [5]],
  ])(
    'over axis %i of [%j], for labels of any sum: loss and both gradients are those of the definition',
    async (axis, shape) => {
      const place = axis < 0 ? axis + shape.length : axis;
      const of = (loss: (labels: tf.Tensor, logits: tf.Tensor) => tf.Tensor) => () => {
        const inputs = [tensor(shape, 1), tensor(shape, 2)] as const;
        return [loss(...inputs), ...tf.grads((labels, logits) => weighted(loss(labels!, logits!)))([...inputs])];
      };
      const actual = await runOn(
        backend,
        of((labels, logits) => softmaxCrossEntropy(labels, logits, axis)),
      );
      const expected = await runOn(
        'cpu',
        of((labels, logits) => defined(labels, logits, place)),
      );
      expectSame(actual, expected);
    },
  );

  it('stays finite where a logit is far above the others', async () => {
    const [loss, gradient] = await runOn(backend, () => {
      const [labels, logits] = [tf.tensor1d([0, 1]), tf.tensor1d([1000, 0])];
      return [softmaxCrossEntropy(labels, logits), tf.grad((x) => softmaxCrossEntropy(labels, x) as tf.Scalar)(logits)];
    });
    expect([loss!.values[0], ...gradient!.values]).toEqual([1000, 1, -1]);
  });

  it('takes integers for labels, and refuses other shapes', async () => {
    const [loss] = await runOn(backend, () => [softmaxCrossEntropy(tf.tensor1d([1, 0], 'int32'), tf.tensor1d([0, 0]))]);
    expect(loss!.values[0]).toBeCloseTo(Math.log(2), 6);
    expect(() => softmaxCrossEntropy(tf.zeros([2]), tf.zeros([2, 1]))).toThrow('labels [2] and logits [2,1]');
    expect(() => softmaxCrossEntropy(tf.zeros([2]), tf.zeros([2]), 1)).toThrow('an axis 1');
  });
});
