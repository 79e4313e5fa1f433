/** @file Constructors of the messages that rewrites and skeletons are made of. */
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import {
  type AttributeProto,
  AttributeType,
  type NodeProto,
  type TensorProto,
  type TypeProto,
} from '../onnx/messages.js';
import { createTensor } from '../onnx/tensorData.js';

/** An int64 tensor, or one of int32; without `dims`, one-dimensional. */
export function makeIntegers(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
  dataType: number = DataType.INT64,
): TensorProto {
  const isShort = dataType === DataType.INT32;
  const data = isShort ? Int32Array.from(values) : BigInt64Array.from(values, BigInt);
  return createTensor(name, isShort ? DataType.INT32 : DataType.INT64, dims, new Uint8Array(data.buffer));
}

/** A float32 tensor. */
export function makeFloats(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): TensorProto {
  return createTensor(name, DataType.FLOAT, dims, new Uint8Array(Float32Array.from(values).buffer));
}

/** The type of a tensor; a string is a free dimension. */
export function makeTensorType(dataType: number, dims: readonly (number | string)[]): TypeProto {
  const dim = dims.map((d) => (typeof d === 'number' ? { dimValue: BigInt(d) } : d === '' ? {} : { dimParam: d }));
  return { tensorType: { elemType: dataType, shape: { dim } } };
}

/** An integer or a list of integers. */
export function makeIntegerAttribute(name: string, value: number | readonly number[]): AttributeProto {
  return typeof value === 'number'
    ? createMessage('AttributeProto', { name, type: AttributeType.INT, i: BigInt(value) })
    : createMessage('AttributeProto', { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

export function makeFloatAttribute(name: string, value: number): AttributeProto {
  return createMessage('AttributeProto', { name, type: AttributeType.FLOAT, f: value });
}

export function makeNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attribute: readonly AttributeProto[] = [],
): NodeProto {
  return createMessage('NodeProto', { opType, input, output, attribute });
}
