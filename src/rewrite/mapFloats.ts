import { DataType, requireDataType } from '../onnx/dataType.js';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from '../onnx/float16.js';
import type { TensorProto } from '../onnx/messages.js';
import { derivedBytes } from '../onnx/storedBytes.js';
import { createTensor } from '../onnx/tensorData.js';
import { tensorPayload } from '../onnx/tensorPayload.js';
import { tensorShape } from '../onnx/tensorSize.js';

/** A float tensor with other elements. @param map gives each from the old one and its row-major index */
export function mapFloats(
  tensor: TensorProto,
  map: (element: number, index: number) => number,
  dir?: string,
): TensorProto {
  const { dataType, name } = requireDataType(tensor);
  const format = FLOATS.get(dataType);
  if (format === undefined) throw new Error(`'${tensor.name ?? ''}' holds ${name}, which is no float type`);
  const source = tensorPayload(tensor, dir);
  const payload = derivedBytes(source, source.length, (from, to) => {
    const values = format.decode(new Uint8Array(from).buffer);
    for (let i = 0; i < values.length; i++) values[i] = map(values[i]!, i);
    const { buffer, byteOffset, byteLength } = format.encode(values);
    to.set(new Uint8Array(buffer, byteOffset, byteLength));
  });
  return createTensor(tensor.name ?? '', dataType, tensorShape(tensor), payload);
}

type Numbers = Float32Array | Float64Array;

interface FloatFormat {
  readonly decode: (buffer: ArrayBuffer) => Numbers;
  readonly encode: (numbers: Numbers) => ArrayBufferView;
}

const FLOATS: ReadonlyMap<number, FloatFormat> = new Map<number, FloatFormat>([
  [DataType.FLOAT, { decode: (buffer) => new Float32Array(buffer), encode: (numbers) => numbers }],
  [DataType.DOUBLE, { decode: (buffer) => new Float64Array(buffer), encode: (numbers) => numbers }],
  [
    DataType.FLOAT16,
    {
      decode: (buffer) => decodeFloat16(new Uint16Array(buffer)),
      encode: (numbers) => encodeFloat16(Float32Array.from(numbers)),
    },
  ],
  [
    DataType.BFLOAT16,
    {
      decode: (buffer) => decodeBfloat16(new Uint16Array(buffer)),
      encode: (numbers) => encodeBfloat16(Float32Array.from(numbers)),
    },
  ],
]);
