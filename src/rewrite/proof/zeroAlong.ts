import { requireDataType } from '../../onnx/dataType.js';
import type { TensorProto } from '../../onnx/messages.js';
import { editedBytes } from '../../onnx/storedBytes.js';
import { createTensor } from '../../onnx/tensorData.js';
import { tensorPayload } from '../../onnx/tensorPayload.js';
import { tensorShape } from '../../onnx/tensorSize.js';

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
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, bits / 8);
  const zeroed = positionsOf(marked);
  const bytes = editedBytes(tensorPayload(tensor, dir), (copy) => zeroRows(copy, inner, marked.length, zeroed));
  return createTensor(tensor.name ?? '', dataType, dims, bytes);
}

/** Zeros at some rows of every block of `width` rows of `inner` bytes each. */
function zeroRows(bytes: Uint8Array, inner: number, width: number, zeroed: Int32Array): void {
  // Rows are short and many: by words, in a plain loop, where they allow it.
  const isWords = inner % 4 === 0;
  const units = isWords ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2) : bytes;
  const step = isWords ? inner / 4 : inner;
  const block = step * width;
  for (let start = 0; start < units.length; start += block) {
    for (const position of zeroed) {
      const from = start + position * step;
      if (step >= 64) units.fill(0, from, from + step);
      else for (let i = from; i < from + step; i++) units[i] = 0;
    }
  }
}

function positionsOf(marked: Uint8Array): Int32Array {
  return Int32Array.from(marked.keys()).filter((position) => marked[position] === 1);
}
