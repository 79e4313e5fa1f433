import { requireDataType } from '../onnx/dataType.js';
import type { TensorProto } from '../onnx/messages.js';
import { derivedBytes } from '../onnx/storedBytes.js';
import { createTensor } from '../onnx/tensorData.js';
import { tensorPayload } from '../onnx/tensorPayload.js';
import { elementCount, tensorShape } from '../onnx/tensorSize.js';

/** The positions that are taken along axes, by axis; a position may come several times. */
export type Selections = ReadonlyMap<number, ArrayLike<number>>;

/**
 * The tensor with only some positions of its axes, in the given order.
 *
 * Works on bytes, so every element type is cut exactly; elements that share a byte get one each for the while.
 *
 * @param dir folder of the model, for external data
 */
export function takeAlong(tensor: TensorProto, selections: Selections, dir?: string): TensorProto {
  if (selections.size === 0) return tensor;
  const { bits, dataType } = requireDataType(tensor);
  const dims = tensorShape(tensor);
  const isPacked = bits < 8;
  const shape = dims.map((dim, axis) => selections.get(axis)?.length ?? dim);
  const elementBytes = isPacked ? 1 : bits / 8;
  const count = shape.reduce((size, dim) => size * dim, elementBytes);
  const payload = derivedBytes(
    tensorPayload(tensor, dir),
    isPacked ? Math.ceil((count * bits) / 8) : count,
    (from, to) => {
      const rows = rowsOf(dims, selections, elementBytes);
      if (!isPacked) copyRows(from, rows, to);
      else {
        const elements = new Uint8Array(count);
        copyRows(unpacked(from, bits, elementCount(tensor)), rows, elements);
        pack(elements, bits, to);
      }
    },
  );
  return { ...createTensor(tensor.name ?? '', dataType, shape, payload), ...keptFields(tensor) };
}

/** Rows of `inner` bytes each, in blocks of which only some rows are taken. */
interface Rows {
  /** The first row of each block that is taken. */
  readonly starts: Float64Array;
  /** The rows that are taken of each block. */
  readonly indices: ArrayLike<number>;
  readonly inner: number;
}

/** A row is all that stands behind the last of the axes along which positions are taken. */
function rowsOf(dims: readonly number[], selections: Selections, elementBytes: number): Rows {
  const last = Math.max(...selections.keys());
  let starts = Float64Array.of(0);
  for (const [axis, dim] of dims.slice(0, last).entries()) {
    const indices = selections.get(axis);
    const length = indices?.length ?? dim;
    const next = new Float64Array(starts.length * length);
    for (let i = 0; i < next.length; i++) {
      const position = i % length;
      next[i] = starts[(i - position) / length]! * dim + (indices?.[position] ?? position);
    }
    starts = next;
  }
  const inner = dims.slice(last + 1).reduce((size, dim) => size * dim, elementBytes);
  return { starts: starts.map((start) => start * dims[last]!), indices: selections.get(last)!, inner };
}

/** Rows are short and many: copied by words, in a plain loop, where they allow it. */
function copyRows(bytes: Uint8Array, { starts, indices, inner }: Rows, target: Uint8Array): void {
  const isWords = inner % 4 === 0;
  const aligned = isWords && bytes.byteOffset % 4 !== 0 ? new Uint8Array(bytes) : bytes;
  const from = isWords ? new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2) : bytes;
  const step = isWords ? inner / 4 : inner;
  const to = isWords ? new Uint32Array(target.buffer, target.byteOffset, target.byteLength >> 2) : target;
  let at = 0;
  for (let s = 0; s < starts.length; s++) {
    const start = starts[s]!;
    for (let i = 0; i < indices.length; i++) {
      let read = (start + indices[i]!) * step;
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
