/** Half the distance of the two points, in parts of the variables' own size. */
const STEPS = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

/** What float32 leaves of noise in a loss, in parts of the loss, as measured. */
const NOISE = 3e-8;

/** A slope is only compared at steps where the noise is below this part of its scale. */
const LARGEST_NOISE = 0.3;

export interface Slope {
  /** What backpropagation gives along the direction. */
  readonly analytic: number;
  /** How large such a slope is over all directions (root mean square). */
  readonly scale: number;
  readonly loss: number;
  /** Loss at this way along the direction. */
  readonly lossAt: (way: number) => Promise<number>;
}

/**
 * How far a slope is from central differences, beyond the noise of float32, in parts of its scale: the least over
 * several steps. Curvature needs small steps, noise large ones, and every ReLU that is crossed between the two points
 * puts a difference off; a wrong slope is wrong at all of them.
 *
 * @param tolerance the search ends below this
 * @returns undefined where noise hides the slope at every step
 */
export async function slopeError(
  { analytic, scale, loss, lossAt }: Slope,
  tolerance: number,
): Promise<number | undefined> {
  let least: number | undefined;
  for (const step of STEPS) {
    const noise = (NOISE * loss) / step;
    if (noise > LARGEST_NOISE * scale) break;
    const numeric = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    const error = Math.max(0, Math.abs(numeric - analytic) - noise) / scale;
    least = Math.min(error, least ?? error);
    if (least < tolerance) break;
  }
  return least;
}
