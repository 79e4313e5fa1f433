import { csvLine } from './csvLine.js';
import type { ModelReport } from './reportResult.js';

const HEADER = [
  'name',
  'op',
  'outputShape',
  'macs',
  'flops',
  'params',
  'weightBytes',
  'activationBytes',
  'share',
  'isKnown',
  'isShapeArithmetic',
  'latencyMs',
] as const;

/** One row per node, under a row of names, as RFC 4180 has it. Shapes are `1x3x224x224`. */
export function reportCsv(report: ModelReport): string {
  const rows = report.nodes.map((node) =>
    HEADER.map((column) => {
      if (column !== 'outputShape') return String(node[column] ?? '');
      return node.outputShape === null ? '' : node.outputShape.join('x');
    }),
  );
  return [HEADER, ...rows].map(csvLine).join('');
}
