import type { OpDef } from '../ops/opDef.js';
import type { Registry } from '../ops/registry.js';

/** The operators of a registry as a Markdown table, one row per record: opsets, what is counted, what is trained. */
export function operatorTable(registry: Registry): string {
  const rows = registry.ops.map(
    (op) => `| ${nameOf(op)} | ${opsetsOf(op)} | ${op.macs === undefined ? '' : 'yes'} | ${inputsOf(op)} |`,
  );
  return ['| operator | opsets | MACs | trained inputs |', '|---|---|---|---|', ...rows].join('\n');
}

function nameOf({ domain, type }: OpDef): string {
  return domain === '' ? type : `${domain}.${type}`;
}

function opsetsOf({ since, until }: OpDef): string {
  return until === undefined ? `${since}+` : `${since}–${until}`;
}

function inputsOf({ inputs }: OpDef): string {
  return [...new Set(inputs)]
    .filter((role) => role !== 'data' && role !== 'setting' && role !== 'statistic')
    .join(', ');
}
