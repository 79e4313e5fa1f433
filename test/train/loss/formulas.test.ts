import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Engine, loadEngine } from '../../../src/engine/engine.js';
import type { Tf } from '../../../src/ops/opDef.js';
import { createRng } from '../../../src/random/rng.js';
import { agreementOf, crossEntropy, meanCrossEntropy } from '../../../src/train/loss/crossEntropy.js';
import { softened } from '../../../src/train/loss/distillation.js';
import { meanSquare, sigmoidCrossEntropy } from '../../../src/train/loss/elementLosses.js';
import { cpuEngine } from '../../support/cpuEngine.js';

const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  "tf.js's own": async () => {
    // The gradients of tf.js's operators come with it.
    await loadEngine('onnxruntime');
    return cpuEngine();
  },
  'ONNX Runtime': () => loadEngine('onnxruntime'),
};

type Rows = readonly (readonly number[])[];
type LossOf = (tf: Tf, x: Tensor, t: Tensor) => Scalar;

const LOG3 = Math.log(3);

/** Numbers, targets, loss and gradient; softmax(0, ln 3) is (1/4, 3/4), σ(ln 3) is 3/4. */
const CASES: Readonly<Record<string, readonly [LossOf, Rows, Rows, number, Rows]>> = {
  'cross-entropy': [
    meanCrossEntropy,
    [
      [0, LOG3],
      [5, 5],
    ],
    [
      [1, 0],
      [0.5, 0.5],
    ],
    (Math.log(4) + Math.log(2)) / 2,
    [
      [(0.25 - 1) / 2, 0.75 / 2],
      [0, 0],
    ],
  ],
  'cross-entropy with smoothed labels': [
    (tf, x, t) => crossEntropy(tf, x, t, 0.1),
    [[0, LOG3]],
    [[1, 0]],
    0.95 * Math.log(4) + 0.05 * Math.log(4 / 3),
    [[0.25 - 0.95, 0.75 - 0.05]],
  ],
  'cross-entropy of logits that are far apart': [meanCrossEntropy, [[1000, -1000]], [[0, 1]], 2000, [[1, -1]]],
  'mean squares': [meanSquare, [[1, 2, 5]], [[0, 4, 5]], 5 / 3, [[2 / 3, -4 / 3, 0]]],
  'cross-entropy of yes and no': [
    sigmoidCrossEntropy,
    [[0, LOG3]],
    [[1, 0.5]],
    (Math.log(2) + 0.5 * Math.log(4 / 3) + 0.5 * Math.log(4)) / 2,
    [[-0.5 / 2, 0.25 / 2]],
  ],
  'cross-entropy of yes and no that are far away': [
    sigmoidCrossEntropy,
    [[1000, -1000, -1000, 1000]],
    [[1, 0, 1, 0]],
    500,
    [[0, 0, -0.25, 0.25]],
  ],
  'distillation at T = 2, where softmax(x / 2) is (1/4, 3/4) and softmax(t / 2) even': [
    (tf, x, t) => softened(tf, x, t, 2),
    [[0, 2 * LOG3]],
    [[7, 7]],
    4 * (0.5 * Math.log(0.5 / 0.25) + 0.5 * Math.log(0.5 / 0.75)),
    [[2 * (0.25 - 0.5), 2 * (0.75 - 0.5)]],
  ],
  'distillation of what is the same but for a constant': [
    (tf, x, t) => softened(tf, x, t, 3),
    [[1, 2, 3]],
    [[0, 1, 2]],
    0,
    [[0, 0, 0]],
  ],
};

const LOSSES: Readonly<Record<string, LossOf>> = {
  'cross-entropy': meanCrossEntropy,
  'mean squares': meanSquare,
  'cross-entropy of yes and no': sigmoidCrossEntropy,
  'distillation at T = 1': (tf, x, t) => softened(tf, x, t, 1),
  'distillation at T = 4': (tf, x, t) => softened(tf, x, t, 4),
};

describe.each(Object.entries(ENGINES))('on the engine %s', (_, open) => {
  it.each(Object.entries(CASES))('%s has the loss and gradient worked out by hand', async (_, wanted) => {
    const [lossOf, x, t, loss, gradient] = wanted;
    const { tf } = await open();
    const targets = tf.tensor2d(t.map((row) => [...row]));
    const { value, grad } = tf.valueAndGrad((from: Tensor) => lossOf(tf, from, targets))(
      tf.tensor2d(x.map((row) => [...row])),
    );
    expect(value.shape).toEqual([]);
    expect((await value.data())[0]!).toBeCloseTo(loss, 5);
    (await grad.data()).forEach((slope, i) => {
      expect(slope).toBeCloseTo(gradient.flat()[i]!, 5);
    });
  });

  it.each(Object.entries(LOSSES))('%s has the gradient of central differences', async (_, lossOf) => {
    const { tf } = await open();
    const rng = createRng(3);
    const draw = () => Float32Array.from({ length: 12 }, () => rng.normal());
    const x = draw();
    const raw = tf.tensor2d(draw(), [3, 4]);
    // What all of them take: shares of a whole.
    const targets = tf.softmax(raw);
    // Twice the loss, so that the gradient that comes from above is not one.
    const at = (numbers: Float32Array) => tf.mul(lossOf(tf, tf.tensor2d(numbers, [3, 4]), targets), 2);
    const gradient = await tf
      .grad((from: Tensor) => tf.mul(lossOf(tf, from, targets), 2))(tf.tensor2d(x, [3, 4]))
      .data();
    const step = 0.02;
    for (let i = 0; i < x.length; i++) {
      const moved = async (way: number) => {
        const value = at(x.map((number, k) => (k === i ? number + way : number)));
        return (await value.data())[0]!;
      };
      expect(((await moved(step)) - (await moved(-step))) / (2 * step)).toBeCloseTo(gradient[i]!, 3);
    }
  });

  it('counts the rows in which both are largest at the same place', async () => {
    const { tf } = await open();
    const a = tf.tensor2d([
      [1, 2],
      [2, 1],
      [0, 5],
    ]);
    const b = tf.tensor2d([
      [0, 9],
      [1, 2],
      [3, 4],
    ]);
    expect((await agreementOf(tf, a, b).data())[0]!).toBeCloseTo(2 / 3, 6);
  });
});
