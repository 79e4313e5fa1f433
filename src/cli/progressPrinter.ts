import { progressLine } from '../report/progressLine.js';
import type { Progress } from '../report/results.js';
import type { TextOutput } from './commandContext.js';

const ERASE_LINE = '\r\u001b[2K';
/** Terminals are drawn on at most this often. */
const REDRAW_MS = 100;

export interface ProgressPrinter {
  readonly show: (progress: Progress) => void;
  /** Takes away a line that is still being drawn on. */
  readonly clear: () => void;
}

/**
 * Tells how a training run goes: on a terminal one line that is drawn over until its epoch ends, elsewhere one line
 * for each epoch.
 *
 * @param now milliseconds of a clock
 */
export function progressPrinter(output: TextOutput, now: () => number): ProgressPrinter {
  let isOpen = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (isOpen) output.write(ERASE_LINE);
    isOpen = false;
  };
  const show = (progress: Progress) => {
    if (progress.isEpochEnd) {
      clear();
      output.write(`${progressLine(progress)}\n`);
    } else if (output.isTTY === true && now() - drawnAt >= REDRAW_MS) {
      // A line that wraps cannot be erased. Some terminals give 0 as their width.
      output.write(ERASE_LINE + progressLine(progress, (output.columns || 80) - 1));
      isOpen = true;
      drawnAt = now();
    }
  };
  return { show, clear };
}
