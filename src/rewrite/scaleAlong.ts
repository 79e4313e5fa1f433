import type { TensorProto } from '../onnx/messages.js';
import { tensorShape } from '../onnx/tensorSize.js';
import { mapFloats } from './mapFloats.js';

/**
 * A float tensor with every element multiplied by `factor(outer, position)`, where `position` counts along `axis` and
 * `outer` numbers the row-major combinations of the axes before it.
 */
export function scaleAlong(
  tensor: TensorProto,
  axis: number,
  factor: (outer: number, position: number) => number,
  dir?: string,
): TensorProto {
  const dims = tensorShape(tensor);
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, 1);
  const width = dims[axis]!;
  const map = (element: number, index: number) => {
    const row = Math.floor(index / inner);
    return element * factor(Math.floor(row / width), row % width);
  };
  return mapFloats(tensor, map, dir);
}
