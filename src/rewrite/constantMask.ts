import { DataType } from '../onnx/dataType.js';
import { encodeBfloat16, encodeFloat16 } from '../onnx/float16.js';
import type { TensorProto } from '../onnx/messages.js';
import { createTensor } from '../onnx/tensorData.js';

/**
 * A float tensor of shape [width, 1, …, 1] with 0 at the removed positions and 1 elsewhere.
 *
 * @param dataType FLOAT, DOUBLE, FLOAT16 or BFLOAT16
 * @param trailing number of axes after the one that is masked
 */
export function constantMask(name: string, dataType: number, removed: Uint8Array, trailing: number): TensorProto {
  const mask = Float32Array.from(removed, (isRemoved) => 1 - isRemoved);
  const stored = storedAs(dataType, mask);
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return createTensor(name, dataType, [removed.length, ...Array<number>(trailing).fill(1)], bytes);
}

function storedAs(dataType: number, values: Float32Array): ArrayBufferView {
  switch (dataType) {
    case DataType.FLOAT16:
      return encodeFloat16(values);
    case DataType.BFLOAT16:
      return encodeBfloat16(values);
    case DataType.DOUBLE:
      return Float64Array.from(values);
    default:
      return values;
  }
}
