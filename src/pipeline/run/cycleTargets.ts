import type { LimitedTarget } from '../targets.js';

/**
 * The way points of cycle `cycle` of `cycles` towards targets: `whole · (limit / whole)^(cycle / cycles)`, so that every
 * cycle cuts the same share of what the one before has left. The last one's are the targets.
 *
 * @param targets of the original
 */
export function cycleTargets(
  targets: readonly LimitedTarget[],
  cycle: number,
  cycles: number,
): readonly LimitedTarget[] {
  if (cycle === cycles) return targets;
  const between = (whole: number, limit: number) => whole * (limit / whole) ** (cycle / cycles);
  return targets.map(({ cost, limit, timed }) => {
    const whole = cost.total(new Uint8Array(cost.units.analysis.unitCount).fill(1));
    const point = { cost, limit: between(whole, limit) };
    return timed === undefined
      ? point
      : { ...point, timed: { ...timed, limitMs: between(timed.wholeMs, timed.limitMs) } };
  });
}
