import { modelErrors } from '../errors/modelErrors.js';
import { DataType, type DataTypeInfo, requireDataType } from './dataType.js';
import { externalBytes } from './externalData.js';
import { DataLocation, type TensorProto } from './messages.js';
import { type Bytes, bytesOf } from './storedBytes.js';
import { elementCount, packedByteLength } from './tensorSize.js';

type TypedField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';

const TYPED_FIELDS: Readonly<Record<TypedField, string>> = {
  floatData: 'float_data',
  int32Data: 'int32_data',
  int64Data: 'int64_data',
  doubleData: 'double_data',
  uint64Data: 'uint64_data',
};

/** The field that holds the elements of this type where they are not in raw_data. */
function typedField({ dataType }: DataTypeInfo): TypedField {
  switch (dataType) {
    case DataType.FLOAT:
    case DataType.COMPLEX64:
      return 'floatData';
    case DataType.DOUBLE:
    case DataType.COMPLEX128:
      return 'doubleData';
    case DataType.INT64:
      return 'int64Data';
    case DataType.UINT32:
    case DataType.UINT64:
      return 'uint64Data';
    default:
      return 'int32Data';
  }
}

/** How many values of its typed field a tensor of `count` elements takes: complex two each, 2 and 4 bits share one. */
function typedValueCount(count: number, info: DataTypeInfo): number {
  if (info.kind === 'complex') return 2 * count;
  return info.bits < 8 ? packedByteLength(count, info) : count;
}

function asBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Narrows the values of a typed field to the width of the element type; all machines Node runs ONNX on are little-endian. */
function narrow(tensor: TensorProto, field: TypedField, { kind, bits, dataType }: DataTypeInfo): Uint8Array {
  const values = tensor[field];
  if (dataType === DataType.UINT32)
    return asBytes(Uint32Array.from(tensor.uint64Data, (v) => Number(v & 0xffff_ffffn)));
  if (field !== 'int32Data' || bits === 32) return asBytes(values);
  if (kind === 'bool') return Uint8Array.from(tensor.int32Data, (v) => (v === 0 ? 0 : 1));
  return bits === 16 ? asBytes(Uint16Array.from(tensor.int32Data)) : Uint8Array.from(tensor.int32Data);
}

function checkStorage(tensor: TensorProto): void {
  if (tensor.segment !== undefined) throw modelErrors.segment(tensor.name ?? '');
  if (tensor.rawData === undefined || tensor.rawData.length === 0) return;
  for (const [field, name] of Object.entries(TYPED_FIELDS)) {
    if (tensor[field as TypedField].length > 0) throw modelErrors.twoPayloads(tensor.name ?? '', name);
  }
}

/**
 * The elements of a tensor as little-endian bytes, row-major, wherever the file keeps them: raw_data (a view, no copy, where it is in memory),
 * the field of the type, or another file. 2- and 4-bit elements are packed, the first in the lowest bits.
 *
 * @param dir folder of the model, where external data is looked for; undefined for a model that came from no file
 * @throws MODEL_DATA_TYPE, MODEL_TENSOR_DIMS, MODEL_TENSOR_COUNT, MODEL_TENSOR_BYTES, MODEL_TENSOR_TWO_PAYLOADS,
 *   MODEL_TENSOR_SEGMENT, MODEL_TENSOR_TYPE (strings), MODEL_EXTERNAL_…
 */
export function tensorBytes(tensor: TensorProto, dir?: string): Uint8Array {
  return bytesOf(tensorPayload(tensor, dir));
}

/** `tensorBytes` that are not read yet where the file still has them. */
export function tensorPayload(tensor: TensorProto, dir?: string): Bytes {
  const info = requireDataType(tensor);
  const name = tensor.name ?? '';
  if (info.kind === 'string') throw modelErrors.noNumbers(name, info.name, 'numbers');
  const count = elementCount(tensor);
  const expected = packedByteLength(count, info);
  if (tensor.dataLocation === DataLocation.EXTERNAL) return externalBytes(tensor, dir);
  checkStorage(tensor);
  const field = typedField(info);
  const stored = tensor[field].length;
  if (tensor.rawData !== undefined && stored === 0) {
    const { rawData } = tensor;
    if (rawData.length !== expected) {
      throw modelErrors.payloadBytes(name, rawData.length, expected, info.name, tensor.dims);
    }
    return rawData;
  }
  const values = typedValueCount(count, info);
  if (stored !== values) throw modelErrors.payloadCount(name, stored, TYPED_FIELDS[field], values, tensor.dims);
  return narrow(tensor, field, info);
}

/**
 * The elements of a string tensor, as UTF-8 bytes.
 *
 * @throws MODEL_TENSOR_TYPE for another type, MODEL_TENSOR_COUNT, MODEL_TENSOR_DIMS
 */
export function tensorStrings(tensor: TensorProto): readonly Uint8Array[] {
  const info = requireDataType(tensor);
  if (info.kind !== 'string') throw modelErrors.noNumbers(tensor.name ?? '', info.name, 'STRING');
  const count = elementCount(tensor);
  if (tensor.stringData.length !== count) {
    throw modelErrors.payloadCount(tensor.name ?? '', tensor.stringData.length, 'string_data', count, tensor.dims);
  }
  return tensor.stringData;
}
