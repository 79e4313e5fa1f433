import { describe, expect, it } from 'vitest';
import type { Tf } from '../../src/ops/opDef.js';
import { Optimizer, type OptimizerOptions, type StepSize } from '../../src/train/optimizer.js';
import { cpuEngine } from '../support/cpuEngine.js';

const WEIGHT = [0.5, -1, 2, 0.25];
const GRADIENTS = [
  [0.1, -0.2, 0.3, 0],
  [-0.4, 0.1, 0.2, 1],
  [0.05, 0.05, -0.5, 0.2],
];

function sizes(tf: Tf, step: number, rate: number): StepSize {
  const [learningRate, firstBias, secondBias] = Optimizer.sizesOf(step, rate).map((size) => tf.scalar(size));
  return { learningRate: learningRate!, firstBias: firstBias!, secondBias: secondBias! };
}

/** Runs three steps on a [2, 2] weight and a [4] bias with the same numbers, and reads both. */
async function run(options: OptimizerOptions, rates: readonly number[]) {
  const { tf } = await cpuEngine();
  const weight = tf.variable(tf.tensor2d(WEIGHT, [2, 2]));
  const bias = tf.variable(tf.tensor1d(WEIGHT));
  const optimizer = new Optimizer(tf, [weight, bias], options);
  rates.forEach((rate, step) => {
    const gradients = {
      [weight.name]: tf.tensor2d(GRADIENTS[step]!, [2, 2]),
      [bias.name]: tf.tensor1d(GRADIENTS[step]!),
    };
    optimizer.apply(gradients, sizes(tf, step + 1, rate));
  });
  return { weight: [...weight.dataSync()], bias: [...bias.dataSync()] };
}

describe('Optimizer', () => {
  it('takes the steps of SGD with Nesterov momentum, with weight decay on matrices alone', async () => {
    const rates = [0.1, 0.05, 0.02];
    const byHand = (decay: number) =>
      WEIGHT.map((start, i) => {
        let w = start;
        let v = 0;
        rates.forEach((rate, step) => {
          const g = GRADIENTS[step]![i]! + decay * w;
          v = 0.9 * v + g;
          w -= rate * (g + 0.9 * v);
        });
        return w;
      });
    const { weight, bias } = await run({ kind: 'sgd', momentum: 0.9, weightDecay: 0.01 }, rates);
    weight.forEach((w, i) => {
      expect(w).toBeCloseTo(byHand(0.01)[i]!, 6);
    });
    bias.forEach((w, i) => {
      expect(w).toBeCloseTo(byHand(0)[i]!, 6);
    });
  });

  it.each([
    ['adam', 'weight decay in the gradient', 1, 0],
    ['adamw', 'weight decay beside the moments', 0, 1],
  ] as const)('takes the steps of %s with bias correction and %s', async (kind, _, inGradient, beside) => {
    const rates = [0.1, 0.05, 0.02];
    const byHand = (decay: number) =>
      WEIGHT.map((start, i) => {
        let [w, m, v] = [start, 0, 0];
        rates.forEach((rate, step) => {
          const g = GRADIENTS[step]![i]! + inGradient * decay * w;
          m = 0.9 * m + 0.1 * g;
          v = 0.999 * v + 0.001 * g * g;
          const mean = m / (1 - 0.9 ** (step + 1));
          const variance = v / (1 - 0.999 ** (step + 1));
          w -= rate * (mean / (Math.sqrt(variance) + 1e-8) + beside * decay * w);
        });
        return w;
      });
    const { weight, bias } = await run({ kind, momentum: 0.9, weightDecay: 0.01 }, rates);
    weight.forEach((w, i) => {
      expect(w).toBeCloseTo(byHand(0.01)[i]!, 5);
    });
    bias.forEach((w, i) => {
      expect(w).toBeCloseTo(byHand(0)[i]!, 5);
    });
  });

  it.each([
    ['sgd', [0.1, 0.05, 0.02]],
    ['adam', [0.1]],
  ] as const)('cuts the gradient of all variables together down to a length, before %s', async (kind, rates) => {
    const clipped = await run({ kind, momentum: 0.9, weightDecay: 0, clipNorm: 0.6 }, rates);
    // √2 · ‖g‖, as weight and bias have the same gradient: 0.5292, 1.5556, 0.7714. The first is short enough.
    const scales = GRADIENTS.map((g) => Math.min(1, 0.6 / (Math.SQRT2 * Math.hypot(...g) + 1e-6)));
    expect(scales.map((scale) => scale < 1)).toEqual([false, true, true]);
    const byHand = WEIGHT.map((start, i) => {
      let [w, v] = [start, 0];
      rates.forEach((rate, step) => {
        const g = GRADIENTS[step]![i]! * scales[step]!;
        v = 0.9 * v + g;
        // At its first step, Adam goes by the signs of the gradient.
        w -= rate * (kind === 'sgd' ? g + 0.9 * v : g / (Math.abs(g) + 1e-8));
      });
      return w;
    });
    for (const values of [clipped.weight, clipped.bias]) {
      values.forEach((w, i) => {
        expect(w).toBeCloseTo(byHand[i]!, 6);
      });
    }
  });

  it('leaves a variable without a gradient alone', async () => {
    const { tf } = await cpuEngine();
    const weight = tf.variable(tf.tensor1d(WEIGHT));
    new Optimizer(tf, [weight], { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 }).apply({}, sizes(tf, 1, 1));
    expect([...weight.dataSync()]).toEqual(WEIGHT);
  });
});
