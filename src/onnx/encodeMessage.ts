/** @file Plain objects to protobuf's wire format, by the tables of `messageSchema.ts`; the reverse of `decodeMessage.ts`. */
import protobuf from 'protobufjs';
import { MAX_DEPTH } from './decodeMessage.js';
import type { FieldSchema, MessageSchema } from './messageSchema.js';
import { type Bytes, bytesOf } from './storedBytes.js';

const WIRE_TYPES = { int32: 0, int64: 0, uint64: 0, float: 5, double: 1, string: 2, bytes: 2, message: 2 } as const;

/** Shorter byte runs are copied into the running part; longer ones (weights) stay views until the file is put together. */
const INLINE_BYTES = 512;

/** An encoded message as a list of byte runs, so that weights are copied once at most and lengths are known exactly. */
class Parts {
  readonly list: Bytes[] = [];
  #flushed = 0;
  readonly writer = new protobuf.Writer();

  get length(): number {
    return this.#flushed + this.writer.pos;
  }

  add(bytes: Bytes): void {
    if (bytes.length <= INLINE_BYTES) this.writer.raw(bytesOf(bytes));
    else {
      this.flush();
      this.list.push(bytes);
      this.#flushed += bytes.length;
    }
  }

  flush(): void {
    if (this.writer.pos === 0) return;
    this.list.push(this.writer.finish());
    this.#flushed += this.writer.pos;
    this.writer.reset();
  }
}

interface Halves {
  readonly low: number;
  readonly high: number;
}

/** The writer takes 64-bit integers as anything with a low and a high half. */
function writeHalves(writer: protobuf.Writer, halves: Halves): void {
  writer.uint64(halves as unknown as number);
}

function checkRange(field: FieldSchema, fits: boolean, value: unknown): void {
  if (!fits) throw new RangeError(`${field.name} cannot hold ${String(value)}: it is an ${field.kind}`);
}

function writeBytes(parts: Parts, bytes: Bytes): void {
  parts.writer.uint32(bytes.length);
  parts.add(bytes);
}

function writeValue(parts: Parts, field: FieldSchema, value: unknown, depth: number): void {
  const { writer } = parts;
  switch (field.kind) {
    case 'int32':
      checkRange(field, ((value as number) | 0) === value, value);
      writer.int32(value as number);
      return;
    case 'int64':
    case 'uint64': {
      const integer = value as bigint;
      const kept = field.kind === 'int64' ? BigInt.asIntN(64, integer) : BigInt.asUintN(64, integer);
      checkRange(field, kept === integer, value);
      writeHalves(writer, {
        low: Number(integer & 0xffff_ffffn) | 0,
        high: Number((integer >> 32n) & 0xffff_ffffn) | 0,
      });
      return;
    }
    case 'float':
      writer.float(value as number);
      return;
    case 'double':
      writer.double(value as number);
      return;
    case 'string':
      writer.string(value as string);
      return;
    case 'bytes':
      writeBytes(parts, value as Bytes);
      return;
    case 'message': {
      if (field.message === undefined) throw new Error(`${field.name} has no message type`);
      const inner = new Parts();
      writeMessage(inner, field.message, value as Readonly<Record<string, unknown>>, depth + 1);
      writer.uint32(inner.length);
      inner.flush();
      for (const part of inner.list) parts.add(part);
    }
  }
}

/** Typed arrays to one packed run; floats are already as the wire wants them (little-endian). */
function writePayload(parts: Parts, field: FieldSchema, payload: ArrayBufferView): void {
  const bytes = new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength);
  if (field.kind === 'float' || field.kind === 'double') {
    writeBytes(parts, bytes);
    return;
  }
  const { writer } = parts;
  writer.fork();
  if (field.kind === 'int32') {
    for (const value of payload as Int32Array) writer.int32(value);
  } else {
    const words = new Int32Array(payload.buffer, payload.byteOffset, payload.byteLength / 4);
    const halves = { low: 0, high: 0 };
    for (let at = 0; at < words.length; at += 2) {
      halves.low = words[at]!;
      halves.high = words[at + 1]!;
      writeHalves(writer, halves);
    }
  }
  writer.ldelim();
}

function writeField(parts: Parts, field: FieldSchema, value: unknown, depth: number): void {
  const tag = field.id * 8 + WIRE_TYPES[field.kind];
  if (field.packed) {
    if ((value as ArrayBufferView).byteLength === 0) return;
    parts.writer.uint32(field.id * 8 + 2);
    writePayload(parts, field, value as ArrayBufferView);
  } else if (field.repeated) {
    for (const item of value as readonly unknown[]) {
      parts.writer.uint32(tag);
      writeValue(parts, field, item, depth);
    }
  } else {
    parts.writer.uint32(tag);
    writeValue(parts, field, value, depth);
  }
}

function writeMessage(
  parts: Parts,
  schema: MessageSchema,
  message: Readonly<Record<string, unknown>>,
  depth: number,
): void {
  if (depth > MAX_DEPTH)
    throw new RangeError(`${schema.name}: messages nested deeper than ${MAX_DEPTH} cannot be read back`);
  for (const field of schema.fields) {
    const value = message[field.name];
    if (value !== undefined) writeField(parts, field, value, depth);
  }
  for (const raw of (message.unknownFields as readonly Uint8Array[] | undefined) ?? []) parts.add(raw);
}

/** The encoded message as consecutive byte runs; runs that are weights are the message's own, in memory or in a file. */
export function encodeMessage(schema: MessageSchema, message: object): readonly Bytes[] {
  const parts = new Parts();
  writeMessage(parts, schema, message as Readonly<Record<string, unknown>>, 0);
  parts.flush();
  return parts.list;
}
