import { type Alignment, alignColumns, lengthOf } from './alignColumns.js';
import { formatBytes, formatCount, formatMilliseconds, formatShape, formatShare } from './formatQuantity.js';
import { elide, printable } from './printable.js';
import type { GroupReport, LatencyReport, ModelReport, NodeReport, TensorReport, UnknownNode } from './reportResult.js';

/** Columns of a report where the terminal has no say. */
export const DEFAULT_COLUMNS = 100;

const HEADER = ['node', 'op', 'output', 'MACs', 'FLOPs', 'params', 'weights', 'activ.', 'share'];
/** Stands at the end where a device was named. */
const TIME = 'time';
const ALIGNMENTS: readonly Alignment[] = [...HEADER, TIME].map((_, column) => (column < 3 ? 'left' : 'right'));
const OP = HEADER.indexOf('op');
const LONGEST_OP = 16;
const SHORTEST_NAME = 16;
const LONGEST_GROUP_NAME = 40;

/**
 * A report as plain text: the nodes with their costs, what can be cut, what is pinned and why.
 *
 * Names are shortened in the middle to fit into `columns`; JSON and CSV have them whole.
 */
export function reportTable(report: ModelReport, columns = DEFAULT_COLUMNS): string {
  const sections = [
    heading(report),
    nodeTable(report, columns),
    [`peak activations: ${formatBytes(report.peakActivationBytes)}${at(report.peakNode)}`],
    latencyLine(report.latency),
    measuredLine(report.nodes),
    unknownTable(report.unknownNodes),
    prunableTable(
      report.groups.filter(({ prunable }) => prunable),
      columns,
    ),
    pinnedTable(report.groups.filter(({ prunable }) => !prunable)),
  ];
  const texts = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

function at(node: string | null): string {
  return node === null ? '' : ` at ${printable(node)}`;
}

function heading({ path, fileBytes, opsets, inputs, outputs }: ModelReport): readonly string[] {
  const versions = Object.entries(opsets).map(([domain, version]) =>
    domain === 'ai.onnx' ? String(version) : `${printable(domain)} ${version}`,
  );
  const row = (kind: string) => (tensor: TensorReport) => [
    kind,
    printable(tensor.name),
    tensor.elementType.toLowerCase(),
    formatShape(tensor.shape),
  ];
  return [
    `${printable(path)}  ${formatBytes(fileBytes)}, opset ${versions.join(', ')}`,
    ...alignColumns([...inputs.map(row('input')), ...outputs.map(row('output'))], ['left', 'left', 'left', 'left']),
  ];
}

function latencyLine({ device, predictedMs, measuredMs }: LatencyReport): readonly string[] {
  const parts = [
    ...(predictedMs === null ? [] : [`${formatMilliseconds(predictedMs)} on ${printable(device ?? '')}, as predicted`]),
    ...(measuredMs === null ? [] : [`${formatMilliseconds(measuredMs)} on this machine, as measured`]),
  ];
  return parts.length === 0 ? [] : [`latency: ${parts.join('; ')}`];
}

function nodeTable({ nodes, totals, latency }: ModelReport, columns: number): readonly string[] {
  const shown = nodes.filter((node) => !node.isShapeArithmetic);
  const hidden = nodes.filter((node) => node.isShapeArithmetic);
  const { predictedMs } = latency;
  const timed = (row: readonly string[], cell: string) => (predictedMs === null ? row : [...row, cell]);
  const rows = [
    timed(HEADER, TIME),
    ...shown.map((node) =>
      timed(nodeRow(node), (node.latencyMs ?? 0) === 0 ? '-' : formatMilliseconds(node.latencyMs ?? 0)),
    ),
    ...(hidden.length === 0 ? [] : [timed(shapeArithmeticRow(hidden), '-')]),
    timed(
      ['total', '', '', ...costCells(totals), totals.flops === 0 ? '-' : '100%'],
      formatMilliseconds(predictedMs ?? 0),
    ),
  ];
  const others = rows[0]!
    .slice(1)
    .reduce((width, _, column) => width + 2 + Math.max(...rows.map((row) => cellWidth(row, column + 1))), 0);
  const nameWidth = Math.max(SHORTEST_NAME, columns - others);
  return alignColumns(
    rows.map(([name = '', op = '', ...rest]) => [shortName(name, op, nameWidth), shortOperator(op), ...rest]),
    ALIGNMENTS,
  );
}

function cellWidth(row: readonly string[], column: number): number {
  const width = lengthOf(row[column] ?? '');
  return column === OP ? Math.min(width, LONGEST_OP) : width;
}

/** PyTorch's names end in the operator, which stands beside them: that part is left out first. */
function shortName(name: string, op: string, width: number): string {
  if (lengthOf(name) <= width) return name;
  return elide(op !== '' && name.endsWith(`/${op}`) ? `${name.slice(0, -op.length)}…` : name, width);
}

function shortOperator(op: string): string {
  if (lengthOf(op) <= LONGEST_OP) return op;
  // Of operators of other domains, the end tells more.
  return op.includes('.') ? `…${op.slice(1 - LONGEST_OP)}` : `${op.slice(0, LONGEST_OP - 1)}…`;
}

function nodeRow(node: NodeReport): readonly string[] {
  return [
    printable(node.name),
    printable(node.op),
    node.outputShape === null ? '-' : formatShape(node.outputShape),
    ...(node.isKnown ? costCells(node) : ['?', '?', ...costCells(node).slice(2)]),
    node.share === 0 ? '-' : formatShare(node.share),
  ];
}

function shapeArithmeticRow(nodes: readonly NodeReport[]): readonly string[] {
  const sum = (cost: 'weightBytes' | 'activationBytes') => nodes.reduce((total, node) => total + node[cost], 0);
  const costs = {
    macs: 0,
    flops: 0,
    params: 0,
    weightBytes: sum('weightBytes'),
    activationBytes: sum('activationBytes'),
  };
  return [`${nodes.length} shape nodes`, '', '', ...costCells(costs), '-'];
}

type CostCells = Pick<NodeReport, 'macs' | 'flops' | 'params' | 'weightBytes' | 'activationBytes'>;

function costCells(costs: CostCells): readonly string[] {
  const orDash = (amount: number, format: (amount: number) => string) => (amount === 0 ? '-' : format(amount));
  return [
    orDash(costs.macs, formatCount),
    orDash(costs.flops, formatCount),
    orDash(costs.params, formatCount),
    orDash(costs.weightBytes, formatBytes),
    orDash(costs.activationBytes, formatBytes),
  ];
}

function measuredLine(nodes: readonly NodeReport[]): readonly string[] {
  const measured = nodes.filter(({ isMeasured, isShapeArithmetic }) => isMeasured && !isShapeArithmetic);
  if (measured.length === 0) return [];
  const first = printable(measured[0]!.name);
  return [
    `nodes whose output shapes the data decides: ${measured.length}, from ${first} on (counted as they came out for random inputs)`,
  ];
}

function unknownTable(nodes: readonly UnknownNode[]): readonly string[] {
  if (nodes.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { reason } of nodes) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const rows = [...counts].map(([reason, count]) => ['', String(count), printable(reason)]);
  return [
    `nodes that are not known (their MACs are not counted, their channels are pinned): ${nodes.length}`,
    ...alignColumns(rows, ['left', 'right', 'left']),
  ];
}

function prunableTable(groups: readonly GroupReport[], columns: number): readonly string[] {
  if (groups.length === 0) return ['channels that can be cut: none'];
  const rows = groups.flatMap(({ name, width, members }) =>
    wrapped((members.length === 0 ? [name] : members).map(printable), columns - '  width  '.length).map((line, i) => [
      '',
      i === 0 ? String(width) : '',
      line,
    ]),
  );
  return [
    `channels that can be cut: ${channels(groups)}`,
    ...alignColumns([['', 'width', 'nodes that give them'], ...rows], ['left', 'right', 'left']),
  ];
}

function pinnedTable(groups: readonly GroupReport[]): readonly string[] {
  if (groups.length === 0) return [];
  const rows = groups.map(({ name, width, pinned }) => [
    '',
    String(width),
    elide(printable(name), LONGEST_GROUP_NAME),
    printable(pinned ?? ''),
  ]);
  return [
    `channels that are pinned: ${channels(groups)}`,
    ...alignColumns([['', 'width', 'first node', 'why'], ...rows], ['left', 'right', 'left', 'left']),
  ];
}

function channels(groups: readonly GroupReport[]): string {
  const sum = groups.reduce((total, { width }) => total + width, 0);
  return `${sum} in ${groups.length} ${groups.length === 1 ? 'group' : 'groups'}`;
}

/** Items with commas between them, on lines of at most `width` characters unless one item is longer. */
function wrapped(items: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  items.forEach((item, i) => {
    const piece = i < items.length - 1 ? `${item},` : item;
    if (line !== '' && lengthOf(line) + 1 + lengthOf(piece) > width) {
      lines.push(line);
      line = piece;
    } else line = line === '' ? piece : `${line} ${piece}`;
  });
  return [...lines, line];
}
