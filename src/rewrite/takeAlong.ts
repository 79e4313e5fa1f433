import { requireDataType } from '../onnx/dataType.js';
import type { TensorProto } from '../onnx/messages.js';
import { createTensor } from '../onnx/tensorData.js';
import { tensorBytes } from '../onnx/tensorPayload.js';
import { tensorShape } from '../onnx/tensorSize.js';

/**
 * The tensor with only the positions `indices` of `axis`, in that order; a position may come several times.
 *
 * Works on bytes, so every element type of whole bytes is cut exactly.
 *
 * @param dir folder of the model, for external data
 */
export function takeAlong(tensor: TensorProto, axis: number, indices: ArrayLike<number>, dir?: string): TensorProto {
  const { bits, dataType } = requireDataType(tensor);
  if (bits < 8) throw new Error(`'${tensor.name ?? ''}' has elements of ${bits} bits, which cannot be taken by bytes`);
  const dims = tensorShape(tensor);
  const bytes = tensorBytes(tensor, dir);
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, bits / 8);
  const outer = dims.slice(0, axis).reduce((size, dim) => size * dim, 1);
  const width = dims[axis]!;
  const taken = new Uint8Array(outer * indices.length * inner);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < indices.length; i++) {
      const from = (o * width + indices[i]!) * inner;
      taken.set(bytes.subarray(from, from + inner), at);
      at += inner;
    }
  }
  const shape = dims.map((dim, i) => (i === axis ? indices.length : dim));
  return { ...createTensor(tensor.name ?? '', dataType, shape, taken), ...keptFields(tensor) };
}

function keptFields(tensor: TensorProto): Partial<TensorProto> {
  return {
    metadataProps: tensor.metadataProps,
    ...(tensor.docString === undefined ? {} : { docString: tensor.docString }),
  };
}
