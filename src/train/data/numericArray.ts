/** Numbers in memory; 64-bit integers and halves are widened when they are read. */
export type NumericArray =
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** A dense array in row-major order: `data.length` is the product of `shape`. */
export interface DataArray {
  readonly data: NumericArray;
  readonly shape: readonly number[];
}

/** Number of elements of a shape (1 for the scalar shape `[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
