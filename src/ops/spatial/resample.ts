import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';
import type { Taps } from './sampling.js';

/** A tensor whose `axis` is made anew: element i is the weighted sum of what `taps[i]` names. */
export function resample(tf: Tf, x: Tensor, axis: number, taps: readonly Taps[]): Tensor {
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const input = x.shape[axis]!;
  const output = taps.length;
  const outer = before.reduce((product, dim) => product * dim, 1);
  const inner = after.reduce((product, dim) => product * dim, 1);
  const shape = [...before, output, ...after];
  const factor = output / input;
  if (taps.every((tap, i) => tap.length === 1 && tap[0]![1] === 1 && tap[0]![0] === Math.floor(i / factor))) {
    if (Number.isInteger(factor)) {
      return tf.reshape(tf.tile(tf.reshape(x, [outer, input, 1, inner]), [1, 1, factor, 1]), shape);
    }
  }
  const weights = new Float32Array(output * input);
  taps.forEach((tap, i) => {
    for (const [element, weight] of tap) weights[i * input + element]! += weight;
  });
  const matrix = tf.tensor2d(weights, [output, input]);
  const made =
    inner === 1
      ? tf.matMul(tf.reshape(x, [outer, input]), matrix, false, true)
      : tf.matMul(tf.reshape(matrix, [1, output, input]), tf.reshape(x, [outer, input, inner]));
  return tf.reshape(made, shape);
}
