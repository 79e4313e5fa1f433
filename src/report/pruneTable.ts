import { morphTable } from './morphTable.js';
import { printable } from './printable.js';
import type { PruneResult } from './results.js';

/** What `prune` did: as for `morph`, and what became of the means of the removed channels. */
export function pruneTable(result: PruneResult): string {
  const { calibration } = result;
  if (calibration === undefined) return morphTable(result);
  const { samples, folded, skipped, reestimated } = calibration;
  const lines = [
    `calibrated on ${samples} samples; the means of what was cut went into the biases of ${folded.length} nodes`,
    ...skipped.map(({ node, reason }) => `  not into ${printable(node)}: ${reason}`),
    ...(reestimated.length === 0 ? [] : [`BatchNorms whose statistics were taken anew: ${reestimated.length}`]),
  ];
  return `${morphTable(result)}\n${lines.join('\n')}\n`;
}
