/**
 * @file Random programs give on this backend what they give on tf.js's cpu backend, and so do the gradients of all that
 * goes into them. On failure: the seed of fast-check, and a line to paste into a test.
 */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { test } from 'vitest';
import { expectSame, numbers, type Reading, runOn } from './backends.js';
import { imagePrograms, programs, type RandomProgram, runProgram, type Weights } from './randomProgram.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_PROGRAMS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

/** The result, and the gradients of a mix of it with respect to the input and to all weights. */
async function resultsOf(backend: 'cpu' | 'onnxruntime', program: RandomProgram): Promise<readonly Reading[]> {
  await runOn(backend, () => []);
  const made: tf.Variable[] = [];
  const run = (): tf.Tensor => {
    let count = 0;
    const weights: Weights = (shape) => {
      const filled = () => tf.tensor(numbers(tf.util.sizeFromShape([...shape]), count + 7), [...shape]);
      if (count === made.length) made.push(tf.tidy(() => tf.variable(filled())));
      return made[count++]!;
    };
    return runProgram(program, weights(program.shape), weights);
  };
  const readings = await runOn(backend, () => {
    const y = run();
    const { grads } = tf.variableGrads(() => {
      const result = run();
      const mix = tf.tensor(numbers(result.size, 3), result.shape);
      // Not all weights need to reach the result.
      const nothing = made.map((weight) => tf.mul(tf.sum(weight), 0));
      return tf.addN([tf.sum(tf.mul(result, mix)), ...nothing]) as tf.Scalar;
    }, made);
    return [y, ...made.map(({ name }) => grads[name]!)];
  });
  tf.dispose(made);
  return readings;
}

async function expectSameOnBoth(program: RandomProgram): Promise<void> {
  const expected = await resultsOf('cpu', program);
  expectSame(await resultsOf('onnxruntime', program), expected, 1e-4, 1);
}

test.each([
  ['of all operators', programs],
  ['on images', imagePrograms],
] as const)('random programs %s agree', async (_name, arbitrary) => {
  const property = fc.asyncProperty(arbitrary, async (program) => {
    try {
      await expectSameOnBoth(program);
    } catch (error) {
      throw new Error(`reproduce with: await expectSameOnBoth(${JSON.stringify(program)});`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
});
