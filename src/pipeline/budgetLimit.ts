import { RESOURCE_NAMES } from '../cost/resource.js';
import { targetErrors } from '../errors/targetErrors.js';
import type { Budget } from './options.js';

/** As on the command line: `flops=50%`, `params=2000000`. */
export function budgetText(budget: Budget): string {
  const amount = 'share' in budget ? `${Math.round(budget.share * 1e6) / 1e4}%` : budget.amount;
  return `${RESOURCE_NAMES[budget.resource]}=${amount}${'amount' in budget && budget.resource === 'latencyMs' ? 'ms' : ''}`;
}

/**
 * The amount that a budget allows.
 *
 * @param whole what the original costs
 * @param option names the option, for the error
 * @throws TARGET_OUT_OF_RANGE at 0 and below, and above the original where `canGrow` is false
 */
export function budgetLimit(budget: Budget, whole: number, option: string, canGrow: boolean): number {
  const limit = 'share' in budget ? budget.share * whole : budget.amount;
  const isTooLarge = 'share' in budget ? budget.share > 1 : budget.amount > whole;
  if (!(limit > 0) || !Number.isFinite(limit)) {
    throw targetErrors.outOfRange(option, budgetText(budget), 'above 0');
  }
  if (isTooLarge && !canGrow) {
    throw targetErrors.outOfRange(option, budgetText(budget), `at most 100 %, which is ${whole}`);
  }
  return limit;
}
