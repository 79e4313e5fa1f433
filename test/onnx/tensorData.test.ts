import { describe, expect, test } from 'vitest';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType, type DataTypeName, dataTypeInfo, dataTypeName } from '../../src/onnx/dataType.js';
import type { TensorProto } from '../../src/onnx/messages.js';
import { createTensor, tensorData, tensorFloats, tensorView } from '../../src/onnx/tensorData.js';
import { tensorBytes, tensorStrings } from '../../src/onnx/tensorPayload.js';

interface Case {
  readonly dims: readonly bigint[];
  readonly typed: Partial<TensorProto>;
  /** Little-endian. */
  readonly raw: readonly number[];
  /** What `tensorData` gives; undefined where there is no typed array for the type. */
  readonly data?: ArrayBufferView;
}

/** One tensor of each type, once in its typed field and once as bytes. */
const CASES: Readonly<Record<Exclude<DataTypeName, 'UNDEFINED' | 'STRING'>, Case>> = {
  FLOAT: {
    dims: [2n],
    typed: { floatData: Float32Array.of(1, -2) },
    raw: [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0],
    data: Float32Array.of(1, -2),
  },
  DOUBLE: {
    dims: [1n],
    typed: { doubleData: Float64Array.of(-2) },
    raw: [0, 0, 0, 0, 0, 0, 0, 0xc0],
    data: Float64Array.of(-2),
  },
  INT8: {
    dims: [3n],
    typed: { int32Data: Int32Array.of(-1, 127, -128) },
    raw: [255, 127, 128],
    data: Int8Array.of(-1, 127, -128),
  },
  UINT8: { dims: [2n], typed: { int32Data: Int32Array.of(1, 255) }, raw: [1, 255], data: Uint8Array.of(1, 255) },
  BOOL: { dims: [3n], typed: { int32Data: Int32Array.of(0, 1, 1) }, raw: [0, 1, 1], data: Uint8Array.of(0, 1, 1) },
  INT16: {
    dims: [2n],
    typed: { int32Data: Int32Array.of(-2, 258) },
    raw: [254, 255, 2, 1],
    data: Int16Array.of(-2, 258),
  },
  UINT16: {
    dims: [2n],
    typed: { int32Data: Int32Array.of(65535, 258) },
    raw: [255, 255, 2, 1],
    data: Uint16Array.of(65535, 258),
  },
  INT32: {
    dims: [2n],
    typed: { int32Data: Int32Array.of(-1, 1) },
    raw: [255, 255, 255, 255, 1, 0, 0, 0],
    data: Int32Array.of(-1, 1),
  },
  UINT32: {
    dims: [2n],
    typed: { uint64Data: BigUint64Array.of(0xffff_ffffn, 1n) },
    raw: [255, 255, 255, 255, 1, 0, 0, 0],
    data: Uint32Array.of(0xffff_ffff, 1),
  },
  INT64: {
    dims: [2n],
    typed: { int64Data: BigInt64Array.of(-1n, 2n ** 40n) },
    raw: [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 1, 0, 0],
    data: BigInt64Array.of(-1n, 2n ** 40n),
  },
  UINT64: {
    dims: [1n],
    typed: { uint64Data: BigUint64Array.of(2n ** 64n - 1n) },
    raw: Array<number>(8).fill(255),
    data: BigUint64Array.of(2n ** 64n - 1n),
  },
  COMPLEX64: { dims: [1n], typed: { floatData: Float32Array.of(1, -2) }, raw: [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0] },
  COMPLEX128: {
    dims: [1n],
    typed: { doubleData: Float64Array.of(2, -2) },
    raw: [0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0xc0],
  },
  FLOAT16: { dims: [2n], typed: { int32Data: Int32Array.of(0x3c00, 0xc000) }, raw: [0, 0x3c, 0, 0xc0] },
  BFLOAT16: { dims: [2n], typed: { int32Data: Int32Array.of(0x3f80, 0xc000) }, raw: [0x80, 0x3f, 0, 0xc0] },
  FLOAT8E4M3FN: { dims: [2n], typed: { int32Data: Int32Array.of(0x38, 0xb8) }, raw: [0x38, 0xb8] },
  FLOAT8E4M3FNUZ: { dims: [2n], typed: { int32Data: Int32Array.of(0x38, 0xb8) }, raw: [0x38, 0xb8] },
  FLOAT8E5M2: { dims: [2n], typed: { int32Data: Int32Array.of(0x38, 0xb8) }, raw: [0x38, 0xb8] },
  FLOAT8E5M2FNUZ: { dims: [2n], typed: { int32Data: Int32Array.of(0x38, 0xb8) }, raw: [0x38, 0xb8] },
  FLOAT8E8M0: { dims: [2n], typed: { int32Data: Int32Array.of(0x7f, 0xfe) }, raw: [0x7f, 0xfe] },
  UINT4: { dims: [3n], typed: { int32Data: Int32Array.of(0x21, 0x0f) }, raw: [0x21, 0x0f] },
  INT4: { dims: [1n, 4n], typed: { int32Data: Int32Array.of(0x21, 0xff) }, raw: [0x21, 0xff] },
  FLOAT4E2M1: { dims: [2n], typed: { int32Data: Int32Array.of(0x72) }, raw: [0x72] },
  UINT2: { dims: [5n], typed: { int32Data: Int32Array.of(0xe4, 0x03) }, raw: [0xe4, 0x03] },
  INT2: { dims: [4n], typed: { int32Data: Int32Array.of(0xe4) }, raw: [0xe4] },
};

