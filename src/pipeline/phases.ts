/** @file The phases of a morph run: each takes a model and gives the next one. */
import { type ChannelAnalysis, isPrunable } from '../channels/channelAnalysis.js';
import type { Target } from '../cost/cost.js';
import type { Engine } from '../engine/engine.js';
import { targetErrors } from '../errors/targetErrors.js';
import { DataType } from '../onnx/dataType.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import { applyPlan } from '../rewrite/applyPlan.js';
import { planCut } from '../rewrite/plan/planCut.js';
import { planWiden } from '../rewrite/plan/planWiden.js';
import type { WidthRules } from '../rewrite/plan/widthRules.js';
import { proveCut, proveWidening } from '../rewrite/proof/prove.js';
import type { Verification } from '../rewrite/proof/verifyRewrite.js';
import { penaltyLayout } from '../sparsity/penaltyLayout.js';
import type { DataSet } from '../train/data/index.js';
import { runEpochs } from '../train/runEpochs.js';
import { constantSchedule, cosineSchedule } from '../train/schedule.js';
import { shrink } from '../train/shrink.js';
import { Trainer } from '../train/trainer.js';
import type { Diary } from './diary.js';
import { groupWidths } from './groupWidths.js';
import { analyzeModel } from './loadModel.js';
import { shrinkNumbers, stepNumbers, widthNumbers } from './loggedNumbers.js';
import type { MORPH_DEFAULTS, MorphOptions } from './options.js';
import { ProgressClock } from './progressClock.js';
import { bindingOf, retarget, targetResults } from './targets.js';

export type Settings = MorphOptions & Required<Pick<MorphOptions, keyof typeof MORPH_DEFAULTS>>;

/** A model at some point of the run, understood. */
export interface Stage {
  readonly bound: BoundModel;
  readonly analysis: ChannelAnalysis;
}

/** What the phases of one run share. */
export interface Run {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly data: DataSet;
  readonly original: Stage;
  readonly rng: Rng;
  /** The targets of the cut, on the original. */
  readonly targets: readonly Target[];
  readonly diary: Diary;
}

/** Trains the whole network under the penalty. @returns it with its new weights, and what each unit is worth */
export async function shrinkPhase(
  run: Run,
  original: Stage,
): Promise<Stage & { readonly importance: Float64Array; readonly lambda: number; readonly msPerStep: number }> {
  const { settings, data } = run;
  const layout = penaltyLayout(original.analysis, settings.penalty);
  const trainer = new Trainer(run.engine, original.bound, trainerOptions(settings));
  const clock = new ProgressClock({
    phase: 'shrink',
    epochs: settings.shrinkEpochs,
    epochsAfter: settings.epochs,
  });
  try {
    const shrunk = await shrink(trainer, data, retarget(run.targets, original.analysis), layout, {
      phase: 'shrink',
      epochs: settings.shrinkEpochs,
      batchSize: settings.batchSize,
      learningRate: settings.learningRate,
      schedule: constantSchedule(settings.learningRate),
      rng: run.rng.fork('shrink'),
      lambda: settings.lambda,
      mayDie: settings.minChannels === 0,
      signal: settings.signal,
      onProgress: async (progress) => {
        const report = clock.report(progress, progress);
        settings.onProgress?.(report);
        await run.diary.step(report, () => shrinkNumbers(progress, original.analysis, layout));
      },
    });
    const importance = new Float64Array(original.analysis.unitCount).fill(Number.POSITIVE_INFINITY);
    layout.units.forEach((unit, u) => {
      importance[unit] = shrunk.prices[u]!;
    });
    const stage = await restage(original, await trainer.model.toModel());
    return { ...stage, importance, lambda: shrunk.lambda, msPerStep: clock.msPerStep };
  } finally {
    trainer.dispose();
  }
}

/** Cuts the network to the targets, and proves it. */
export async function cutPhase(
  run: Run,
  shrunk: Stage & { readonly importance: Float64Array },
): Promise<Stage & { readonly proof: Verification }> {
  const targets = retarget(run.targets, shrunk.analysis);
  const plan = planCut(targets, { ...widthRules(run.settings), importance: shrunk.importance });
  const model = await applyPlan(shrunk.analysis, plan);
  const proof = await proveCut(shrunk.analysis, plan, model, run.rng.fork('proof of the cut'));
  return { ...(await restage(shrunk, model)), proof };
}

/** Widens a network to budgets by one multiplier, with the same outputs, and proves it. */
export async function widenPhase(
  stage: Stage,
  targets: readonly Target[],
  rng: Rng,
  round = 1,
): Promise<Stage & { readonly proof: Verification }> {
  const plan = planWiden(retarget(targets, stage.analysis), rng.fork('copies'), round);
  const model = await applyPlan(stage.analysis, plan, rng.fork('shares'));
  const proof = await proveWidening(stage.analysis, plan, model, rng.fork('shares'), rng.fork('proof of the widening'));
  return { ...(await restage(stage, model)), proof };
}

/** Trains without the penalty. */
export async function fineTunePhase(run: Run, stage: Stage): Promise<Stage & { readonly msPerStep: number }> {
  const { settings, data } = run;
  const trainer = new Trainer(run.engine, stage.bound, trainerOptions(settings));
  const reached = targetResults(run.targets, stage.analysis);
  const { resource, limit, achieved: aliveCost } = bindingOf(reached);
  const widths = widthNumbers(reached, groupWidths(run.original.analysis, stage.analysis));
  const phase = { phase: 'fine-tune', epochs: settings.epochs } as const;
  const clock = new ProgressClock({ ...phase, epochsAfter: 0 });
  try {
    await runEpochs(trainer.prepare(), data, {
      ...phase,
      batchSize: settings.batchSize,
      schedule: cosineSchedule(settings.learningRate),
      rng: run.rng.fork('fine-tune'),
      signal: settings.signal,
      onStep: async (step) => {
        const report = clock.report(step, { lambda: 0, penalty: 0, aliveCost, limit, resource });
        settings.onProgress?.(report);
        await run.diary.step(report, () => ({ ...stepNumbers(step), ...(step.isEpochEnd ? widths : {}) }));
      },
    });
    return { ...(await restage(stage, await trainer.model.toModel())), msPerStep: clock.msPerStep };
  } finally {
    trainer.dispose();
  }
}

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

/** Finds out before the training whether the cut can reach the limits. @throws TARGET_UNREACHABLE */
export function checkReachable(targets: readonly Target[], rules: WidthRules): void {
  const { unitCount } = targets[0]!.cost.units.analysis;
  planCut(targets, { ...rules, importance: new Float64Array(unitCount) });
}

/** The rules among options. */
export function widthRules({ minChannels = 1, maxRatio = 1, round = 1 }: WidthRules): WidthRules {
  return { minChannels, maxRatio, round };
}

/** A model that was made from another one, understood at the same shapes, with the same channels kept. */
export function restage(before: Stage, model: ModelProto): Promise<Stage> {
  const { graph, label, inputShapes, threads, measured } = before.bound;
  const options = { inputShapes: Object.fromEntries(inputShapes), threads };
  return analyzeModel(model, graph.dir, label, options, before.analysis.kept, measured);
}

function trainerOptions({ optimizer, momentum, weightDecay, clipNorm, labelSmoothing, seed }: Settings) {
  return { kind: optimizer, momentum, weightDecay, clipNorm, labelSmoothing, seed };
}
