/** @file Operators that tell elements by where they stand in a matrix. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { inputAxis } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import { pinAxis, pinInput, pinOutput, tieSameAxes } from '../ties.js';
import { fixedNumbers } from './targetShape.js';

/** A matrix of 1 where `isOne` says so, else 0. */
function matrix(tf: Tf, rows: number, columns: number, isOne: (row: number, column: number) => boolean): Tensor {
  const values = Array.from({ length: rows * columns }, (_, i) => {
    return isOne(Math.floor(i / columns), i % columns) ? 1 : 0;
  });
  return tf.tensor2d(values, [rows, columns], 'float32');
}

/** Trilu: the upper (or lower) triangle of the last two axes, from the `k`-th diagonal on; 0 elsewhere. */
export const trilu: OpDef<{ upper: boolean }> = {
  type: 'Trilu',
  domain: '',
  since: 14,
  inputs: ['data', 'setting'],
  attributes: (raw) => ({ upper: raw.integer('upper', 1) !== 0 }),
  channels: (context) => [
    ...tieSameAxes(context),
    ...[-2, -1].map((axis) => pinAxis(inputAxis(context, 0, axis), 'keeps a triangle of it')),
  ],
  lower: (tf, [x], { upper }, context) => {
    const [k] = context.node.inputs[1] === undefined ? [0] : (fixedNumbers(context, 1) ?? []);
    if (k === undefined) return { untrainable: 'its diagonal is calculated from the data' };
    const [rows, columns] = [x!.shape.at(-2)!, x!.shape.at(-1)!];
    const isKept = (row: number, column: number) => (upper ? column >= row + k : column <= row + k);
    return [tf.mul(x!, matrix(tf, rows, columns, isKept))];
  },
};

/** EyeLike: a matrix as large as the input that is 1 on its `k`-th diagonal, 0 elsewhere. */
export const eyeLike: OpDef<{ k: number }> = {
  type: 'EyeLike',
  domain: '',
  since: 9,
  inputs: ['data'],
  attributes: (raw) => {
    raw.ignore('dtype');
    return { k: raw.integer('k', 0) };
  },
  channels: (context) => [
    ...pinInput(context, 0, 'is 1 where its two axes meet'),
    ...pinOutput(context, 0, 'is 1 where its two axes meet'),
  ],
  lower: (tf, _, { k }, context) => {
    const [rows, columns] = context.runningDims(0);
    return [matrix(tf, rows!, columns!, (row, column) => column === row + k)];
  },
};
