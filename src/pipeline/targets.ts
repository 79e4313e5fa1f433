/** @file Budgets as targets of a model: cost functions with what they may come to. */
import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Cost, Target } from '../cost/cost.js';
import { CostModel } from '../cost/costModel.js';
import type { Device } from '../cost/devices/device.js';
import { LatencyCost } from '../cost/latencyCost.js';
import { PeakCost } from '../cost/peakCost.js';
import { RESOURCE_NAMES, type TargetResource } from '../cost/resource.js';
import { UnitWidths } from '../cost/unitWidths.js';
import { targetErrors } from '../errors/targetErrors.js';
import type { TargetResult } from '../report/results.js';
import { budgetLimit } from './budgetLimit.js';
import type { Budgets } from './options.js';

/** A limit of latency that is held by timing. */
export interface TimedLimit {
  /** What a run may take here. */
  readonly limitMs: number;
  /** What the whole model takes here, and what it should by the prediction. */
  readonly wholeMs: number;
  readonly predictedWholeMs: number;
}

/** A target of a run; where it is timed, `limit` is what a run should take by the prediction to take what it may. */
export interface LimitedTarget extends Target {
  readonly timed?: TimedLimit;
}

/** A resource of a model as a function of its widths. @throws TARGET_NO_DEVICE for latency without a device */
export function costOf(
  analysis: ChannelAnalysis,
  resource: TargetResource,
  device?: Device,
  units = new UnitWidths(analysis),
): Cost {
  switch (resource) {
    case 'peakActivationBytes':
      return new PeakCost(analysis, units);
    case 'latencyMs':
      if (device === undefined) throw targetErrors.noDevice();
      return new LatencyCost(analysis, device, units);
    default:
      return new CostModel(analysis, resource, units);
  }
}

/** What a network costs as it stands. */
export function totalCost(analysis: ChannelAnalysis, resource: TargetResource, device?: Device): number {
  return costOf(analysis, resource, device).total(new Uint8Array(analysis.unitCount).fill(1));
}

/**
 * The targets that budgets give.
 *
 * @param option names the option, for errors
 * @param canGrow whether more than the whole model may be asked for
 * @param wholeMs what the whole model takes on the device, where it was timed: shares of latency are shares of this
 * @throws TARGET_OUT_OF_RANGE, TARGET_TWICE, TARGET_NONE, TARGET_NO_DEVICE
 */
export function findTargets(
  analysis: ChannelAnalysis,
  budgets: Budgets,
  option: string,
  canGrow: boolean,
  device?: Device,
  wholeMs: number | null = null,
): readonly LimitedTarget[] {
  const list = 'resource' in budgets ? [budgets] : budgets;
  const units = new UnitWidths(analysis);
  const seen = new Set<TargetResource>();
  if (list.length === 0) throw targetErrors.none(option);
  return list.map((budget) => {
    const { resource } = budget;
    if (seen.has(resource)) throw targetErrors.twice(option, RESOURCE_NAMES[resource]);
    seen.add(resource);
    const cost = costOf(analysis, resource, device, units);
    const whole = cost.total(new Uint8Array(analysis.unitCount).fill(1));
    if (resource !== 'latencyMs' || wholeMs === null)
      return { cost, limit: budgetLimit(budget, whole, option, canGrow) };
    const limitMs = budgetLimit(budget, wholeMs, option, canGrow);
    return { cost, limit: (limitMs * whole) / wholeMs, timed: { limitMs, wholeMs, predictedWholeMs: whole } };
  });
}

/** The same limits on another form of the model. */
export function retarget(targets: readonly LimitedTarget[], analysis: ChannelAnalysis): readonly LimitedTarget[] {
  const units = new UnitWidths(analysis);
  return targets.map((target) => ({ ...target, cost: target.cost.on(units) }));
}

/**
 * What a network comes to, target by target.
 *
 * @param latencyMs what it takes, where it was timed
 */
export function targetResults(
  targets: readonly LimitedTarget[],
  analysis: ChannelAnalysis,
  latencyMs: number | null = null,
): readonly TargetResult[] {
  const units = new UnitWidths(analysis);
  const ones = new Uint8Array(analysis.unitCount).fill(1);
  return targets.map(({ cost, limit, timed }) => {
    const isTimed = timed !== undefined && latencyMs !== null;
    return {
      resource: cost.resource,
      limit: isTimed ? timed.limitMs : limit,
      achieved: isTimed ? latencyMs : cost.on(units).total(ones),
    };
  });
}

/** The target of which the largest share is used. */
export function bindingOf(results: readonly TargetResult[]): TargetResult {
  return results.reduce((worst, next) => (next.achieved / next.limit > worst.achieved / worst.limit ? next : worst));
}
