/** @file Numbers as people read them: three digits and a unit. Machines get them exact, from JSON and CSV. */

const DECIMAL_UNITS = ['', 'k', 'M', 'G', 'T', 'P'] as const;
const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Three significant digits, but never fewer than the integer part has: `30.2`, `318`, `1012`. */
function threeDigits(value: number): string {
  return value >= 999.5 ? String(Math.round(value)) : value.toPrecision(3);
}

/** `987`, `30.2M`, `1.53G`. */
export function formatCount(count: number): string {
  let value = count;
  let unit = 0;
  // 999,950 would be shown as 1000k: from 999.5 on, the next unit serves.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < DECIMAL_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? String(Math.round(value)) : `${threeDigits(value)}${DECIMAL_UNITS[unit]}`;
}

/** `512 B`, `318 KiB`, `1.53 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= (unit === 0 ? 1024 : 1023.5) && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.ceil(value) : threeDigits(value)} ${BINARY_UNITS[unit]}`;
}

/** A share of one as `13.7%`; `<0.1%` where it would round to nothing. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1%';
  return share >= 0.9995 ? `${Math.round(share * 100)}%` : `${(share * 100).toFixed(1)}%`;
}

/** How much more or less `after` is than `before`: `-50.1%`, `+3.0%`, `0.0%`. */
export function formatChange(before: number, after: number): string {
  if (before === after) return '0.0%';
  if (before === 0) return '';
  return withSign((after / before - 1) * 100, 1, '%');
}

/** `+1.25 points`; a rounded zero has no sign. */
export function withSign(value: number, digits: number, unit: string): string {
  const text = Math.abs(value).toFixed(digits);
  const isZero = Number(text) === 0;
  return `${isZero ? '' : value < 0 ? '-' : '+'}${text}${unit}`;
}

/** `0.312 ms`, `12.3 ms`, `1012 ms`. */
export function formatMilliseconds(ms: number): string {
  return `${ms < 0.001 ? ms.toFixed(3) : threeDigits(ms)} ms`;
}

/** `8 s`, `2 min 05 s`, `1 h 03 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(Math.max(0, seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** `1x3x224x224`; `scalar` for no dimensions. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join('x');
}
