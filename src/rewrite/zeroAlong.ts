import { requireDataType } from '../onnx/dataType.js';
import type { TensorProto } from '../onnx/messages.js';
import { createTensor } from '../onnx/tensorData.js';
import { ownTensorBytes } from '../onnx/tensorPayload.js';
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
  const bytes = ownTensorBytes(tensor, dir);
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, bits / 8);
  // Rows are short and many: by words, in a plain loop, where they allow it.
  const units = inner % 4 === 0 ? new Uint32Array(bytes.buffer, 0, bytes.length >> 2) : bytes;
  const step = inner % 4 === 0 ? inner / 4 : inner;
  const zeroed = positionsOf(marked);
  const block = step * marked.length;
  for (let start = 0; start < units.length; start += block) {
    for (const position of zeroed) {
      const from = start + position * step;
      if (step >= 64) units.fill(0, from, from + step);
      else for (let i = from; i < from + step; i++) units[i] = 0;
    }
  }
  return createTensor(tensor.name ?? '', dataType, dims, bytes);
}

function positionsOf(marked: Uint8Array): Int32Array {
  return Int32Array.from(marked.keys()).filter((position) => marked[position] === 1);
}
