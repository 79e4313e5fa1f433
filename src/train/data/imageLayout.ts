/** Rows of pixels, `inner` numbers each: [outer, height, width, inner]. */
export interface ImageLayout {
  readonly outer: number;
  readonly height: number;
  readonly width: number;
  readonly inner: number;
}

/** Images are [C, H, W], or [H, W, C] where that has fewer channels; undefined where samples are none. */
export function imageLayout(shape: readonly number[]): ImageLayout | undefined {
  const [a, b, c] = shape;
  if (a === undefined || b === undefined || c === undefined || shape.length !== 3) return undefined;
  return c < a ? { outer: 1, height: a, width: b, inner: c } : { outer: a, height: b, width: c, inner: 1 };
}
