/** A learning rate by the share of the phase that is done, from 0 to 1. */
export type Schedule = (progress: number) => number;

/** Share of a phase in which the learning rate rises to its full height. */
const WARM_UP = 0.05;

function warmUp(rate: number, progress: number): number {
  return rate * (0.1 + (0.9 * progress) / WARM_UP);
}

/** Linear warm-up from a tenth, then constant. */
export function constantSchedule(rate: number): Schedule {
  return (progress) => (progress < WARM_UP ? warmUp(rate, progress) : rate);
}

/** Linear warm-up from a tenth, then half a cosine from `rate` down to 0. */
export function cosineSchedule(rate: number): Schedule {
  return (progress) => {
    if (progress < WARM_UP) return warmUp(rate, progress);
    return (rate * (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP)))) / 2;
  };
}
