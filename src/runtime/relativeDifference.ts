/**
 * Largest difference between two tensors over the largest magnitude of the second, `max|a − b| / max|b|`.
 *
 * Infinity where they do not have the same number of elements, where one is NaN and the other is not, or where all are
 * NaN: a broken result never passes. Equal infinities count as equal. 0 where both are all zero.
 */
export function relativeDifference(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let magnitude = 0;
  let compared = 0;
  for (let i = 0; i < a.length; i++) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    compared++;
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.POSITIVE_INFINITY;
    if (x === y) {
      if (Number.isFinite(y)) magnitude = Math.max(magnitude, Math.abs(y));
      continue;
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(x - y));
    magnitude = Math.max(magnitude, Math.abs(y));
  }
  if (compared === 0 && a.length > 0) return Number.POSITIVE_INFINITY;
  if (difference === 0) return 0;
  return magnitude === 0 ? Number.POSITIVE_INFINITY : difference / magnitude;
}
