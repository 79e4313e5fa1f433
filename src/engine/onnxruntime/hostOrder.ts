import type { HostArray } from './elementType.js';
import { plainOrder, sameNumbers, type Traced } from './traced.js';

/**
 * The elements of a value in logical order, given those of its source.
 * Always a new array: what tf.js hands out, its user may change.
 */
export function toLogicalOrder<A extends HostArray>(data: A, value: Traced): A {
  const { shape, order, source } = value;
  const rank = shape.length;
  const isWhole = order.every((axis, p) => source.shape[p] === shape[axis]);
  if (isWhole && sameNumbers(order, plainOrder(rank))) return data.slice() as A;

  const strides = new Array<number>(rank).fill(0);
  let stride = 1;
  for (let p = rank - 1; p >= 0; p--) {
    // A stride of 0 repeats the one element there is.
    strides[order[p]!] = source.shape[p] === 1 ? 0 : stride;
    stride *= source.shape[p]!;
  }
  const size = shape.reduce((product, dim) => product * dim, 1);
  const result = new (data.constructor as new (length: number) => A)(size);
  const index = new Array<number>(rank).fill(0);
  let from = 0;
  for (let i = 0; i < size; i++) {
    result[i] = data[from]!;
    for (let axis = rank - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
