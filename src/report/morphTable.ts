import { RESOURCE_NAMES, type TargetResource } from '../cost/resource.js';
import { alignColumns } from './alignColumns.js';
import {
  formatBytes,
  formatChange,
  formatCount,
  formatDuration,
  formatMilliseconds,
  withSign,
} from './formatQuantity.js';
import { printable } from './printable.js';
import type { CycleResult, ModelSummary, MorphResult, TargetResult, TrainingResult, WidenResult } from './results.js';
import { widthsTable } from './widthsTable.js';

/** What `morph` or `widen` did: both models side by side, the budgets, the proof, and the widths of every layer. */
export function morphTable(result: MorphResult | WidenResult): string {
  const { input, output, targets, verification } = result;
  const rows = [
    ...targets.map((target, i) => [i === 0 ? 'target' : '', targetText(target, result)]),
    [
      'proof',
      `largest relative difference ${scientific(verification.maxRelativeDifference)} ` +
        `at ${verification.batchSizes.length === 1 ? 'batch size' : 'batch sizes'} ${list(verification.batchSizes)}`,
    ],
    ...('training' in result
      ? [
          ...fidelity(result),
          ['training', training(result.training)],
          ...penalties(result.training),
          ...cycleRows(result.training),
        ]
      : []),
    ['time', formatDuration(result.seconds)],
  ];
  return [
    `${printable(input.path)} → ${printable(output.path)}`,
    '',
    ...comparison(result),
    '',
    ...alignColumns(rows, ['left', 'left']),
    '',
    widthsTable(result.groups),
  ].join('\n');
}

/** Rows that most do not ask for. */
const BYTES = [
  ['weightBytes', 'weights'],
  ['activationBytes', 'activations'],
  ['peakActivationBytes', 'peak'],
] as const;

function comparison({ input, output, targets }: MorphResult | WidenResult): readonly string[] {
  const row = (label: string, of: (model: ModelSummary) => number, format: (amount: number) => string) => [
    label,
    format(of(input)),
    format(of(output)),
    formatChange(of(input), of(output)),
  ];
  const rows = [
    ['', 'before', 'after', 'change'],
    row('FLOPs', ({ flops }) => flops, formatCount),
    row('MACs', ({ macs }) => macs, formatCount),
    row('params', ({ params }) => params, formatCount),
    ...BYTES.filter(([resource]) => targets.some((target) => target.resource === resource)).map(([resource, label]) =>
      row(label, (model) => model[resource], formatBytes),
    ),
    row('file', ({ fileBytes }) => fileBytes, formatBytes),
    ['accuracy', accuracy(input.accuracy), accuracy(output.accuracy), gain(input.accuracy, output.accuracy)],
    ...(output.testLoss === null ? [] : [['test loss', ...testLosses(input.testLoss, output.testLoss)]]),
    ['latency', ...latencies(input.latencyMs, output.latencyMs)],
    ...(output.predictedLatencyMs === null
      ? []
      : [['predicted', ...latencies(input.predictedLatencyMs, output.predictedLatencyMs)]]),
  ];
  return alignColumns(rows, ['left', 'right', 'right', 'right']);
}

function accuracy(share: number | null): string {
  return share === null ? '-' : percent(share);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function milliseconds(ms: number | null): string {
  return ms === null ? '-' : formatMilliseconds(ms);
}

function latencies(before: number | null, after: number | null): readonly string[] {
  const change = before === null || after === null ? '' : formatChange(before, after);
  return [milliseconds(before), milliseconds(after), change];
}

function testLosses(before: number | null, after: number): readonly string[] {
  return [
    before === null ? '-' : before.toPrecision(4),
    after.toPrecision(4),
    before === null ? '' : formatChange(before, after),
  ];
}

function gain(before: number | null, after: number | null): string {
  return before === null || after === null ? '' : withSign((after - before) * 100, 2, ' points');
}

function targetText({ resource, limit, achieved }: TargetResult, { input, output }: MorphResult | WidenResult): string {
  // Of latency that is held by timing, a share is one of what was timed.
  const latency = achieved === output.predictedLatencyMs ? input.predictedLatencyMs : input.latencyMs;
  const whole = resource === 'latencyMs' ? (latency ?? 0) : input[resource];
  const share = whole === 0 ? '' : ` (${((100 * achieved) / whole).toFixed(1)}% of the original)`;
  const reached = `${amount(resource, achieved)}${share}`;
  return `${RESOURCE_NAMES[resource]} at most ${amount(resource, limit)}, reached ${reached}`;
}

/** Amounts of a resource: bytes in binary units, milliseconds, everything else in decimal ones. */
export function amount(resource: TargetResource, value: number): string {
  if (resource === 'latencyMs') return formatMilliseconds(value);
  return resource.endsWith('Bytes') ? formatBytes(value) : formatCount(value);
}

/** Without test labels, what is known of the result is how far it does what the original does. */
function fidelity({
  output,
  fidelity: { split, agreement, outputError },
}: MorphResult): readonly (readonly string[])[] {
  if (output.accuracy !== null) return [];
  const parts = [
    ...(agreement === null ? [] : [`the same class for ${percent(agreement)} of the ${split} samples`]),
    ...(outputError === null
      ? []
      : [`outputs ${percent(outputError)} off${agreement === null ? ` on the ${split} samples` : ''}`]),
  ];
  return parts.length === 0 ? [] : [['fidelity', parts.join(', ')]];
}

function training({ loss, engine, epochs, msPerStep, lambda }: TrainingResult): string {
  const perStep = `${formatMilliseconds(msPerStep)} per step`;
  return `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${printable(loss)} on ${engine}, ${perStep}, λ ${lambda.toPrecision(3)} at the end`;
}

function penalties({ penalty }: TrainingResult): readonly (readonly [string, string])[] {
  return penalty.map(({ kind, groups, channels, reason }, i) => [
    i === 0 ? 'penalty' : '',
    `${kind} on ${counted(channels, 'channel')} of ${counted(groups, 'group')}: ${reason}`,
  ]);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** One row for each of several cycles. */
function cycleRows({ cycles }: TrainingResult): readonly string[][] {
  return cycles.length < 2 ? [] : cycles.map((cycle, i) => [`cycle ${i + 1}`, cycleText(cycle)]);
}

function cycleText({ targets, widen, accuracy: share, lambda }: CycleResult): string {
  const reached = ({ resource, achieved }: TargetResult) => `${RESOURCE_NAMES[resource]} ${amount(resource, achieved)}`;
  return [
    `cut to ${targets.map(reached).join(', ')}`,
    ...(widen.length === 0 ? [] : [`widened to ${widen.map(reached).join(', ')}`]),
    `accuracy ${accuracy(share)}`,
    `λ ${lambda.toPrecision(3)}`,
  ].join(', ');
}

function scientific(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

function list(numbers: readonly number[]): string {
  return numbers.length < 2 ? numbers.join('') : `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}
