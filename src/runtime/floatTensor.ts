import { DataType } from '../onnx/dataType.js';
import { encodeFloat16 } from '../onnx/float16.js';
import { numbersOf } from './numbersOf.js';
import { type Tensor, tensor } from './session.js';

/** A tensor of ONNX Runtime of a float type over float32 numbers. @param dataType FLOAT, DOUBLE or FLOAT16 */
export function floatTensor(dataType: number, data: Float32Array, dims: readonly number[]): Tensor {
  switch (dataType) {
    case DataType.DOUBLE:
      return tensor('float64', Float64Array.from(data), dims);
    case DataType.FLOAT16:
      return tensor('float16', encodeFloat16(data), dims);
    default:
      return tensor('float32', data, dims);
  }
}

/** The numbers of a tensor of a float type. */
export function floatsOf(from: Tensor): Float32Array {
  return from.data instanceof Float32Array ? from.data : Float32Array.from(numbersOf(from) as ArrayLike<number>);
}
