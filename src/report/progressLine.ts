import { RESOURCE_NAMES } from '../cost/resource.js';
import { lengthOf } from './alignColumns.js';
import { formatDuration, formatMilliseconds } from './formatQuantity.js';
import { amount } from './morphTable.js';
import type { Progress } from './results.js';

const GAP = '  ';

/** A piece of the line; the one with the highest rank is left out first where the line is too long. */
interface Piece {
  readonly text: string;
  readonly rank: number;
}

/**
 * One line about a training run, of at most `width` characters; the costs are those of the alive units / the target.
 *
 * @example
 * 'shrink  3/20  loss 0.412  penalty 0.083  flops 4.21M/3.24M  λ 1.20  81.0 ms/step  2 min 10 s left'
 */
export function progressLine(progress: Progress, width = Number.POSITIVE_INFINITY): string {
  const { cycle, cycles, phase, epoch, epochs, step, steps, resource } = progress;
  const isShrinking = phase === 'shrink';
  const pieces: Piece[] = [
    ...(cycles > 1 ? [{ rank: 0, text: `cycle ${counted(cycle, cycles)}` }] : []),
    { rank: 0, text: `${phase} ${counted(epoch, epochs)}` },
    ...(progress.isEpochEnd ? [] : [{ rank: 5, text: `step ${counted(step, steps)}` }]),
    { rank: 1, text: `loss ${progress.loss.toFixed(3)}` },
    ...(isShrinking ? [{ rank: 4, text: `penalty ${progress.penalty.toFixed(3)}` }] : []),
    {
      rank: 3,
      text: `${RESOURCE_NAMES[resource]} ${amount(resource, progress.aliveCost)}/${amount(resource, progress.limit)}`,
    },
    ...(isShrinking ? [{ rank: 7, text: `λ ${significant(progress.lambda)}` }] : []),
    { rank: 6, text: `${formatMilliseconds(progress.msPerStep)}/step` },
    { rank: 2, text: `${formatDuration(progress.secondsLeft)} left` },
  ];
  for (let rank = 8; ; rank--) {
    const line = pieces.flatMap((piece) => (piece.rank < rank ? [piece.text] : [])).join(GAP);
    if (lengthOf(line) <= width) return line;
    if (rank === 1) return Array.from(line).slice(0, width).join('');
  }
}

/** Padded, so that the lines of one phase stand in columns. */
function counted(count: number, total: number): string {
  return `${String(count).padStart(String(total).length)}/${total}`;
}

function significant(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}
