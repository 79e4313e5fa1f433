import { requireDataType } from '../onnx/dataType.js';
import type { TensorProto } from '../onnx/messages.js';
import { createTensor } from '../onnx/tensorData.js';
import { tensorBytes } from '../onnx/tensorPayload.js';
import { tensorShape } from '../onnx/tensorSize.js';

/**
 * A float tensor with zeros at the marked positions of an axis.
 *
 * @param marked 1 for each position of the axis that becomes zero
 * @param dir folder of the model, for external data
 */
export function zeroAlong(tensor: TensorProto, axis: number, marked: Uint8Array, dir?: string): TensorProto {
  const { bits, dataType, kind, name } = requireDataType(tensor);
  if (kind !== 'float' || bits < 8) throw new Error(`'${tensor.name ?? ''}' holds ${name}, not floats`);
  const dims = tensorShape(tensor);
  const bytes = tensorBytes(tensor, dir).slice();
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, bits / 8);
  const rows = bytes.length / Math.max(1, inner);
  for (let row = 0; row < rows; row++) {
    if (marked[row % marked.length] === 1) bytes.fill(0, row * inner, (row + 1) * inner);
  }
  return createTensor(tensor.name ?? '', dataType, dims, bytes);
}
