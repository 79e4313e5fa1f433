import { DataType, requireDataType } from '../onnx/dataType.js';
import { encodeBfloat16, encodeFloat16 } from '../onnx/float16.js';
import type { TensorProto } from '../onnx/messages.js';
import { createTensor, tensorData, tensorFloats } from '../onnx/tensorData.js';
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
  const dims = tensorShape(tensor);
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, 1);
  const width = dims[axis]!;
  const scale = <T extends Float32Array | Float64Array>(values: T): T => {
    for (let i = 0; i < values.length; i++) {
      const row = Math.floor(i / inner);
      values[i] = values[i]! * factor(Math.floor(row / width), row % width);
    }
    return values;
  };
  const make = (values: ArrayBufferView) =>
    createTensor(
      tensor.name ?? '',
      dataType,
      dims,
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  switch (dataType) {
    case DataType.FLOAT:
      return make(scale(Float32Array.from(tensorFloats(tensor, dir))));
    case DataType.DOUBLE:
      return make(scale(Float64Array.from(tensorData(tensor, dir) as Float64Array)));
    case DataType.FLOAT16:
      return make(encodeFloat16(scale(Float32Array.from(tensorFloats(tensor, dir)))));
    case DataType.BFLOAT16:
      return make(encodeBfloat16(scale(Float32Array.from(tensorFloats(tensor, dir)))));
    default:
      throw new Error(`'${tensor.name ?? ''}' holds ${name}, which cannot be scaled`);
  }
}