const named = Object.entries(CASES) as [keyof typeof CASES, Case][];

describe('element types', () => {
  test.each([
    ['FLOAT', 'float', 32],
    ['BFLOAT16', 'float', 16],
    ['DOUBLE', 'float', 64],
    ['FLOAT4E2M1', 'float', 4],
    ['FLOAT8E8M0', 'float', 8],
    ['UINT2', 'uint', 2],
    ['INT4', 'int', 4],
    ['BOOL', 'bool', 8],
    ['COMPLEX128', 'complex', 128],
    ['STRING', 'string', 0],
  ] as const)('%s is %s of %d bits', (name, kind, bits) => {
    expect(dataTypeInfo(DataType[name])).toEqual({ dataType: DataType[name], name, kind, bits });
  });

  test('an unknown number has no type, but can be told', () => {
    expect(dataTypeInfo(99)).toBeUndefined();
    expect(dataTypeName(99)).toBe('data type 99');
    expect(dataTypeName(DataType.INT4)).toBe('INT4');
  });
});

describe.each(named)('%s', (name, { dims, typed, raw, data }) => {
  const dataType = DataType[name];
  const inField = createMessage('TensorProto', { name: 't', dims, dataType, ...typed });
  const inRaw = createMessage('TensorProto', { name: 't', dims, dataType, rawData: Uint8Array.from(raw) });

  test('has the same bytes in both storages', () => {
    expect([...tensorBytes(inField)]).toEqual(raw);
    expect([...tensorBytes(inRaw)]).toEqual(raw);
  });

  test('has a typed array where JavaScript has one', () => {
    if (data === undefined) {
      expect(() => tensorData(inRaw)).toThrow(
        `tensor "t": has data type ${name}, and here only types of whole bytes can be read`,
      );
    } else {
      expect(tensorData(inField)).toEqual(data);
      expect(tensorData(inRaw)).toEqual(data);
      expect(tensorView(inRaw)).toMatchObject({ shape: dims.map(Number), offset: 0 });
    }
  });

  test('with a value too few or too many is refused in both storages', () => {
    const more = [...dims.slice(1), dims[0]! + 4n];
    expect(() => tensorBytes({ ...inField, dims: more })).toThrow('needs');
    expect(() => tensorBytes({ ...inRaw, dims: more })).toThrow('needs');
    expect(() => tensorBytes({ ...inRaw, rawData: Uint8Array.from([...raw, 0]) })).toThrow('needs');
  });
});

