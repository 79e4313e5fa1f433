import type { Device } from '../cost/devices/device.js';
import type { Rng } from '../random/rng.js';
import type { Plan } from '../rewrite/plan/plan.js';
import type { Structure } from '../rewrite/plan/structure.js';
import { unitImportance } from '../sparsity/importance/unitImportance.js';
import { checkReachable } from './checkTargets.js';
import { cutInTime } from './cutInTime.js';
import type { LatencyTimer } from './latencyTimer.js';
import { checkStructureCost, planOfStructure } from './loadStructure.js';
import { type Budgets, type Settings, widthRules } from './options.js';
import type { Stage } from './stage.js';
import { costOf, findTargets, type LimitedTarget } from './targets.js';

/** What a run cuts to. */
export interface CutTargets {
  readonly targets: readonly LimitedTarget[];
  /** The cut itself, where a structure gives it. */
  readonly given?: Plan;
}

/**
 * The targets of a run, once it is known before the training that they can be reached. Where a structure comes without
 * one, its own FLOPs are the target.
 *
 * @param structure with the path that it was read from, for messages
 * @throws TARGET_NONE, TARGET_UNREACHABLE, STRUCTURE_…
 */
export async function cutTargets(
  original: Stage,
  settings: Settings,
  structure: readonly [string, Structure] | undefined,
  device: Device | undefined,
  timer: LatencyTimer | null,
  rng: Rng,
): Promise<CutTargets> {
  const { analysis } = original;
  const { target } = settings;
  if (structure === undefined) {
    return { targets: await reachableTargets(original, settings, target ?? [], device, timer, rng) };
  }
  const [path, content] = structure;
  const given = planOfStructure(content, path, original);
  if (target === undefined) {
    const cost = costOf(analysis, 'flops');
    return { targets: [{ cost, limit: cost.total(given.copies) }], given };
  }
  const targets = findTargets(analysis, target, '--target', false, device);
  checkStructureCost(path, given, targets);
  return { targets, given };
}

/** One of latency that is held by timing is corrected as far as the network can tell already. */
async function reachableTargets(
  { analysis }: Stage,
  settings: Settings,
  budgets: Budgets,
  device: Device | undefined,
  timer: LatencyTimer | null,
  rng: Rng,
): Promise<readonly LimitedTarget[]> {
  const rules = widthRules(settings);
  const targets = findTargets(analysis, budgets, '--target', false, device, timer?.wholeMs);
  checkReachable(targets, rules);
  if (timer === null) return targets;
  const importance = unitImportance(analysis, { kind: 'lamp', reduction: 'mean', rng: rng.fork('importance') });
  const cut = await cutInTime(analysis, targets, { ...rules, importance, perSaving: true }, (model) =>
    timer.time(model),
  );
  return cut.targets;
}
