import { RESOURCE_NAMES, TARGET_RESOURCES, type TargetResource } from '../cost/resource.js';
import { targetErrors } from '../errors/targetErrors.js';
import type { Budget } from '../pipeline/options.js';

const BUDGET = /^([A-Za-z-]+)=([+-]?(?:\d+\.?\d*|\.\d+))(%|[A-Za-z]*)$/;

type Units = Readonly<Record<string, number>>;

const COUNTS: Units = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const BYTES: Units = {
  ...{ '': 1, B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
};
/** A bare number would be taken for seconds by some. */
const MILLISECONDS: Units = { us: 1e-3, ms: 1, s: 1e3 };

/** The units that amounts of a resource are written in, and how messages list them. */
function unitsOf(resource: TargetResource): readonly [Units, string] {
  if (resource === 'latencyMs') return [MILLISECONDS, 'us, ms or s'];
  if (resource.endsWith('Bytes')) return [BYTES, 'B, kB, MB, GB, KiB, MiB or GiB'];
  return [COUNTS, 'k, M, G or T'];
}

export interface BudgetRange {
  /** Whether more than the original may be asked for. */
  readonly allowsMoreThanAll: boolean;
}

/**
 * Reads a budget: `flops=50%`, `params=800k`, `flops=1.2G`, `weight-bytes=1.5MB`, `latency=3ms`.
 *
 * @param option name for the message, e.g. `--target`
 * @throws TARGET_MALFORMED, TARGET_UNKNOWN_RESOURCE, TARGET_UNIT, TARGET_OUT_OF_RANGE
 */
export function parseBudget(option: string, text: string, { allowsMoreThanAll }: BudgetRange): Budget {
  const [, name, number, unit] = BUDGET.exec(text.trim()) ?? [];
  if (name === undefined || number === undefined || unit === undefined) throw targetErrors.malformed(option, text);
  const resource = TARGET_RESOURCES.find((known) => RESOURCE_NAMES[known] === name.toLowerCase());
  if (resource === undefined) {
    const names = TARGET_RESOURCES.map((known) => RESOURCE_NAMES[known]);
    throw targetErrors.unknownResource(option, name, names);
  }
  const value = Number(number);
  if (unit === '%') {
    if (!(value > 0)) throw targetErrors.outOfRange(option, text, 'above 0 %');
    if (value > 100 && !allowsMoreThanAll) throw targetErrors.outOfRange(option, text, 'above 0 % and at most 100 %');
    return { resource, share: value / 100 };
  }
  const [units, known] = unitsOf(resource);
  if (!Object.hasOwn(units, unit)) throw targetErrors.unit(option, text, RESOURCE_NAMES[resource], known);
  const amount = value * units[unit]!;
  if (resource === 'latencyMs') {
    if (!(amount > 0)) throw targetErrors.outOfRange(option, text, 'above 0');
    return { resource, amount };
  }
  const whole = Math.round(amount); // 1.1 · 1e9 is not whole in floating point
  if (!(whole >= 1)) throw targetErrors.outOfRange(option, text, 'at least 1');
  return { resource, amount: whole };
}

/** Adds what one more option says to what those before it said. @throws what `parseBudget` does, and TARGET_TWICE */
export function parseBudgets(
  option: string,
  range: BudgetRange,
): (text: string, earlier?: readonly Budget[]) => readonly Budget[] {
  return (text, earlier = []) => {
    const budget = parseBudget(option, text, range);
    if (earlier.some(({ resource }) => resource === budget.resource)) {
      throw targetErrors.twice(option, RESOURCE_NAMES[budget.resource]);
    }
    return [...earlier, budget];
  };
}
