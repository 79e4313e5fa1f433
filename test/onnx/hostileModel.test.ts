import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MorphError } from '../../src/errors/morphError.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { MAX_DEPTH } from '../../src/onnx/decodeMessage.js';
import { decodeModel } from '../../src/onnx/decodeModel.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import type { GraphProto, ModelProto } from '../../src/onnx/messages.js';
import { tensorBytes, tensorStrings } from '../../src/onnx/tensorPayload.js';

const fixture = readFileSync(new URL('../../fixtures/models/inception_bn.onnx', import.meta.url));

function decodeError(bytes: Uint8Array): MorphError {
  try {
    decodeModel(bytes, 'm.onnx');
  } catch (error) {
    if (error instanceof MorphError) return error;
    throw error;
  }
  throw new Error('it decodes');
}

const minimal = createMessage('ModelProto', {
  irVersion: 8n,
  graph: createMessage('GraphProto', { name: 'g' }),
  opsetImport: [createMessage('OperatorSetIdProto', { version: 17n })],
});

function nested(levels: number): ModelProto {
  let graph: GraphProto = createMessage('GraphProto', {});
  for (let level = 0; level < levels; level++) {
    const attribute = createMessage('AttributeProto', { g: graph });
    graph = createMessage('GraphProto', { node: [createMessage('NodeProto', { attribute: [attribute] })] });
  }
  return { ...minimal, graph };
}

/** `depth` TypeProtos in one another, as raw bytes: the encoder refuses to write what cannot be read back. */
function nestedTypes(depth: number): Uint8Array {
  let bytes: number[] = [];
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
  const wrap = (field: number, inner: number[]) => [...varint(field * 8 + 2), ...varint(inner.length), ...inner];
  for (let level = 0; level < depth; level++) bytes = wrap(4, wrap(1, bytes));
  return Uint8Array.from([0x08, 8, ...wrap(7, wrap(11, wrap(2, bytes)))]);
}

describe('what a model must have', () => {
  test('the smallest model decodes', () => {
    expect(decodeModel(encodeModel(minimal), 'm.onnx')).toEqual(minimal);
  });

  test.each([
    ['no ir_version', { irVersion: undefined }, 'MODEL_NO_IR_VERSION'],
    ['ir_version 0', { irVersion: 0n }, 'MODEL_NO_IR_VERSION'],
    ['ir_version 2', { irVersion: 2n }, 'MODEL_IR_VERSION'],
    ['ir_version 14', { irVersion: 14n }, 'MODEL_IR_VERSION'],
    ['a negative ir_version', { irVersion: -1n }, 'MODEL_IR_VERSION'],
    ['no graph', { graph: undefined }, 'MODEL_NO_GRAPH'],
    ['no opset_import', { opsetImport: [] }, 'MODEL_NO_OPSET'],
  ])('%s', (_, change, code) => {
    expect(decodeError(encodeModel({ ...minimal, ...change } as ModelProto)).code).toBe(code);
  });

  test.each([3n, 13n])('ir_version %s is accepted', (irVersion) => {
    expect(decodeModel(encodeModel({ ...minimal, irVersion }), 'm.onnx').irVersion).toBe(irVersion);
  });
});

describe('files that are no models', () => {
  const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
  test.each([
    ['an empty file', '', 'MODEL_EMPTY'],
    ['a text file', 'hello world, this is a text\n', 'MODEL_FOREIGN'],
    ['an HTML page', '<!DOCTYPE html>\n<html>', 'MODEL_FOREIGN'],
    ['a ZIP archive', 'PK\x03\x04\x14\x00\x08\x08', 'MODEL_FOREIGN'],
    ['an HDF5 file', '\x89HDF\r\n\x1a\n', 'MODEL_FOREIGN'],
    ['a TFLite model', '\x1c\x00\x00\x00TFL3\x14\x00', 'MODEL_FOREIGN'],
    ['a PNG image', '\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR', 'MODEL_NOT_PROTOBUF'],
    ['zeros', '\0'.repeat(64), 'MODEL_NOT_PROTOBUF'],
  ])('%s', (_, content, code) => {
    expect(decodeError(latin1(content)).code).toBe(code);
  });

  test('a Git LFS pointer is recognised', () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n';
    expect(decodeError(latin1(pointer)).message).toBe(
      'm.onnx: is a Git LFS pointer, not an ONNX model; fetch the file itself with git lfs pull',
    );
  });
});

