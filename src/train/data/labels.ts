import { dataErrors } from '../../errors/dataErrors.js';
import type { DataArray } from './numericArray.js';

/**
 * Class indices from labels of shape [N] or [N, 1] (integers, or floats that hold integers), or from one-hot rows
 * [N, K]: exactly one 1 and else 0. Soft labels are refused, since the largest of them would throw the others away.
 * @throws DATA_LABEL_SHAPE, DATA_LABEL_VALUE, DATA_LABEL_NOT_ONE_HOT
 */
export function toLabels({ data, shape }: DataArray, where: string): Int32Array {
  const [count, width = 1] = shape;
  if (count === undefined || shape.length > 2) throw dataErrors.labelShape(where, shape);
  if (width !== 1) return fromOneHot({ data, shape }, count, width, where);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const value = data[i] as number;
    if (value !== (value | 0) || value < 0) throw dataErrors.labelValue(where, i, value);
    labels[i] = value;
  }
  return labels;
}

function fromOneHot({ data, shape }: DataArray, count: number, width: number, where: string): Int32Array {
  if (width === 0) throw dataErrors.labelShape(where, shape);
  const labels = new Int32Array(count).fill(-1);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < width; k++) {
      const value = data[i * width + k] as number;
      if (value === 0) continue;
      if (value !== 1 || labels[i] !== -1) throw dataErrors.labelNotOneHot(where, shape, i);
      labels[i] = k;
    }
    if (labels[i] === -1) throw dataErrors.labelNotOneHot(where, shape, i);
  }
  return labels;
}

/**
 * Checks that every label is one of `classes` class indices.
 * @throws DATA_LABEL_RANGE with the index and value of the first that is not
 */
export function checkLabels(labels: Int32Array, classes: number, where: string): void {
  const index = labels.findIndex((label) => label < 0 || label >= classes);
  if (index >= 0) throw dataErrors.labelRange(where, index, labels[index] as number, classes);
}
