import type { Rng } from '../../random/rng.js';

/** A number in (0, 1) for each unit: what every other measure should beat. */
export function random(count: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: count }, () => 1 - rng.next());
}
