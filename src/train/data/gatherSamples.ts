import { dataErrors } from '../../errors/dataErrors.js';
import type { FloatArray } from './dataSet.js';
import { type Affine, affineOf, NO_NORMALISATION } from './normalisation.js';
import { type DataArray, elementCount, type NumericArray } from './numericArray.js';

/**
 * Copies samples out of `source` and normalises them, in one pass.
 * @param source samples of shape [M, …]
 * @param order sample numbers; those at `from` to `to − 1` are taken
 * @returns row-major [to − from, …]
 */
export function gatherSamples(
  source: DataArray,
  order: Int32Array,
  from: number,
  to: number,
  { factor, offset, channelSize }: Affine,
): Float32Array {
  const { data } = source;
  const size = elementCount(source.shape.slice(1));
  const result = new Float32Array((to - from) * size);
  const plain = data instanceof Float32Array && factor.length === 1 && factor[0] === 1 && offset[0] === 0;
  for (let i = from, target = 0; i < to; i++) {
    const start = (order[i] as number) * size;
    if (plain) {
      result.set(data.subarray(start, start + size), target);
      target += size;
      continue;
    }
    for (let c = 0; c < factor.length; c++, target += channelSize) {
      const first = start + c * channelSize;
      scaleInto(result, target, data, first, channelSize, factor[c] as number, offset[c] as number);
    }
  }
  return result;
}

/** Copies targets out of `source`, as {@link gatherSamples} does samples, and as they are. */
export function gatherTargets(source: DataArray, order: Int32Array, from: number, to: number): FloatArray {
  const shape = source.shape.slice(1);
  const data = gatherSamples(source, order, from, to, affineOf(NO_NORMALISATION, shape, ''));
  return { data, shape: [to - from, ...shape] };
}

function scaleInto(
  result: Float32Array,
  target: number,
  data: NumericArray,
  first: number,
  length: number,
  factor: number,
  offset: number,
): void {
  for (let k = 0; k < length; k++) result[target + k] = (data[first + k] as number) * factor + offset;
}

/**
 * Checks that every number, as the model would see it, is finite in float32. Integers always are.
 * @throws DATA_NOT_FINITE with the index of the first sample that is not
 */
export function checkFinite(source: DataArray, affine: Affine, where: string): void {
  const { data, shape } = source;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  const count = shape[0] ?? 0;
  const size = elementCount(shape.slice(1));
  const order = new Int32Array(1);
  for (let sample = 0; sample < count; sample++) {
    order[0] = sample;
    const bad = gatherSamples(source, order, 0, 1, affine).findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw dataErrors.notFinite(where, sample, data[sample * size + bad] as number);
  }
}
