import type protobuf from 'protobufjs';
import type { FieldKind } from './messageSchema.js';

/** Bytes `start` to `end` (exclusive) of the file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

type Payload = Float32Array | Float64Array | Int32Array | BigInt64Array | BigUint64Array;

function copyFixed(buffer: Uint8Array, spans: readonly Span[], width: number): ArrayBuffer {
  let size = 0;
  for (const { start, end } of spans) {
    if ((end - start) % width !== 0) throw new Error(`a run of ${width}-byte values has ${end - start} bytes`);
    size += end - start;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { start, end } of spans) {
    bytes.set(buffer.subarray(start, end), at);
    at += end - start;
  }
  return bytes.buffer;
}

/** Every varint ends with the one byte of it that is below 128. */
function countVarints(buffer: Uint8Array, spans: readonly Span[]): number {
  let count = 0;
  for (const { start, end } of spans) {
    for (let at = start; at < end; at++) if (buffer[at]! < 128) count++;
  }
  return count;
}

/** 64-bit values are kept as low and high half, little-endian, so that no bigint is made per value. */
function unpackVarints(reader: protobuf.Reader, spans: readonly Span[], wide: boolean): ArrayBuffer {
  const count = countVarints(reader.buf, spans);
  const words = new Int32Array(wide ? 2 * count : count);
  let at = 0;
  for (const { start, end } of spans) {
    reader.pos = start;
    reader.len = end;
    while (reader.pos < end) {
      if (wide) {
        const { low, high } = reader.int64();
        words[at++] = low;
        words[at++] = high;
      } else {
        words[at++] = reader.int32();
      }
    }
  }
  return words.buffer;
}

/**
 * A packed field as one typed array, bit for bit (a NaN keeps its payload). It may stand in the file in several runs.
 *
 * @throws Error, RangeError of the reader, where a run ends within a value
 */
export function unpackPayload(reader: protobuf.Reader, kind: FieldKind, spans: readonly Span[]): Payload {
  switch (kind) {
    case 'float':
      return new Float32Array(copyFixed(reader.buf, spans, 4));
    case 'double':
      return new Float64Array(copyFixed(reader.buf, spans, 8));
    case 'int32':
      return new Int32Array(unpackVarints(reader, spans, false));
    case 'int64':
      return new BigInt64Array(unpackVarints(reader, spans, true));
    case 'uint64':
      return new BigUint64Array(unpackVarints(reader, spans, true));
    default:
      throw new Error(`${kind} values are never packed`);
  }
}
