import type { MeasuredDevice } from '../cost/devices/device.js';
import { alignColumns } from './alignColumns.js';
import { printable } from './printable.js';

/** A device as it was measured: what each kind of node takes. */
export function deviceTable({ name, kinds, runMs, medianError, runtime, models }: MeasuredDevice): string {
  const microseconds = (ms: number) => (ms === 0 ? '-' : (1000 * ms).toPrecision(3));
  const rows = Object.entries(kinds).map(([kind, { overheadMs, msPerMflop, msPerMB, step }]) => [
    printable(kind),
    ...[overheadMs, msPerMflop, msPerMB].map(microseconds),
    step === 1 ? '-' : String(step),
  ]);
  return [
    `${printable(name)}  ${printable(runtime)}`,
    '',
    ...alignColumns(
      [['kind of node', 'µs each', 'µs per MFLOP', 'µs per MB', 'in blocks of'], ...rows],
      ['left', 'right', 'right', 'right', 'right'],
    ),
    '',
    `beside its nodes, a run takes ${microseconds(runMs)} µs`,
    `timed: ${models.map(printable).join(', ')}; half of all predictions are within ${(100 * medianError).toFixed(1)}%`,
    '',
  ].join('\n');
}
