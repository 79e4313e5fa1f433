import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';

/** How many elements an axis gains before and after; it loses them where the number is negative. */
export type Margin = readonly [before: number, after: number];

/** A tensor with constants added, or elements taken away, at both ends of each axis. */
export function padOrCrop(tf: Tf, x: Tensor, margins: readonly Margin[], value = 0): Tensor {
  const begin = margins.map(([before]) => Math.max(0, -before));
  const size = x.shape.map((dim, axis) => dim - begin[axis]! - Math.max(0, -margins[axis]![1]));
  const cropped = size.every((dim, axis) => dim === x.shape[axis]) ? x : tf.slice(x, begin, size);
  const added = margins.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]);
  return added.every(([before, after]) => before === 0 && after === 0) ? cropped : tf.pad(cropped, added, value);
}