describe('payloads', () => {
  const floats = createMessage('TensorProto', { name: 't', dims: [2n], dataType: DataType.FLOAT });
  const code = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test('a scalar has one element, an empty tensor none', () => {
    expect(tensorView(createTensor('s', DataType.FLOAT, [], new Uint8Array(4))).get()).toBe(0);
    expect(tensorData({ ...floats, dims: [0n, 3n] })).toEqual(new Float32Array(0));
    expect(tensorData({ ...floats, dims: [0n], rawData: new Uint8Array(0) })).toEqual(new Float32Array(0));
  });

  test('aligned bytes are viewed, others copied', () => {
    const file = new Uint8Array(64);
    const aligned = tensorData({ ...floats, rawData: file.subarray(8, 16) });
    expect(aligned.buffer).toBe(file.buffer);
    const copied = tensorData({ ...floats, rawData: file.subarray(9, 17) });
    expect(copied.buffer).not.toBe(file.buffer);
    expect(copied).toEqual(new Float32Array(2));
  });

  test('bool values other than 0 are true', () => {
    const bool = createMessage('TensorProto', {
      dims: [2n],
      dataType: DataType.BOOL,
      int32Data: Int32Array.of(256, 0),
    });
    expect(tensorData(bool)).toEqual(Uint8Array.of(1, 0));
  });

  test('floats of every width become float32', () => {
    const expected = Float32Array.of(1, -2);
    for (const name of ['FLOAT', 'FLOAT16', 'BFLOAT16'] as const) {
      const { dims, raw } = CASES[name];
      expect(tensorFloats(createTensor('t', DataType[name], dims.map(Number), Uint8Array.from(raw)))).toEqual(expected);
    }
    expect(tensorFloats(createTensor('t', DataType.DOUBLE, [1], Uint8Array.from(CASES.DOUBLE.raw)))).toEqual(
      Float32Array.of(-2),
    );
    expect(code(() => tensorFloats(createTensor('t', DataType.INT8, [1], Uint8Array.of(1))))).toBe('MODEL_TENSOR_TYPE');
  });

  test('strings are bytes', () => {
    const text = createMessage('TensorProto', {
      name: 't',
      dims: [2n],
      dataType: DataType.STRING,
      stringData: [Uint8Array.of(104, 105), Uint8Array.of()],
    });
    expect(tensorStrings(text)).toBe(text.stringData);
    expect(code(() => tensorStrings({ ...text, dims: [3n] }))).toBe('MODEL_TENSOR_COUNT');
    expect(code(() => tensorBytes(text))).toBe('MODEL_TENSOR_TYPE');
    expect(code(() => tensorStrings(floats))).toBe('MODEL_TENSOR_TYPE');
  });

  test.each([
    ['no data type', { dataType: undefined }, 'MODEL_DATA_TYPE'],
    ['data type 0', { dataType: 0 }, 'MODEL_DATA_TYPE'],
    ['data type 99', { dataType: 99 }, 'MODEL_DATA_TYPE'],
    ['a negative dimension', { dims: [-1n] }, 'MODEL_TENSOR_DIMS'],
    ['a product beyond 2⁵³', { dims: [2n ** 32n, 2n ** 32n] }, 'MODEL_TENSOR_DIMS'],
    ['a product that wraps to 0 in 64 bits', { dims: [2n ** 62n, 4n] }, 'MODEL_TENSOR_DIMS'],
    ['overflow hidden behind a 0', { dims: [2n ** 32n, 2n ** 32n, 0n] }, 'MODEL_TENSOR_DIMS'],
    ['a huge shape and no data', { dims: [2n ** 50n] }, 'MODEL_TENSOR_COUNT'],
    ['values in the field of another type', { int64Data: BigInt64Array.of(1n, 2n) }, 'MODEL_TENSOR_COUNT'],
    ['two payloads', { rawData: new Uint8Array(8), floatData: new Float32Array(2) }, 'MODEL_TENSOR_TWO_PAYLOADS'],
    ['segments', { segment: { begin: 0n, end: 1n }, rawData: new Uint8Array(8) }, 'MODEL_TENSOR_SEGMENT'],
    ['external data without a folder', { dataLocation: 1 }, 'MODEL_EXTERNAL_NO_FOLDER'],
  ])('%s', (_, change, expected) => {
    expect(code(() => tensorBytes({ ...floats, ...change } as TensorProto))).toBe(expected);
  });

  test('a tensor is created only from bytes that fill its shape', () => {
    const bytes = new Uint8Array(24);
    expect(createTensor('w', DataType.FLOAT, [2, 3], bytes)).toMatchObject({
      name: 'w',
      dims: [2n, 3n],
      rawData: bytes,
    });
    expect(code(() => createTensor('w', DataType.FLOAT, [2, 2], bytes))).toBe('MODEL_TENSOR_BYTES');
    expect(code(() => createTensor('w', DataType.STRING, [24], bytes))).toBe('MODEL_TENSOR_TYPE');
  });
});
