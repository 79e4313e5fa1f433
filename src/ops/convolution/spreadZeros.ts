import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/**
 * A tensor with `steps[axis] − 1` zeros between neighbours along each axis: a kernel as its dilation spreads it, the
 * input of a strided transposed convolution. An axis of n elements becomes (n − 1) · step + 1 long.
 */
export function spreadZeros(tf: Tf, x: Tensor, steps: readonly number[]): Tensor {
  return steps.reduce((spread, step, axis) => {
    const size = spread.shape[axis]!;
    if (step === 1 || size === 1) return spread;
    const before = spread.shape.slice(0, axis);
    const after = spread.shape.slice(axis + 1);
    const outer = before.reduce((product, dim) => product * dim, 1);
    const inner = after.reduce((product, dim) => product * dim, 1);
    const rows = tf.pad(tf.reshape(spread, [outer, size, 1, inner]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const length = (size - 1) * step + 1;
    const cut = tf.slice(tf.reshape(rows, [outer, size * step, inner]), [0, 0, 0], [outer, length, inner]);
    return tf.reshape(cut, [...before, length, ...after]);
  }, x);
}
