import { requireDataType } from '../onnx/dataType.js';
import type { TensorProto } from '../onnx/messages.js';
import { derivedBytes } from '../onnx/storedBytes.js';
import { createTensor } from '../onnx/tensorData.js';
import { tensorPayload } from '../onnx/tensorPayload.js';
import { elementCount, tensorShape } from '../onnx/tensorSize.js';

/**
 * The tensor with only the positions `indices` of `axis`, in that order; a position may come several times.
 *
 * Works on bytes, so every element type is cut exactly; elements that share a byte get one each for the while.
 *
 * @param dir folder of the model, for external data
 */
export function takeAlong(tensor: TensorProto, axis: number, indices: ArrayLike<number>, dir?: string): TensorProto {
  const { bits, dataType } = requireDataType(tensor);
  const dims = tensorShape(tensor);
  const isPacked = bits < 8;
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, isPacked ? 1 : bits / 8);
  const outer = dims.slice(0, axis).reduce((size, dim) => size * dim, 1);
  const rows = { outer, width: dims[axis]!, inner };
  const shape = dims.map((dim, i) => (i === axis ? indices.length : dim));
  const count = outer * indices.length * inner;
  const payload = derivedBytes(
    tensorPayload(tensor, dir),
    isPacked ? Math.ceil((count * bits) / 8) : count,
    (from, to) => {
      if (!isPacked) copyRows(from, rows, indices, to);
      else {
        const elements = new Uint8Array(count);
        copyRows(unpacked(from, bits, elementCount(tensor)), rows, indices, elements);
        pack(elements, bits, to);
      }
    },
  );
  return { ...createTensor(tensor.name ?? '', dataType, shape, payload), ...keptFields(tensor) };
}

/** `outer` blocks of `width` rows of `inner` bytes each. */
interface Rows {
  readonly outer: number;
  readonly width: number;
  readonly inner: number;
}

/** The rows `indices` of every block. Rows are short and many: copied by words, in a plain loop, where they allow it. */
function copyRows(
  bytes: Uint8Array,
  { outer, width, inner }: Rows,
  indices: ArrayLike<number>,
  target: Uint8Array,
): void {
  const isWords = inner % 4 === 0;
  const aligned = isWords && bytes.byteOffset % 4 !== 0 ? bytes.slice() : bytes;
  const from = isWords ? new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2) : bytes;
  const step = isWords ? inner / 4 : inner;
  const to = isWords ? new Uint32Array(target.buffer, target.byteOffset, target.byteLength >> 2) : target;
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < indices.length; i++) {
      let read = (o * width + indices[i]!) * step;
      if (step >= 64) {
        to.set(from.subarray(read, read + step), at);
        at += step;
      } else for (const end = read + step; read < end; ) to[at++] = from[read++]!;
    }
  }
}

/** One byte for each element; the first of a byte stands in its lowest bits. */
function unpacked(bytes: Uint8Array, bits: number, count: number): Uint8Array {
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  return Uint8Array.from({ length: count }, (_, i) => {
    return (bytes[Math.floor(i / perByte)]! >> ((i % perByte) * bits)) & mask;
  });
}

function pack(elements: Uint8Array, bits: number, bytes: Uint8Array): void {
  const perByte = 8 / bits;
  bytes.fill(0);
  elements.forEach((element, i) => {
    bytes[Math.floor(i / perByte)]! |= element << ((i % perByte) * bits);
  });
}

function keptFields(tensor: TensorProto): Partial<TensorProto> {
  return {
    metadataProps: tensor.metadataProps,
    ...(tensor.docString === undefined ? {} : { docString: tensor.docString }),
  };
}
