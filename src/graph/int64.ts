import { graphErrors } from '../errors/graphErrors.js';

/**
 * The one way from an int64 of the file to a JavaScript number.
 *
 * @param what names the place, for the error
 * @throws GRAPH_INTEGER_TOO_LARGE outside ±(2⁵³ − 1)
 */
export function toSafeInteger(value: bigint, what: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw graphErrors.integerTooLarge(what, value);
  return number;
}

/** An int64 that may stand for "to the end" (as in Slice): clamped to ±(2⁵³ − 1). */
export function clampToInteger(value: bigint): number {
  const number = Number(value);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
}
