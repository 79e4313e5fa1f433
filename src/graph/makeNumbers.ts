import { DataType } from '../onnx/dataType.js';
import { encodeBfloat16, encodeFloat16 } from '../onnx/float16.js';
import type { TensorProto } from '../onnx/messages.js';
import { createTensor } from '../onnx/tensorData.js';
import { makeIntegers } from './make.js';

const WRITABLE: readonly number[] = [
  DataType.INT64,
  DataType.INT32,
  DataType.FLOAT,
  DataType.DOUBLE,
  DataType.FLOAT16,
  DataType.BFLOAT16,
];

/** Whether `makeNumbers` can make tensors of an element type. */
export function isWritable(dataType: number): boolean {
  return WRITABLE.includes(dataType);
}

/** A tensor of given numbers. @param dataType one that `isWritable` */
export function makeNumbers(
  name: string,
  numbers: readonly number[],
  dims: readonly number[],
  dataType: number,
): TensorProto {
  if (dataType === DataType.INT64 || dataType === DataType.INT32) return makeIntegers(name, numbers, dims, dataType);
  const stored = storedAs(dataType, numbers);
  return createTensor(name, dataType, dims, new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
}

function storedAs(dataType: number, numbers: readonly number[]): ArrayBufferView {
  switch (dataType) {
    case DataType.FLOAT16:
      return encodeFloat16(Float32Array.from(numbers));
    case DataType.BFLOAT16:
      return encodeBfloat16(Float32Array.from(numbers));
    case DataType.DOUBLE:
      return Float64Array.from(numbers);
    case DataType.FLOAT:
      return Float32Array.from(numbers);
    default:
      throw new Error(`no numbers are written as element type ${dataType}`);
  }
}
