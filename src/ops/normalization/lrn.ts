import { inputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { padOrCrop } from '../spatial/padOrCrop.js';
import { pinAxis, tieSameAxes } from '../ties.js';

interface LrnAttributes {
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
  readonly size: number;
}

/** LRN: `Y[c] = X[c] / (bias + alpha / size · Σ X[i]²)^beta` over the `size` channels i around c. */
export const lrn: OpDef<LrnAttributes> = {
  type: 'LRN',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({
    alpha: raw.float('alpha', 0.0001),
    beta: raw.float('beta', 0.75),
    bias: raw.float('bias', 1),
    size: raw.integer('size', 1),
  }),
  channels: (context) => [
    ...tieSameAxes(context),
    // The neighbours of a channel would be others without those in between.
    pinAxis(inputAxis(context, 0, 1), 'normalises over neighbouring channels'),
  ],
  lower: (tf, [x], { alpha, beta, bias, size }) => {
    const before = Math.floor((size - 1) / 2);
    const margins = x!.shape.map((_, axis) =>
      axis === 1 ? ([before, size - 1 - before] as const) : ([0, 0] as const),
    );
    const squares = padOrCrop(tf, tf.square(x!), margins);
    const neighbours = Array.from({ length: size }, (_, i) =>
      tf.slice(
        squares,
        x!.shape.map((_, axis) => (axis === 1 ? i : 0)),
        x!.shape,
      ),
    );
    const sum = tf.add(tf.mul(tf.addN(neighbours), alpha / size), bias);
    return [tf.mul(x!, tf.pow(sum, -beta))];
  },
};
