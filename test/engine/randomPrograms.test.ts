/**
 * @file Random programs give on this backend what they give on tf.js's cpu backend, and so do the gradients of all that
 * goes into them. On failure: the seed of fast-check, and a line to paste into a test.
 */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { test } from 'vitest';
import { compileStep } from '../../src/engine/onnxruntime/index.js';
import { expectSame, numbers, type Reading, runOn } from './backends.js';
import { imagePrograms, programs, type RandomProgram, runProgram, type Weights } from './randomProgram.js';

const RUNS = Number(process.env.ONNX_MORPH_RANDOM_PROGRAMS ?? 60);
const SEED = Number(process.env.ONNX_MORPH_RANDOM_SEED ?? 20240607);

const seeded = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.tensor(numbers(tf.util.sizeFromShape([...shape]), seed), [...shape]);

/** A program with weights of its own, which are made when it first runs. */
function programWithWeights(program: RandomProgram) {
  const made: tf.Variable[] = [];
  const run = (x?: tf.Tensor): tf.Tensor => {
    let count = 0;
    const weights: Weights = (shape) => {
      if (count === made.length) made.push(tf.tidy(() => tf.variable(seeded(shape, count + 7))));
      return made[count++]!;
    };
    return runProgram(program, x ?? weights(program.shape), weights);
  };
  return { made, run };
}

/** The result, and the gradients of a mix of it with respect to the input and to all weights. */
async function resultsOf(backend: 'cpu' | 'onnxruntime', program: RandomProgram): Promise<readonly Reading[]> {
  await runOn(backend, () => []);
  const { made, run } = programWithWeights(program);
  const readings = await runOn(backend, () => {
    const y = run();
    const { grads } = tf.variableGrads(() => {
      const result = run();
      const mix = seeded(result.shape, 3);
      // Not all weights need to reach the result.
      const nothing = made.map((weight) => tf.mul(tf.sum(weight), 0));
      return tf.addN([tf.sum(tf.mul(result, mix)), ...nothing]) as tf.Scalar;
    }, made);
    return [y, ...made.map(({ name }) => grads[name]!)];
  });
  tf.dispose(made);
  return readings;
}

/** Results of four steps that change the weights, each on another input, and the weights that are left. */
async function trained(program: RandomProgram, isCompiled: boolean): Promise<readonly Reading[]> {
  await runOn('onnxruntime', () => []);
  const { made, run } = programWithWeights(program);
  const step = (x: tf.Tensor): tf.Tensor[] => {
    const { value, grads } = tf.variableGrads(() => {
      const result = tf.mul(run(x), 1);
      const nothing = made.map((weight) => tf.mul(tf.sum(weight), 0));
      return tf.addN([tf.mean(tf.square(result)), ...nothing]) as tf.Scalar;
    }, made);
    for (const weight of made) weight.assign(tf.sub(weight, tf.mul(grads[weight.name]!, 0.01)));
    return [value, run(x)];
  };
  tf.tidy(() => run(seeded(program.shape, 1)));
  if (made.length === 0) return [];
  const compiled = compileStep((x) => step(x!));
  const readings: Reading[] = [];
  for (let i = 0; i < 4; i++) {
    const x = seeded(program.shape, 10 + i);
    const results = isCompiled ? compiled.run([x]) : tf.tidy(() => step(x));
    readings.push(...(await runOn('onnxruntime', () => results)));
    tf.dispose([x, ...results]);
  }
  readings.push(...(await runOn('onnxruntime', () => made)));
  tf.dispose(made);
  return readings;
}

async function expectSameOnBoth(program: RandomProgram): Promise<void> {
  const expected = await resultsOf('cpu', program);
  expectSame(await resultsOf('onnxruntime', program), expected, 1e-4, 1);
}

async function expectSameCompiled(program: RandomProgram): Promise<void> {
  const expected = await trained(program, false);
  expectSame(await trained(program, true), expected, 1e-4, 1);
}

test.each([
  ['of all operators give what they give on cpu', programs, expectSameOnBoth],
  ['on images give what they give on cpu', imagePrograms, expectSameOnBoth],
  ['can be replayed', fc.oneof(programs, imagePrograms), expectSameCompiled],
] as const)(
  'random programs %s',
  async (_name, arbitrary: fc.Arbitrary<RandomProgram>, check) => {
    const property = fc.asyncProperty(arbitrary, async (program) => {
      try {
        await check(program);
      } catch (error) {
        throw new Error(`reproduce with: await ${check.name}(${JSON.stringify(program)});`, { cause: error });
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS, includeErrorInReport: true });
  },
  120_000 + 2000 * RUNS,
);
