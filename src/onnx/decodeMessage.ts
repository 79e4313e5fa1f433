/** @file Protobuf's wire format to plain objects, by the tables of `messageSchema.ts`. Bytes are views, not copies. */
import protobuf from 'protobufjs';
import { modelErrors } from '../errors/modelErrors.js';
import type { FieldSchema, MessageSchema } from './messageSchema.js';
import { type Span, unpackPayload } from './unpackPayload.js';

/** How deep messages may nest: the default limit of protobuf's own decoders, so no runtime could read more. */
export const MAX_DEPTH = 100;

const WIRE = { VARINT: 0, FIXED64: 1, LENGTH: 2, FIXED32: 5 } as const;

interface Source {
  readonly reader: protobuf.Reader;
  /** For messages. */
  readonly path: string;
  readonly size: number;
}

type Fields = Record<string, unknown>;

function wireType({ kind }: FieldSchema): number {
  if (kind === 'string' || kind === 'bytes' || kind === 'message') return WIRE.LENGTH;
  return kind === 'float' ? WIRE.FIXED32 : kind === 'double' ? WIRE.FIXED64 : WIRE.VARINT;
}

/** Reads a length prefix and steps over what it measures; what lies outside the surrounding message is refused. */
function readSpan({ reader, path, size }: Source, owner: string): Span {
  const length = reader.size();
  const start = reader.pos;
  const end = start + length;
  if (end > size) throw modelErrors.truncated(path, end, size);
  if (end > reader.len) {
    throw modelErrors.notProtobuf(path, `${owner} at byte ${start} is longer than the message around it`);
  }
  reader.pos = end;
  return { start, end };
}

function readScalar(source: Source, { kind, name }: FieldSchema, owner: MessageSchema): unknown {
  const { reader, path } = source;
  switch (kind) {
    case 'int32':
      return reader.int32();
    case 'int64': {
      const { high, low } = reader.int64();
      return (BigInt(high) << 32n) | BigInt(low >>> 0);
    }
    case 'uint64': {
      const { high, low } = reader.uint64();
      return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    }
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'bytes': {
      const { start, end } = readSpan(source, `${owner.name}.${name}`);
      return reader.buf.subarray(start, end);
    }
    case 'string': {
      const position = reader.pos;
      const { end } = readSpan(source, `${owner.name}.${name}`);
      reader.pos = position;
      try {
        return reader.stringVerify();
      } catch (cause) {
        reader.pos = end;
        throw modelErrors.text(path, `${owner.name}.${name}`, position, cause);
      }
    }
    case 'message':
      throw new Error('a message is no scalar');
  }
}

/** One message under construction: `fields` is what it has, the maps what it gets when all of it was seen. */
class Draft {
  readonly fields: Fields;
  /** Protobuf joins the occurrences of a singular message; joining is decoding their bytes one after the other. */
  readonly messages = new Map<FieldSchema, Span[]>();
  readonly payloads = new Map<FieldSchema, Span[]>();

  constructor(readonly schema: MessageSchema) {
    this.fields = { ...schema.empty };
  }

  append(name: string, value: unknown): void {
    const list = this.fields[name];
    if (list === this.schema.empty[name] || list === undefined) this.fields[name] = [value];
    else (list as unknown[]).push(value);
  }

  clearRivals({ rivals }: FieldSchema): void {
    for (const rival of rivals) {
      delete this.fields[rival];
      for (const field of this.messages.keys()) if (field.name === rival) this.messages.delete(field);
    }
  }
}

function push(map: Map<FieldSchema, Span[]>, field: FieldSchema, span: Span): void {
  const spans = map.get(field);
  if (spans === undefined) map.set(field, [span]);
  else spans.push(span);
}

