import { targetErrors } from '../errors/targetErrors.js';
import { type Budget, TARGET_RESOURCES } from '../pipeline/options.js';

const BUDGET = /^([A-Za-z]+)=([+-]?(?:\d+\.?\d*|\.\d+))(%|[kKMGT]?)$/;
const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

export interface BudgetRange {
  /** Whether more than the original may be asked for. */
  readonly allowsMoreThanAll: boolean;
}

/**
 * Reads a budget: `flops=50%`, `params=800k`, `macs=30M`, `flops=1.2G`.
 *
 * @param option name for the message, e.g. `--target`
 * @throws TARGET_MALFORMED, TARGET_UNKNOWN_RESOURCE, TARGET_OUT_OF_RANGE
 */
export function parseBudget(option: string, text: string, { allowsMoreThanAll }: BudgetRange): Budget {
  const [, name, number, unit] = BUDGET.exec(text.trim()) ?? [];
  if (name === undefined || number === undefined || unit === undefined) throw targetErrors.malformed(option, text);
  const resource = TARGET_RESOURCES.find((known) => known === name.toLowerCase());
  if (resource === undefined) throw targetErrors.unknownResource(option, name, TARGET_RESOURCES);
  const value = Number(number);
  if (unit === '%') {
    if (!(value > 0)) throw targetErrors.outOfRange(option, text, 'above 0 %');
    if (value > 100 && !allowsMoreThanAll) throw targetErrors.outOfRange(option, text, 'above 0 % and at most 100 %');
    return { resource, share: value / 100 };
  }
  const amount = Math.round(value * FACTORS[unit]!); // 1.1 · 1e9 is not whole in floating point
  if (!(amount >= 1)) throw targetErrors.outOfRange(option, text, 'at least 1');
  return { resource, amount };
}
