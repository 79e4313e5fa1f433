/** @file Whether there is a way to the targets, found out before any work is done. */
import { type ChannelAnalysis, isPrunable } from '../channels/channelAnalysis.js';
import { targetErrors } from '../errors/targetErrors.js';
import { DataType } from '../onnx/dataType.js';
import { planCut } from '../rewrite/plan/planCut.js';
import type { WidthRules } from '../rewrite/plan/widthRules.js';
import type { Stage } from './stage.js';
import type { LimitedTarget } from './targets.js';

/** @throws TARGET_NOTHING_PRUNABLE where no group can change */
export function checkPrunable({ analysis }: Stage): void {
  if (analysis.groups.some(isPrunable)) return;
  throw targetErrors.nothingPrunable(analysis.model.label, whatHolds(analysis));
}

/** What the user asked to keep, or else the reason that holds the largest weight. */
function whatHolds({ model, groups, kept }: ChannelAnalysis): string {
  const asked = new Set(kept.values());
  let reason: string | undefined;
  let largest = 0;
  for (const { pinned, axes } of groups) {
    for (const { axis, isConstant } of axes) {
      const { dataType, dims } = model.typeOf(axis.value);
      // Shapes are stored as well.
      if (pinned === undefined || !isConstant || dataType === DataType.INT64) continue;
      if (asked.has(pinned)) return pinned;
      const elements = dims.reduce((product, dim) => product * dim, 1);
      if (elements <= largest) continue;
      [reason, largest] = [pinned, elements];
    }
  }
  return reason ?? 'it has no weights that are stored';
}

/**
 * Finds out before the training whether the cut can reach the limits; of those that are held by timing, only timing
 * tells.
 *
 * @throws TARGET_UNREACHABLE
 */
export function checkReachable(targets: readonly LimitedTarget[], rules: WidthRules): void {
  const predicted = targets.filter(({ timed }) => timed === undefined);
  const [first] = predicted;
  if (first === undefined) return;
  planCut(predicted, { ...rules, importance: new Float64Array(first.cost.units.analysis.unitCount) });
}
