/** @file Random programs give on this backend what they give on tf.js's cpu backend, forward and backward. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { test } from 'vitest';
import { expectSame, numbers, type Reading, runOn } from './backends.js';
import { programs, type RandomProgram, runProgram } from './randomProgram.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_PROGRAMS ?? 150);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

async function resultsOf(backend: 'cpu' | 'onnxruntime', program: RandomProgram): Promise<readonly Reading[]> {
  return runOn(backend, () =>
    tf.tidy(() => {
      const start = tf.tensor(numbers(tf.util.sizeFromShape([...program.shape]), 7), [...program.shape]);
      const y = runProgram(program, start);
      const gradient = tf.grad((x: tf.Tensor) => {
        const result = runProgram(program, x);
        // A program of no step that fits gives x itself, which has no gradient in tf.js.
        return tf.sum(tf.mul(tf.mul(result, 1), tf.tensor(numbers(result.size, 8), result.shape)));
      })(start);
      return [y, gradient];
    }),
  );
}

async function expectSameOnBoth(program: RandomProgram): Promise<void> {
  const expected = await resultsOf('cpu', program);
  expectSame(await resultsOf('onnxruntime', program), expected, 1e-4, 0.05);
}

test('random programs agree', async () => {
  const property = fc.asyncProperty(programs, async (program) => {
    try {
      await expectSameOnBoth(program);
    } catch (error) {
      throw new Error(`reproduce with: await expectSameOnBoth(${JSON.stringify(program)});`, { cause: error });
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
});
