import { DataType, requireDataType } from '../onnx/dataType.js';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from '../onnx/float16.js';
import type { TensorProto } from '../onnx/messages.js';
import { derivedBytes } from '../onnx/storedBytes.js';
import { createTensor } from '../onnx/tensorData.js';
import { tensorPayload } from '../onnx/tensorPayload.js';
import { tensorShape } from '../onnx/tensorSize.js';

/**
 * A float tensor with every element multiplied by `factor(outer, position)`, where `position` counts along `axis` and
 * `outer` numbers the row-major combinations of the axes before it.
 */
export function scaleAlong(
  tensor: TensorProto,
  axis: number,
  factor: (outer: number, position: number) => number,
  dir?: string,
): TensorProto {
  const { dataType, name } = requireDataType(tensor);
  const format = FLOATS.get(dataType);
  if (format === undefined) throw new Error(`'${tensor.name ?? ''}' holds ${name}, which cannot be scaled`);
  const dims = tensorShape(tensor);
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, 1);
  const width = dims[axis]!;
  const source = tensorPayload(tensor, dir);
  const payload = derivedBytes(source, source.length, (from, to) => {
    const values = format.decode(new Uint8Array(from).buffer);
    for (let i = 0; i < values.length; i++) {
      const row = Math.floor(i / inner);
      values[i] = values[i]! * factor(Math.floor(row / width), row % width);
    }
    const { buffer, byteOffset, byteLength } = format.encode(values);
    to.set(new Uint8Array(buffer, byteOffset, byteLength));
  });
  return createTensor(tensor.name ?? '', dataType, dims, payload);
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
