import { csvLine } from './csvLine.js';

/** What is known of a training run at one step; numbers that are not known at every step are left out of the others. */
export interface TrainingRow {
  /** Over the whole run, from 1. */
  readonly step: number;
  readonly phase: string;
  /** Of the phase, from 1. */
  readonly epoch: number;
  /** By the names of the columns. */
  readonly numbers: Readonly<Record<string, number>>;
}

const PLACE = ['step', 'phase', 'epoch'] as const;

/** The row of names. @param columns names of numbers */
export function trainingCsvHead(columns: readonly string[]): string {
  return csvLine([...PLACE, ...columns]);
}

/** One row per step, as RFC 4180 has it; what is not known is empty. */
export function trainingCsvLine({ step, phase, epoch, numbers }: TrainingRow, columns: readonly string[]): string {
  return csvLine([String(step), phase, String(epoch), ...columns.map((name) => String(numbers[name] ?? ''))]);
}

/** The part of a file that a run goes on from: its head, and its rows up to a step; undefined where the head differs. */
export function trainingCsvUntil(text: string, columns: readonly string[], step: number): string | undefined {
  const head = trainingCsvHead(columns);
  if (!text.startsWith(head)) return undefined;
  const rows = text.slice(head.length).split(/(?<=\r\n)/);
  return head + rows.filter((row) => row.endsWith('\r\n') && Number.parseInt(row, 10) <= step).join('');
}
