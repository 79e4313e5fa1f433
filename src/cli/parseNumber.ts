import { cliErrors } from '../errors/cliErrors.js';

export interface NumberRange {
  readonly isInteger?: boolean;
  readonly atLeast?: number;
  readonly above?: number;
  readonly below?: number;
  readonly atMost?: number;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A parser for the numbers of one option. */
export function numberIn(option: string, range: NumberRange): (text: string) => number {
  const { isInteger = false, atLeast, above, below, atMost } = range;
  return (text) => {
    const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
    const fits =
      (isInteger ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
      (atLeast === undefined || value >= atLeast) &&
      (above === undefined || value > above) &&
      (below === undefined || value < below) &&
      (atMost === undefined || value <= atMost);
    if (!fits) throw cliErrors.notNumber(option, text, describe(range));
    return value;
  };
}

function describe({ isInteger = false, atLeast, above, below, atMost }: NumberRange): string {
  const limits = [
    ...(atLeast === undefined ? [] : [`of at least ${atLeast}`]),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ];
  return [isInteger ? 'an integer' : 'a number', limits.join(' and ')].filter((part) => part !== '').join(' ');
}
