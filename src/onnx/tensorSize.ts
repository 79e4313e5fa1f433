import { modelErrors } from '../errors/modelErrors.js';
import type { DataTypeInfo } from './dataType.js';
import type { TensorProto } from './messages.js';

/**
 * The shape of a tensor as numbers; [] is a scalar.
 *
 * @throws MODEL_TENSOR_DIMS for a negative dimension, or where the element count is no safe integer
 */
export function tensorShape(tensor: Pick<TensorProto, 'name' | 'dims'>): readonly number[] {
  elementCount(tensor);
  return tensor.dims.map(Number);
}

/**
 * How many elements a tensor has: the product of its dimensions, without overflow.
 *
 * @throws MODEL_TENSOR_DIMS for a negative dimension, or where the product of the others is no safe integer
 */
export function elementCount(tensor: Pick<TensorProto, 'name' | 'dims'>): number {
  let count = 1;
  let isEmpty = false;
  for (const dim of tensor.dims) {
    if (dim < 0n || dim > BigInt(Number.MAX_SAFE_INTEGER)) throw modelErrors.dims(tensor.name ?? '', tensor.dims);
    if (dim === 0n) isEmpty = true;
    else count *= Number(dim);
    // A product that is too large stays too large, and below the limit every step is exact.
    if (!Number.isSafeInteger(count)) throw modelErrors.dims(tensor.name ?? '', tensor.dims);
  }
  return isEmpty ? 0 : count;
}

/** Bytes of `count` elements; elements of 2 and 4 bits share bytes, and the last byte is filled up. */
export function packedByteLength(count: number, { bits }: DataTypeInfo): number {
  return bits >= 8 ? count * (bits / 8) : Math.ceil(count / (8 / bits));
}