/** Reads the value after a tag; false if the field is unknown or has another wire type, and nothing was read. */
function readField(source: Source, draft: Draft, id: number, wire: number, depth: number): boolean {
  const field = draft.schema.byId.get(id);
  if (field === undefined) return false;
  const { reader } = source;
  const natural = wire === wireType(field);
  // Decoders must accept numbers both one by one and packed, whatever the schema says.
  const packed = field.repeated && wire === WIRE.LENGTH && !natural;
  if (!natural && !packed) return false;
  const owner = `${draft.schema.name}.${field.name}`;
  if (field.packed) {
    const start = reader.pos;
    if (packed) push(draft.payloads, field, readSpan(source, owner));
    else {
      reader.skipType(wire, depth);
      push(draft.payloads, field, { start, end: reader.pos });
    }
  } else if (packed) {
    const outer = reader.len;
    const { start, end } = readSpan(source, owner);
    reader.pos = start;
    reader.len = end;
    while (reader.pos < end) draft.append(field.name, readScalar(source, field, draft.schema));
    reader.len = outer;
  } else if (field.message !== undefined) {
    const span = readSpan(source, owner);
    draft.clearRivals(field);
    if (field.repeated) draft.append(field.name, decodeSpans(source, field.message, [span], depth + 1));
    else push(draft.messages, field, span);
  } else {
    const value = readScalar(source, field, draft.schema);
    draft.clearRivals(field);
    if (field.repeated) draft.append(field.name, value);
    else draft.fields[field.name] = value;
  }
  return true;
}

function decodeSpans(source: Source, schema: MessageSchema, spans: readonly Span[], depth: number): Fields {
  if (depth > MAX_DEPTH) throw modelErrors.tooDeep(source.path, MAX_DEPTH);
  const { reader } = source;
  const [outerPosition, outerLength] = [reader.pos, reader.len];
  const draft = new Draft(schema);
  for (const { start, end } of spans) {
    reader.pos = start;
    reader.len = end;
    while (reader.pos < end) {
      const at = reader.pos;
      const tag = reader.tag();
      if (readField(source, draft, tag >>> 3, tag & 7, depth)) continue;
      reader.skipType(tag & 7, depth, tag >>> 3);
      draft.append('unknownFields', reader.buf.subarray(at, reader.pos));
    }
  }
  for (const [field, parts] of draft.payloads) draft.fields[field.name] = unpackPayload(reader, field.kind, parts);
  for (const [field, parts] of draft.messages) {
    if (field.message !== undefined) draft.fields[field.name] = decodeSpans(source, field.message, parts, depth + 1);
  }
  reader.pos = outerPosition;
  reader.len = outerLength;
  return draft.fields;
}

/**
 * Decodes one message; allocation is bounded by a fixed multiple of the bytes given.
 *
 * @param path of the file, for messages
 * @throws MODEL_TRUNCATED, MODEL_NOT_PROTOBUF, MODEL_TEXT, MODEL_TOO_DEEP
 */
export function decodeMessage(schema: MessageSchema, bytes: Uint8Array, path: string): Readonly<Fields> {
  // A Buffer would hand out Buffers; a plain view over the same memory hands out plain views.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const source: Source = { reader: new protobuf.Reader(plain), path, size: plain.length };
  try {
    return decodeSpans(source, schema, [{ start: 0, end: plain.length }], 0);
  } catch (error) {
    throw wireError(error, source);
  }
}

/** Gives protobufjs's own errors (overlong varints, reads past the end, unknown wire types) a place in the catalogue. */
function wireError(error: unknown, { reader, path, size }: Source): unknown {
  if (!(error instanceof Error) || 'code' in error) return error;
  if (error instanceof RangeError && reader.len >= size && reader.pos + 10 >= size) {
    return modelErrors.truncated(path, size + 1, size);
  }
  if (error.message.includes('max depth')) return modelErrors.tooDeep(path, MAX_DEPTH);
  const detail = error instanceof RangeError ? 'a value is longer than the message around it' : error.message;
  return modelErrors.notProtobuf(path, `${detail.replace(/ at offset \d+$/, '')} (byte ${reader.pos})`, error);
}