describe('damage', () => {
  test('a file cut in the middle says how much is missing', () => {
    const error = decodeError(fixture.subarray(0, 20000));
    expect(error.code).toBe('MODEL_TRUNCATED');
    expect(error.message).toContain('but the file ends at byte 20000');
  });

  test('a length prefix beyond the file allocates nothing', () => {
    const before = process.memoryUsage().arrayBuffers;
    const claims2GiB = Uint8Array.of(0x08, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x07);
    expect(decodeError(claims2GiB).message).toContain('reaches to byte 2147483655, but the file ends at byte 8');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  test.each([
    ['a length beyond the message around it', [0x3a, 4, 0x12, 9, 65, 65, 0, 0, 0, 0, 0, 0, 0], 'MODEL_NOT_PROTOBUF'],
    ['a varint that runs out of its message', [0x3a, 2, 0x98, 0xff, 0x01, 0, 0, 0], 'MODEL_NOT_PROTOBUF'],
    ['a varint of more than ten bytes', [0x08, ...Array<number>(12).fill(0xff), 1], 'MODEL_NOT_PROTOBUF'],
    ['a varint cut by the end of the file', [0x08, 0xff], 'MODEL_TRUNCATED'],
    ['field number 0', [0x00, 0x01], 'MODEL_NOT_PROTOBUF'],
    ['wire type 7', [0x0f, 0x01], 'MODEL_NOT_PROTOBUF'],
    ['the end of a group that never began', [0x0c], 'MODEL_NOT_PROTOBUF'],
    ['floats of three bytes', [0x3a, 7, 0x2a, 5, 0x22, 3, 1, 2, 3], 'MODEL_NOT_PROTOBUF'],
    ['text that is not UTF-8', [0x12, 2, 0xc3, 0x28], 'MODEL_TEXT'],
  ])('%s', (_, bytes, code) => {
    expect(decodeError(Uint8Array.from(bytes)).code).toBe(code);
  });

  test('nesting is limited, in both directions', () => {
    // A graph in a graph takes three messages: node, attribute, graph.
    const deepest = Math.floor((MAX_DEPTH - 1) / 3);
    expect(decodeModel(encodeModel(nested(deepest)), 'm.onnx')).toEqual(nested(deepest));
    expect(() => encodeModel(nested(deepest + 1))).toThrow('nested deeper than 100');
    expect(decodeError(nestedTypes(60)).code).toBe('MODEL_TOO_DEEP');
    expect(decodeError(nestedTypes(5000)).code).toBe('MODEL_TOO_DEEP');
  });

  test('groups nested without end are refused', () => {
    expect(decodeError(new Uint8Array(1e6).fill(0x0b)).code).toMatch(/MODEL_(TOO_DEEP|NOT_PROTOBUF)/);
  });

  test('a million empty occurrences of a singular message take linear time', () => {
    const bytes = new Uint8Array(2e6 + 2);
    bytes.set([0x08, 8]);
    for (let at = 2; at < bytes.length; at += 2) bytes[at] = 0x3a;
    const start = performance.now();
    expect(decodeError(bytes).code).toBe('MODEL_NO_OPSET');
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

/** Reads all that a reader of the model may touch. */
function touchAll(bytes: Uint8Array): void {
  const { graph } = decodeModel(bytes, 'm.onnx');
  for (const tensor of graph?.initializer ?? []) {
    try {
      tensorBytes(tensor);
    } catch {
      tensorStrings(tensor);
    }
  }
}

/** Either it works, or it is an error about the model; anything else fails the property. */
function survives(bytes: Uint8Array): void {
  try {
    touchAll(bytes);
  } catch (error) {
    if (!(error instanceof MorphError)) throw error;
    expect(error.category).toBe('model');
    expect(error.message).not.toContain('\n');
  }
}

describe('fuzz', () => {
  const position = fc.nat(fixture.length - 1);

  test('any truncation', () => {
    fc.assert(
      fc.property(position, (length) => survives(new Uint8Array(fixture.subarray(0, length)))),
      { numRuns: 300, seed: 1 },
    );
  });

  test('any few changed bytes', () => {
    const change = fc.record({ at: fc.oneof(position, fc.nat(600)), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = new Uint8Array(fixture);
        for (const { at, byte } of changes) bytes[at] = byte;
        survives(bytes);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test('bytes taken out or doubled', () => {
    const cut = fc.record({ at: position, length: fc.integer({ min: 1, max: 2000 }), isDoubled: fc.boolean() });
    fc.assert(
      fc.property(cut, ({ at, length, isDoubled }) => {
        const tail = fixture.subarray(isDoubled ? at - Math.min(at, length) : at + length);
        survives(new Uint8Array(Buffer.concat([fixture.subarray(0, at), tail])));
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  test('any bytes at all', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 2000, seed: 4 });
  });
});
