import ndarray, { type NdArray } from 'ndarray';
import { modelErrors } from '../errors/modelErrors.js';
import { createMessage } from './createMessage.js';
import { DataType, requireDataType } from './dataType.js';
import { decodeBfloat16, decodeFloat16 } from './float16.js';
import type { TensorProto } from './messages.js';
import { type Bytes, withBytes } from './storedBytes.js';
import { tensorBytes, tensorPayload } from './tensorPayload.js';
import { elementCount, packedByteLength, tensorShape } from './tensorSize.js';

/** The element types that JavaScript has a typed array for; bool is a Uint8Array of 0 and 1. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

interface ArrayType<T extends TensorData> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): T;
}

const ARRAY_TYPES: ReadonlyMap<number, ArrayType<TensorData>> = new Map<number, ArrayType<TensorData>>([
  [DataType.FLOAT, Float32Array],
  [DataType.DOUBLE, Float64Array],
  [DataType.INT8, Int8Array],
  [DataType.UINT8, Uint8Array],
  [DataType.BOOL, Uint8Array],
  [DataType.INT16, Int16Array],
  [DataType.UINT16, Uint16Array],
  [DataType.INT32, Int32Array],
  [DataType.UINT32, Uint32Array],
  [DataType.INT64, BigInt64Array],
  [DataType.UINT64, BigUint64Array],
]);

/** A view where the bytes stand aligned; protobuf does not align, so else a copy. */
function viewAs<T extends TensorData>(type: ArrayType<T>, bytes: Uint8Array): T {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new type(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / type.BYTES_PER_ELEMENT);
}

/**
 * The elements of a tensor, row-major, as the typed array of their type. It may be a view over the file's bytes:
 * read it, do not write to it.
 *
 * @param dir folder of the model, for external data
 * @throws MODEL_TENSOR_TYPE for types without a typed array (float16 and bfloat16: see `tensorFloats`), and what
 *   `tensorBytes` throws
 */
export function tensorData(tensor: TensorProto, dir?: string): TensorData {
  const info = requireDataType(tensor);
  const type = ARRAY_TYPES.get(info.dataType);
  if (type === undefined) throw modelErrors.noNumbers(tensor.name ?? '', info.name, 'types of whole bytes');
  return viewAs(type, tensorBytes(tensor, dir));
}

/** `tensorData` with the tensor's shape. */
export function tensorView(tensor: TensorProto, dir?: string): NdArray<TensorData> {
  return ndarray(tensorData(tensor, dir), [...tensorShape(tensor)]);
}

/**
 * The elements of a float tensor as float32: exact for float16 and bfloat16, rounded for double.
 *
 * @throws MODEL_TENSOR_TYPE for other types, and what `tensorBytes` throws
 */
export function tensorFloats(tensor: TensorProto, dir?: string): Float32Array {
  return floatsIn(tensor, tensorBytes(tensor, dir));
}

/** Looks at `tensorFloats` for the time of a call, so that no memory is needed to keep them. */
export function withTensorFloats<T>(tensor: TensorProto, dir: string | undefined, use: (floats: Float32Array) => T): T {
  return withBytes(tensorPayload(tensor, dir), (bytes) => use(floatsIn(tensor, bytes)));
}

function floatsIn(tensor: TensorProto, bytes: Uint8Array): Float32Array {
  const info = requireDataType(tensor);
  switch (info.dataType) {
    case DataType.FLOAT:
      return viewAs<Float32Array>(Float32Array, bytes);
    case DataType.DOUBLE:
      return Float32Array.from(viewAs<Float64Array>(Float64Array, bytes));
    case DataType.FLOAT16:
      return decodeFloat16(viewAs<Uint16Array>(Uint16Array, bytes));
    case DataType.BFLOAT16:
      return decodeBfloat16(viewAs<Uint16Array>(Uint16Array, bytes));
    default:
      throw modelErrors.noNumbers(tensor.name ?? '', info.name, 'FLOAT, DOUBLE, FLOAT16 and BFLOAT16');
  }
}

/**
 * A tensor of little-endian bytes, kept in raw_data without a copy.
 *
 * @throws MODEL_TENSOR_BYTES where the bytes do not fill the shape, MODEL_DATA_TYPE, MODEL_TENSOR_DIMS
 */
export function createTensor(name: string, dataType: number, dims: readonly number[], bytes: Bytes): TensorProto {
  const tensor = createMessage('TensorProto', { name, dataType, dims: dims.map(BigInt), rawData: bytes });
  const info = requireDataType(tensor);
  if (info.kind === 'string') throw modelErrors.noNumbers(name, info.name, 'numbers');
  const expected = packedByteLength(elementCount(tensor), info);
  if (bytes.length !== expected) throw modelErrors.payloadBytes(name, bytes.length, expected, info.name, tensor.dims);
  return tensor;
}
