import type { Rng } from '../../random/rng.js';
import { type Tensor, tensor } from '../../runtime/session.js';

/** Half a unit in the last place of a float32, relative to the number. */
const HALF_UNIT = 2 ** -24;

/**
 * Feeds whose float32 numbers are off by at most one unit in their last place, at random: what a network makes of that
 * is the least that rounding may make of it.
 */
export function nudged(feeds: Readonly<Record<string, Tensor>>, rng: Rng): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, given]) => {
      if (given.type !== 'float32') return [name, given];
      const data = (given.data as Float32Array).map((number) => number * (1 + (4 * rng.next() - 2) * HALF_UNIT));
      return [name, tensor('float32', data, given.dims)];
    }),
  );
}
