/** @file The tables that decoder, encoder and walkers run on, made from `proto/onnx.proto` when this module loads. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { MessageTypes } from './messages.js';

/** How the value of a field stands on the wire. Enums are `int32`: a number that is new to us must survive. */
export type FieldKind = 'int32' | 'int64' | 'uint64' | 'float' | 'double' | 'string' | 'bytes' | 'message';

export interface FieldSchema {
  readonly id: number;
  /** As in the TypeScript interface, camelCase. */
  readonly name: string;
  readonly kind: FieldKind;
  readonly repeated: boolean;
  /** A payload field of TensorProto: a typed array here, one length-delimited run of values on the wire. */
  readonly packed: boolean;
  readonly message: MessageSchema | undefined;
  /** The other members of its oneof; setting one unsets the rest. */
  readonly rivals: readonly string[];
}

export interface MessageSchema {
  /** Without the package: `TypeProto.Tensor`. */
  readonly name: string;
  /** By ascending number, the order in which protobuf's own encoders write. */
  readonly fields: readonly FieldSchema[];
  readonly byId: ReadonlyMap<number, FieldSchema>;
  /** What a message has before its first field is read: every repeated field, empty. */
  readonly empty: Readonly<Record<string, unknown>>;
}

const KINDS: Readonly<Record<string, FieldKind>> = {
  int32: 'int32',
  int64: 'int64',
  uint64: 'uint64',
  float: 'float',
  double: 'double',
  string: 'string',
  bytes: 'bytes',
};

const EMPTY_PAYLOADS: Readonly<Partial<Record<FieldKind, unknown>>> = {
  int32: new Int32Array(0),
  int64: new BigInt64Array(0),
  uint64: new BigUint64Array(0),
  float: new Float32Array(0),
  double: new Float64Array(0),
};

const EMPTY_LIST: readonly never[] = Object.freeze([]);

function fieldSchema(field: protobuf.Field, message: MessageSchema | undefined): FieldSchema {
  const kind = message !== undefined ? 'message' : field.resolvedType !== null ? 'int32' : KINDS[field.type];
  if (kind === undefined) throw new Error(`onnx.proto: no decoder for the type ${field.type} of ${field.fullName}`);
  const rivals = field.partOf?.oneof.filter((name) => name !== field.name) ?? [];
  return { id: field.id, name: field.name, kind, repeated: field.repeated, packed: field.packed, message, rivals };
}

function emptyMessage(fields: readonly FieldSchema[]): Record<string, unknown> {
  const empty: Record<string, unknown> = {};
  for (const { name, kind, repeated, packed } of fields) {
    if (repeated) empty[name] = packed ? EMPTY_PAYLOADS[kind] : EMPTY_LIST;
  }
  return empty;
}

/** Messages are recursive (a graph's node's attribute holds a graph), so each is entered before its fields are. */
function compile(type: protobuf.Type, known: Map<string, MessageSchema>): MessageSchema {
  const name = type.fullName.replace(/^\.onnx\./, '');
  const before = known.get(name);
  if (before !== undefined) return before;
  const fields: FieldSchema[] = [];
  const byId = new Map<number, FieldSchema>();
  const empty: Record<string, unknown> = {};
  const schema: MessageSchema = { name, fields, byId, empty };
  known.set(name, schema);
  for (const field of [...type.fieldsArray].sort((a, b) => a.id - b.id)) {
    const target = field.resolvedType;
    const entry = fieldSchema(field, target instanceof protobuf.Type ? compile(target, known) : undefined);
    fields.push(entry);
    byId.set(entry.id, entry);
  }
  Object.assign(empty, emptyMessage(fields));
  return schema;
}

function messageTypes(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Type) return [nested, ...messageTypes(nested)];
    return nested instanceof protobuf.Namespace ? messageTypes(nested) : [];
  });
}

function loadSchemas(): ReadonlyMap<string, MessageSchema> {
  // The same place from src/onnx/ and from dist/onnx/.
  const { root } = protobuf.parse(readFileSync(new URL('../../proto/onnx.proto', import.meta.url), 'utf8'));
  // Whether a field is packed is only known after this.
  root.resolveAll();
  const known = new Map<string, MessageSchema>();
  for (const type of messageTypes(root)) compile(type, known);
  return known;
}

/** Every message of the standard by its name. */
export const messageSchemas: ReadonlyMap<string, MessageSchema> = loadSchemas();

/** The table of one message. */
export function messageSchema(name: keyof MessageTypes): MessageSchema {
  const schema = messageSchemas.get(name);
  if (schema === undefined) throw new Error(`onnx.proto: no message ${name}`);
  return schema;
}
