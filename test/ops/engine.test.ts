/** @file Operators that take other ways on the engine that comes with the project than on tf.js's own. */
import { describe, test } from 'vitest';
import { createRng } from '../../src/random/rng.js';
import { expectSame, type Reading, runOn } from '../engine/backends.js';
import { attentionCases } from './cases/attentionCases.js';
import { broadcastCases } from './cases/broadcastCases.js';
import { convolutionCases, poolingCases } from './cases/convolutionCases.js';
import { convTransposeCases } from './cases/convTransposeCases.js';
import { fusedCases } from './cases/fusedCases.js';
import { moreNormalizationCases } from './cases/normalizationCases.js';
import { caseName, type OpCase } from './cases/opCase.js';
import { pointwiseCases } from './cases/pointwiseCases.js';
import { recurrentCases } from './cases/recurrentCases.js';
import { reductionCases } from './cases/reductionCases.js';
import { spatialCases } from './cases/spatialCases.js';
import { lowerCase, tf } from './lowerCase.js';

/** The output of a case, and the gradients of a random mix of it. */
async function outputAndGradients(backend: 'cpu' | 'onnxruntime', op: OpCase): Promise<readonly Reading[]> {
  await runOn(backend, () => tf.scalar(0));
  const { variables, apply } = await lowerCase(op);
  const start = variables.map(({ tensor }) => tensor);
  return runOn(backend, () => {
    const run = (tensors: readonly tf.Tensor[]) => {
      const results = apply(tensors);
      if ('untrainable' in results) throw new Error(results.untrainable);
      return results[0]!;
    };
    const y = run(start);
    // Truth values and positions have no gradient to speak of.
    if (y.dtype !== 'float32' || start.length === 0) return [y];
    const rng = createRng(3);
    const mix = tf.tensor(
      Float32Array.from({ length: y.size }, () => rng.normal()),
      y.shape,
    );
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      // tf.js refuses an input that the output does not depend on; its gradient is 0.
      const nothing = tensors.map((tensor) => tf.mul(tf.sum(tensor), 0));
      return tf.addN([tf.sum(tf.mul(run(tensors), mix)), ...nothing]);
    })([...start]);
    return [y, ...gradients];
  });
}

describe('on onnxruntime an operator gives what it gives on cpu, forward and backward', () => {
  const cases = [
    ...convolutionCases,
    ...convTransposeCases,
    ...poolingCases,
    ...spatialCases,
    ...pointwiseCases,
    ...broadcastCases,
    ...reductionCases,
    ...moreNormalizationCases,
    ...recurrentCases,
    ...fusedCases,
    ...attentionCases,
  ];
  const trainable = cases.filter(({ untrainable }) => untrainable === undefined);
  test.each(trainable.map((op) => [caseName(op), op] as const))('%s', async (_, op) => {
    expectSame(await outputAndGradients('onnxruntime', op), await outputAndGradients('cpu', op));
  });
});
