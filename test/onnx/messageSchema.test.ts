import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import { messageSchema, messageSchemas } from '../../src/onnx/messageSchema.js';
import { AttributeType, DataLocation } from '../../src/onnx/messages.js';

const source = readFileSync(new URL('../../src/onnx/messages.ts', import.meta.url), 'utf8');

/** The TypeScript type of each interface property, read from the source: types are gone at run time. */
function declaredFields(name: string): Record<string, string> {
  const body = new RegExp(`export interface ${name} extends Message \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
  return Object.fromEntries([...body.matchAll(/^ {2}readonly (\w+\??): (.+);$/gm)].map((m) => [m[1], m[2]]));
}

const INTERFACES = new Map([...source.matchAll(/^ {2}readonly '?([\w.]+)'?: (\w+);$/gm)].map((m) => [m[1]!, m[2]!]));

const SCALARS = {
  int32: 'number',
  int64: 'bigint',
  uint64: 'bigint',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
} as const;
const PAYLOADS: Readonly<Record<string, string>> = {
  int32: 'Int32Array',
  int64: 'BigInt64Array',
  uint64: 'BigUint64Array',
  float: 'Float32Array',
  double: 'Float64Array',
};

test.each([...messageSchemas.values()].map((schema) => [schema.name, schema] as const))(
  'the interface of %s has exactly the fields of the schema, of the right types',
  (name, schema) => {
    const expected = Object.fromEntries(
      schema.fields.map((field) => {
        const single = field.kind === 'message' ? INTERFACES.get(field.message!.name) : SCALARS[field.kind];
        if (name === 'TensorProto' && field.name === 'rawData') return ['rawData?', 'Bytes'];
        if (field.packed) return [field.name, PAYLOADS[field.kind]];
        return field.repeated ? [field.name, `readonly ${single}[]`] : [`${field.name}?`, single];
      }),
    );
    expect(declaredFields(INTERFACES.get(name)!)).toEqual(expected);
  },
);

test('exactly the five payload fields of TensorProto are packed', () => {
  const packed = [...messageSchemas.values()].flatMap(({ name, fields }) =>
    fields.filter((field) => field.packed).map((field) => `${name}.${field.name}`),
  );
  expect(packed).toEqual([
    'TensorProto.floatData',
    'TensorProto.int32Data',
    'TensorProto.int64Data',
    'TensorProto.doubleData',
    'TensorProto.uint64Data',
  ]);
});

test('members of a oneof exclude each other', () => {
  const dimension = messageSchema('TensorShapeProto.Dimension');
  expect(dimension.byId.get(1)?.rivals).toEqual(['dimParam']);
  expect(dimension.byId.get(3)?.rivals).toEqual([]);
});

test('a created message has its repeated fields, and no optional one that was not given', () => {
  expect(createMessage('NodeProto', { opType: 'Relu', input: ['x'] })).toEqual({
    opType: 'Relu',
    input: ['x'],
    output: [],
    attribute: [],
    metadataProps: [],
    deviceConfigurations: [],
  });
});

const proto = readFileSync(new URL('../../proto/onnx.proto', import.meta.url), 'utf8');

test.each([
  ['DataType', DataType],
  ['AttributeType', AttributeType],
  ['DataLocation', DataLocation],
])('the constants of %s are those of the schema', (name, constants) => {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(proto)?.[1] ?? '';
  const values = [...body.matchAll(/(\w+) = (\d+);/g)].map(([, key, value]) => [key, Number(value)]);
  expect(constants).toEqual(Object.fromEntries(values));
});
