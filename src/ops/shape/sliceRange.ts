/** What a slice takes of one axis. */
export interface SliceRange {
  /** First position, and the one after the last (before it, where the step is negative). */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Numbers at least this large mean "to the end": INT32_MAX, INT64_MAX. */
const TO_THE_END = 2 ** 31 - 1;

/** The range of a slice on an axis of `width`: negative numbers count from the end, and all are clamped. */
export function sliceRange(width: number, start: number, end: number, step: number): SliceRange {
  const [low, high] = step > 0 ? [0, width] : [-1, width - 1];
  const clamp = (position: number, least: number) =>
    Math.max(least, Math.min(high, position < 0 ? position + width : position));
  return { start: clamp(start, step > 0 ? 0 : Math.min(0, high)), end: clamp(end, low), step };
}

/** The positions of a range, in order. */
export function slicePositions({ start, end, step }: SliceRange): readonly number[] {
  const count = step === 0 ? 0 : Math.max(0, Math.ceil((end - start) / step));
  return Array.from({ length: count }, (_, i) => start + i * step);
}

/**
 * The numbers that take, of the positions that are left, those that the slice took before.
 *
 * @param kept the old position of each position that is left
 * @param written start and end as the node has them
 */
export function resizedRange(
  { start, end, step }: SliceRange,
  kept: readonly number[],
  written: readonly [number, number],
): readonly [number, number] {
  const below = (position: number) => kept.filter((old) => old < position).length;
  const keep = (before: number, after: number) => (Math.abs(before) >= TO_THE_END ? before : after);
  if (step > 0) return [keep(written[0], below(start)), keep(written[1], below(end))];
  const last = below(end + 1) - 1;
  return [keep(written[0], below(start + 1) - 1), keep(written[1], last < 0 ? -TO_THE_END : last)];
}
