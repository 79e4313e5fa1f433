import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMessage } from '../../src/onnx/createMessage.js';
import { decodeMessage } from '../../src/onnx/decodeMessage.js';
import { decodeModel } from '../../src/onnx/decodeModel.js';
import { encodeMessage } from '../../src/onnx/encodeMessage.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { type FieldSchema, type MessageSchema, messageSchema, messageSchemas } from '../../src/onnx/messageSchema.js';
import { bytesOf } from '../../src/onnx/storedBytes.js';

const FIXTURES = new URL('../../fixtures/', import.meta.url);
const models = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.onnx'));

function encode(schema: MessageSchema, message: object): Uint8Array {
  return new Uint8Array(Buffer.concat(encodeMessage(schema, message).map(bytesOf)));
}

describe('decode → encode → decode is the identity', () => {
  test('there are fixtures to try', () => expect(models.length).toBeGreaterThanOrEqual(6));

  test.each(models)('on %s, byte for byte', (file) => {
    const bytes = readFileSync(new URL(file, FIXTURES));
    const model = decodeModel(bytes, file);
    const again = encodeModel(model);
    expect(decodeModel(again, file)).toStrictEqual(model);
    expect(Buffer.compare(again, bytes)).toBe(0);
  });
});

const text = fc.string({ unit: 'binary', maxLength: 12 });
const bytes = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ minLength: 600, maxLength: 700 }));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

function single({ kind, message }: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'int32':
      return fc.integer();
    case 'int64':
      return int64;
    case 'uint64':
      return uint64;
    case 'float':
      return fc.float();
    case 'double':
      return fc.double();
    case 'string':
      return text;
    case 'bytes':
      return bytes;
    case 'message':
      return anyMessage(message!, depth + 1);
  }
}

function payload({ kind }: FieldSchema): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'int32':
      return fc.int32Array();
    case 'int64':
      return fc.bigInt64Array();
    case 'uint64':
      return fc.bigUint64Array();
    case 'float':
      return fc.float32Array();
    default:
      return fc.float64Array();
  }
}

/** A message with a few of its fields, at most one of a oneof, and now and then an unknown one. */
function anyMessage(schema: MessageSchema, depth: number): fc.Arbitrary<object> {
  const fields = schema.fields.filter(({ kind }) => kind !== 'message' || depth < 3);
  return fc.subarray(fields, { maxLength: Math.min(5, fields.length) }).chain((chosen) => {
    const kept = chosen.filter(({ rivals }, at) => !chosen.slice(0, at).some(({ name }) => rivals.includes(name)));
    const values = kept.map((field): [string, fc.Arbitrary<unknown>] => {
      if (field.packed) return [field.name, payload(field)];
      return [field.name, field.repeated ? fc.array(single(field, depth), { maxLength: 3 }) : single(field, depth)];
    });
    // Field 999, a varint: tag 0xb8 0x3e.
    const unknown = fc.option(fc.constant({ unknownFields: [Uint8Array.of(0xb8, 0x3e, 7)] }), { nil: {} });
    return fc
      .tuple(fc.record(Object.fromEntries(values)), unknown)
      .map(([given, extra]) => ({ ...schema.empty, ...given, ...extra }));
  });
}

test.each([...messageSchemas.values()].map((schema) => [schema.name, schema] as const))(
  'encode → decode gives back any %s',
  (_, schema) => {
    fc.assert(
      fc.property(anyMessage(schema, 0), (message) => {
        expect(decodeMessage(schema, encode(schema, message), 'it')).toEqual(message);
      }),
      { numRuns: 60, seed: 1 },
    );
  },
);

describe('what the law needs beyond the schema', () => {
  const node = messageSchema('NodeProto');
  const tensor = messageSchema('TensorProto');

  test('unknown fields of every wire type are kept, in order, also inside nested messages', () => {
    const unknown = [
      Uint8Array.of(0xb8, 0x3e, 0x96, 0x01),
      Uint8Array.of(0xb9, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8),
      Uint8Array.of(0xba, 0x3e, 2, 9, 9),
      Uint8Array.of(0xbb, 0x3e, 0x08, 0x01, 0xbc, 0x3e),
      Uint8Array.of(0xbd, 0x3e, 1, 2, 3, 4),
    ];
    const attribute = createMessage('AttributeProto', { name: 'a', unknownFields: unknown });
    const message = createMessage('NodeProto', { opType: 'X', attribute: [attribute], unknownFields: unknown });
    expect(decodeMessage(node, encode(node, message), 'it')).toEqual(message);
  });

  test('a known field with a foreign wire type counts as unknown', () => {
    const wire = Uint8Array.of(0x18, 5); // NodeProto.name as a varint
    expect(decodeMessage(node, wire, 'it')).toMatchObject({ unknownFields: [wire] });
    expect(encode(node, decodeMessage(node, wire, 'it'))).toEqual(wire);
  });

  test('repeated numbers may be packed or not, whatever the schema says', () => {
    const packedDims = Uint8Array.of(0x0a, 3, 2, 0x80, 0x01); // dims = 1, packed
    expect(decodeMessage(tensor, packedDims, 'it')).toMatchObject({ dims: [2n, 128n] });
    // int64_data = 7 as -1, unpacked, then 5 and 6 packed; float_data = 4 unpacked.
    const minusOne = [0x38, ...Array<number>(9).fill(0xff), 0x01];
    const mixed = Uint8Array.of(...minusOne, 0x3a, 2, 5, 6, 0x25, 0, 0, 0x80, 0x3f);
    expect(decodeMessage(tensor, mixed, 'it')).toMatchObject({
      int64Data: BigInt64Array.of(-1n, 5n, 6n),
      floatData: Float32Array.of(1),
    });
  });

  test('a singular message that comes twice is joined; of a scalar and of a oneof the last counts', () => {
    const value = messageSchema('ValueInfoProto');
    const twice = Uint8Array.of(0x12, 2, 0x32, 0, 0x12, 4, 0x0a, 2, 0x08, 1, 0x0a, 1, 65, 0x0a, 1, 66);
    expect(decodeMessage(value, twice, 'it')).toMatchObject({
      name: 'B',
      type: { denotation: '', tensorType: { elemType: 1 } },
    });
    const dimension = messageSchema('TensorShapeProto.Dimension');
    expect(decodeMessage(dimension, Uint8Array.of(0x08, 3, 0x12, 1, 78), 'it')).toEqual({ dimParam: 'N' });
    const type = messageSchema('TypeProto');
    expect(decodeMessage(type, Uint8Array.of(0x0a, 2, 0x08, 1, 0x22, 0), 'it')).toEqual({ sequenceType: {} });
  });

  test('a NaN keeps its bits', () => {
    const bits = Uint8Array.of(0x22, 4, 1, 0, 0xa0, 0x7f); // a signalling NaN
    expect(encode(tensor, decodeMessage(tensor, bits, 'it'))).toEqual(bits);
  });

  test('bytes are views over the file, not copies', () => {
    const file = Uint8Array.of(0x4a, 3, 1, 2, 3);
    const { rawData } = decodeMessage(tensor, file, 'it') as { rawData: Uint8Array };
    expect(rawData.buffer).toBe(file.buffer);
    expect(rawData.byteOffset).toBe(2);
  });

  test('integers that do not fit are refused, not wrapped', () => {
    const attribute = messageSchema('AttributeProto');
    expect(() => encode(attribute, { i: 2n ** 63n })).toThrow('i cannot hold 9223372036854775808: it is an int64');
    expect(() => encode(tensor, { dataType: 2 ** 31 })).toThrow('dataType cannot hold 2147483648: it is an int32');
  });
});
