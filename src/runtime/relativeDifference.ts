/** How far apart two tensors are. */
export interface Difference {
  /** `max|a − b|`; infinity where they cannot be compared. */
  readonly absolute: number;
  /** Over the largest magnitude of the second, `max|a − b| / max|b|`; 0 where both are all zero. */
  readonly relative: number;
}

/** Of tensors that cannot be compared. */
export const INCOMPARABLE: Difference = { absolute: Number.POSITIVE_INFINITY, relative: Number.POSITIVE_INFINITY };

/**
 * Largest difference between two tensors, as it is and over the largest magnitude of the second.
 *
 * Infinity where they do not have the same number of elements, where one is NaN and the other is not, or where all are
 * NaN: a broken result never passes. Equal infinities count as equal.
 */
export function differenceBetween(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): Difference {
  if (a.length !== b.length) return INCOMPARABLE;
  let absolute = 0;
  let magnitude = 0;
  let compared = 0;
  for (let i = 0; i < a.length; i++) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    compared++;
    if (Number.isNaN(x) || Number.isNaN(y)) return INCOMPARABLE;
    if (x === y) {
      if (Number.isFinite(y)) magnitude = Math.max(magnitude, Math.abs(y));
      continue;
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) return INCOMPARABLE;
    absolute = Math.max(absolute, Math.abs(x - y));
    magnitude = Math.max(magnitude, Math.abs(y));
  }
  if (compared === 0 && a.length > 0) return INCOMPARABLE;
  return { absolute, relative: absolute === 0 ? 0 : absolute / magnitude };
}

/** The relative part of {@link differenceBetween}. */
export function relativeDifference(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  return differenceBetween(a, b).relative;
}
