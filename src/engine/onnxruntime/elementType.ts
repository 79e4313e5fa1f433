import type { DataType } from '@tensorflow/tfjs-core';

/** The element types that tf.js tensors of this backend can have. */
export type TensorType = 'float32' | 'int32' | 'bool';

/** The element types that may occur inside the pending graph. */
export type ElementType = TensorType | 'float64' | 'int64';

/** Values on the host side, in the array type that onnxruntime-node expects. */
export type HostArray = Float32Array | Int32Array | Uint8Array | Float64Array | BigInt64Array;

/** TensorProto.DataType numbers of the ONNX standard. */
export const onnxTypeCode: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/**
 * Narrows a tf.js dtype to those this backend can hold.
 * @throws Error for complex64 and string
 */
export function tensorType(dtype: DataType): TensorType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(
    `onnxruntime backend: dtype '${dtype}' is not supported; use float32, int32 or bool, or run this part on the 'cpu' backend`,
  );
}

/** A zeroed host array for `size` elements of a type. */
export function hostArray(type: ElementType, size: number): HostArray {
  switch (type) {
    case 'float32':
      return new Float32Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'bool':
      return new Uint8Array(size);
    case 'float64':
      return new Float64Array(size);
    case 'int64':
      return new BigInt64Array(size);
  }
}

/** A host array that holds the given numbers, converted to a type. */
export function hostArrayOf(type: ElementType, values: ArrayLike<number>): HostArray {
  const array = hostArray(type, values.length);
  if (array instanceof BigInt64Array) {
    for (let i = 0; i < values.length; i++) array[i] = BigInt(values[i]!);
  } else {
    array.set(values);
  }
  return array;
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}
