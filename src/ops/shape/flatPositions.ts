/** @file Where the indices of GatherElements, GatherND and their scattering counterparts point, counted row-major. */
import { normalizeAxis } from '../ties.js';

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Distance between neighbours along each axis. */
function stridesOf(dims: readonly number[]): readonly number[] {
  return dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
}

/** For each element of `indices`, of shape `shape`: the element of a tensor of `dims` that it names along `axis`. */
export function elementPositions(
  dims: readonly number[],
  shape: readonly number[],
  indices: readonly number[],
  axis: number,
): readonly number[] {
  const strides = stridesOf(dims);
  const places = stridesOf(shape);
  return indices.map((index, at) =>
    shape.reduce((position, dim, i) => {
      const along = i === axis ? normalizeAxis(index, dims[axis]!) : Math.floor(at / places[i]!) % dim;
      return position + along * strides[i]!;
    }, 0),
  );
}

/** For each tuple in the last axis of `indices`: the row of a tensor of `dims` that it names, behind `batchDims` axes. */
export function rowPositions(
  dims: readonly number[],
  shape: readonly number[],
  indices: readonly number[],
  batchDims = 0,
): readonly number[] {
  const depth = shape.at(-1) ?? 0;
  const strides = stridesOf(dims.slice(0, batchDims + depth));
  const tuples = sizeOf(shape.slice(0, -1));
  const perBatch = sizeOf(shape.slice(batchDims, -1));
  const rowsPerBatch = sizeOf(dims.slice(batchDims, batchDims + depth));
  return Array.from({ length: tuples }, (_, tuple) => {
    let row = Math.floor(tuple / perBatch) * rowsPerBatch;
    for (let i = 0; i < depth; i++) {
      row += normalizeAxis(indices[tuple * depth + i]!, dims[batchDims + i]!) * strides[batchDims + i]!;
    }
    return row;
  });
}
