import { formatDuration, formatMilliseconds } from './formatQuantity.js';
import { amount } from './morphTable.js';
import type { Progress } from './results.js';

/**
 * One line about a training run.
 *
 * @example
 * 'shrink 3/20  step 12/22  loss 0.412  penalty 0.083  flops 4.21M of 3.24M  λ 1.20  81.0 ms/step  2 min 10 s left'
 */
export function progressLine(progress: Progress): string {
  const { phase, epoch, epochs, step, steps, resource } = progress;
  const isShrinking = phase === 'shrink';
  return [
    `${phase} ${counted(epoch, epochs)}`,
    ...(progress.isEpochEnd ? [] : [`step ${counted(step, steps)}`]),
    `loss ${decimals(progress.loss)}`,
    ...(isShrinking ? [`penalty ${decimals(progress.penalty)}`] : []),
    `${resource} ${amount(resource, progress.aliveCost)} of ${amount(resource, progress.limit)}`,
    ...(isShrinking ? [`λ ${significant(progress.lambda)}`] : []),
    `${formatMilliseconds(progress.msPerStep)}/step`,
    `${formatDuration(progress.secondsLeft)} left`,
  ].join('  ');
}

/** Padded, so that lines of one phase stand in columns. */
function counted(count: number, total: number): string {
  return `${String(count).padStart(String(total).length)}/${total}`;
}

function decimals(value: number): string {
  return value.toFixed(4);
}

function significant(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}
