import { DataType } from '../onnx/dataType.js';

/** Element type and shape of a value. */
export interface TensorType {
  readonly dataType: number;
  readonly dims: readonly number[];
}

/** Element type and shape of a value whose shape the data decides, at least in part. */
export interface OpenType {
  readonly dataType: number;
  /** Undefined where the data decides; as a whole where it decides the rank. */
  readonly dims: readonly (number | undefined)[] | undefined;
}

const RUNTIME_NAMES: Readonly<Record<string, number>> = {
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  float16: DataType.FLOAT16,
  int8: DataType.INT8,
  int16: DataType.INT16,
  int32: DataType.INT32,
  int64: DataType.INT64,
  uint8: DataType.UINT8,
  uint16: DataType.UINT16,
  uint32: DataType.UINT32,
  uint64: DataType.UINT64,
  int4: DataType.INT4,
  uint4: DataType.UINT4,
  bool: DataType.BOOL,
  string: DataType.STRING,
};

/** ONNX's number of an element type that ONNX Runtime names; UNDEFINED where JavaScript has no name for it. */
export function dataTypeOfRuntime(name: string): number {
  return RUNTIME_NAMES[name] ?? DataType.UNDEFINED;
}

/** ONNX Runtime's name of an element type, or undefined where JavaScript cannot hold it. */
export function runtimeNameOf(dataType: number): string | undefined {
  return Object.keys(RUNTIME_NAMES).find((name) => RUNTIME_NAMES[name] === dataType);
}

/**
 * Whether onnxruntime-node hands tensors of an element type over to JavaScript. It ends the process where it is asked for
 * those whose elements share a byte, and refuses others.
 */
export function isHandedOver(dataType: number): boolean {
  return dataType !== DataType.INT4 && dataType !== DataType.UINT4 && runtimeNameOf(dataType) !== undefined;
}
