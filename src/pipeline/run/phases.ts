import type { Engine } from '../../engine/engine.js';
import type { ModelProto } from '../../onnx/messages.js';
import type { Rng } from '../../random/rng.js';
import type { PenaltyResult } from '../../report/results.js';
import { applyPlan } from '../../rewrite/applyPlan.js';
import type { Lineage } from '../../rewrite/plan/lineage.js';
import type { Plan } from '../../rewrite/plan/plan.js';
import { proveCut } from '../../rewrite/proof/prove.js';
import type { Verification } from '../../rewrite/proof/verifyRewrite.js';
import { type PenaltyLayout, penaltyLayout } from '../../sparsity/penaltyLayout.js';
import type { FinishedPhase, RunningPhase } from '../../train/checkpoint/checkpoint.js';
import type { DataSet } from '../../train/data/index.js';
import { freshWeights } from '../../train/freshWeights.js';
import type { Loss } from '../../train/loss/objective.js';
import { penaltyOn } from '../../train/penaltyOn.js';
import { runEpochs } from '../../train/runEpochs.js';
import { constantSchedule, cosineSchedule } from '../../train/schedule.js';
import { shrink } from '../../train/shrink.js';
import { withWeights } from '../../train/trainableModel.js';
import { Trainer } from '../../train/trainer.js';
import { cutInTime, type TimedPlan } from '../cutInTime.js';
import { groupWidths } from '../groupWidths.js';
import type { LatencyTimer } from '../latencyTimer.js';
import type { LossKind } from '../lossKind.js';
import { type Settings, widthRules } from '../options.js';
import { penaltySummary } from '../penaltySummary.js';
import { restage, type Stage } from '../stage.js';
import { bindingOf, type LimitedTarget, retarget, targetResults } from '../targets.js';
import type { Checkpoints } from './checkpoints.js';
import type { Diary } from './diary.js';
import { shrinkNumbers, stepNumbers, widthNumbers } from './loggedNumbers.js';
import { penaltyOptions } from './penaltyOptions.js';
import { ProgressClock } from './progressClock.js';

/** What the phases of one run share. */
export interface Run {
  readonly settings: Settings;
  readonly engine: Engine;
  /** What is trained on: changed where asked, with what the original gives where the loss compares with it. */
  readonly data: DataSet;
  readonly loss: Loss;
  readonly original: Stage;
  /** Times cuts, where a target is held by that. */
  readonly timer: LatencyTimer | null;
  readonly diary: Diary;
  readonly checkpoints: Checkpoints;
  /** What is evaluated on: the data as they are. */
  readonly samples: DataSet;
  readonly lossKind: LossKind;
  /** Lets go of what the loss holds. */
  release(): Promise<void>;
}

/** What the phases of one cycle share. */
export interface Cycle extends Run {
  /** From 1. */
  readonly number: number;
  readonly rng: Rng;
  /** The targets of its cut, on the original. */
  readonly targets: readonly LimitedTarget[];
  /** How the network that it begins with comes of the original. */
  readonly lineage: Lineage;
  /** Place of its first phase among those of a checkpoint. */
  readonly firstPhase: number;
}

/** A network that was trained under the penalty. */
export interface ShrunkStage extends Stage {
  /** What each unit of the network is worth; infinite for those that are not penalised. */
  readonly importance: Float64Array;
  readonly penalty: readonly PenaltyResult[];
  readonly lambda: number;
  readonly msPerStep: number;
}

/** Trains the whole network under the penalty. @returns it with its new weights, and what each unit is worth */
export async function shrinkPhase(run: Cycle, before: Stage): Promise<ShrunkStage> {
  const { settings, data, checkpoints } = run;
  const layout = penaltyLayout(before.analysis, settings.penalty);
  const penalty = penaltySummary(layout, before.analysis.groupOf, settings.penalty);
  const over = checkpoints.over(run.firstPhase);
  if (over !== undefined) {
    const { model, shrunk } = await checkpoints.taking(() => takeShrunk(before, layout, over));
    const importance = importanceOf(before, layout, shrunk.prices);
    const stage = await restage(before, model);
    return { ...stage, importance, penalty, lambda: shrunk.lambda, msPerStep: over.msPerStep };
  }
  const within = checkpoints.within(run.firstPhase);
  const trainer = new Trainer(run.engine, before.bound, trainerOptions(run));
  const payment = penaltyOn(trainer, layout, penaltyOptions(settings));
  const clock = new ProgressClock({
    ...placeOf(run),
    phase: 'shrink',
    epochs: settings.shrinkEpochs,
    epochsAfter: settings.epochs + epochsOfLaterCycles(run),
  });
  try {
    const from = await checkpoints.taking(() => takeUp(trainer, within, layout));
    const shrunk = await shrink(trainer, data, retarget(run.targets, before.analysis), layout, payment, {
      phase: 'shrink',
      epochs: settings.shrinkEpochs,
      batchSize: settings.batchSize,
      learningRate: settings.learningRate,
      schedule: constantSchedule(settings.learningRate),
      rng: run.rng.fork('shrink'),
      lambda: settings.lambda,
      mayDie: settings.minChannels === 0,
      threshold: penaltyOptions(settings).threshold,
      from: from?.loop,
      fromState: from?.shrink,
      signal: settings.signal,
      onProgress: async (progress) => {
        const report = clock.report(progress, progress);
        settings.onProgress?.(report);
        await run.diary.step(report, () => shrinkNumbers(progress, before.analysis, layout));
        await checkpoints.between(run.diary.steps, async () => ({
          trainer: await trainer.state(),
          loop: progress.loop,
          shrink: progress.state,
        }));
      },
    });
    const { msPerStep } = clock;
    await checkpoints.end(run.diary.steps, async () => ({ weights: await trainer.model.weights(), msPerStep, shrunk }));
    const stage = await restage(before, await trainer.model.toModel());
    const importance = importanceOf(before, layout, shrunk.prices);
    return { ...stage, importance, penalty, lambda: shrunk.lambda, msPerStep };
  } finally {
    payment.dispose();
    trainer.dispose();
  }
}

/** What a phase under the penalty left. @throws Error where it is of another network */
function takeShrunk({ bound }: Stage, { units }: PenaltyLayout, { weights, shrunk }: FinishedPhase) {
  if (shrunk?.prices.length !== units.length) throw new Error('it has other channels');
  return { model: withWeights(bound, weights), shrunk };
}

/** Gives a trainer the state of a phase. @throws Error where it is of another network */
function takeUp(trainer: Trainer, within: RunningPhase | undefined, layout?: PenaltyLayout): RunningPhase | undefined {
  if (within === undefined) return undefined;
  const { alive, mayGo, norms, reaches = norms } = within.shrink ?? {};
  if ([alive, mayGo, norms, reaches].some((numbers) => numbers?.length !== layout?.units.length)) {
    throw new Error('it has other channels');
  }
  trainer.restore(within.trainer);
  return within;
}

/** By unit of the analysis; infinite for those that are not penalised. */
function importanceOf({ analysis }: Stage, { units }: PenaltyLayout, prices: Float64Array): Float64Array {
  const importance = new Float64Array(analysis.unitCount).fill(Number.POSITIVE_INFINITY);
  units.forEach((unit, u) => {
    importance[unit] = prices[u]!;
  });
  return importance;
}

/** Cuts the network to the targets, and proves it. */
export async function cutPhase(run: Cycle, shrunk: Stage & { readonly importance: Float64Array }): Promise<ProvenCut> {
  const { analysis, importance } = shrunk;
  const targets = retarget(run.targets, analysis);
  const time = async (form: ModelProto) => run.timer?.time(form) ?? Number.NaN;
  const { wholeWidth } = run.lineage;
  const options = { ...widthRules(run.settings), wholeWidth, importance };
  return proven(run, shrunk, await cutInTime(analysis, targets, options, time));
}

/** A network that was cut, with the plan for the one before, and what it takes where it was timed. */
export type ProvenCut = Stage & Pick<TimedPlan, 'plan' | 'latencyMs'> & { readonly proof: Verification };

/** Cuts the network by a plan, and proves it. */
export async function cutTo(run: Cycle, stage: Stage, plan: Plan): Promise<ProvenCut> {
  return proven(run, stage, { plan, model: await applyPlan(stage.analysis, plan), latencyMs: null });
}

async function proven(
  run: Cycle,
  stage: Stage,
  { plan, model, latencyMs }: Omit<TimedPlan, 'targets'>,
): Promise<ProvenCut> {
  const proof = await proveCut(stage.analysis, plan, model, run.rng.fork('proof of the cut'));
  return { ...(await restage(stage, model)), plan, proof, latencyMs };
}

/** The same network with fresh weights. @throws TRAIN_NO_FRESH_START */
export function freshStage(stage: Stage, rng: Rng): Promise<Stage> {
  return restage(stage, withWeights(stage.bound, freshWeights(stage.bound, rng.fork('fresh weights'))));
}

/** Trains without the penalty. @param phasesBefore those of the cycle that train before it */
export async function fineTunePhase(
  run: Cycle,
  stage: Stage,
  phasesBefore: number,
): Promise<Stage & { readonly msPerStep: number }> {
  const { settings, data, checkpoints } = run;
  const place = run.firstPhase + phasesBefore;
  const over = checkpoints.over(place);
  if (over !== undefined) {
    const model = await checkpoints.taking(() => withWeights(stage.bound, over.weights));
    return { ...(await restage(stage, model)), msPerStep: over.msPerStep };
  }
  const within = checkpoints.within(place);
  const trainer = new Trainer(run.engine, stage.bound, trainerOptions(run));
  const reached = targetResults(run.targets, stage.analysis);
  const { resource, limit, achieved: aliveCost } = bindingOf(reached);
  const widths = widthNumbers(reached, groupWidths(run.original.analysis, stage.analysis));
  const phase = { phase: 'fine-tune', epochs: settings.epochs } as const;
  const clock = new ProgressClock({ ...placeOf(run), ...phase, epochsAfter: epochsOfLaterCycles(run) });
  try {
    const from = await checkpoints.taking(() => takeUp(trainer, within));
    await runEpochs(trainer.prepare(), data, {
      ...phase,
      from: from?.loop,
      batchSize: settings.batchSize,
      schedule: cosineSchedule(settings.learningRate),
      rng: run.rng.fork('fine-tune'),
      signal: settings.signal,
      onStep: async (step) => {
        const report = clock.report(step, { lambda: 0, penalty: 0, aliveCost, limit, resource });
        settings.onProgress?.(report);
        await run.diary.step(report, () => ({ ...stepNumbers(step), ...(step.isEpochEnd ? widths : {}) }));
        await checkpoints.between(run.diary.steps, async () => ({ trainer: await trainer.state(), loop: step.loop }));
      },
    });
    const { msPerStep } = clock;
    await checkpoints.end(run.diary.steps, async () => ({ weights: await trainer.model.weights(), msPerStep }));
    return { ...(await restage(stage, await trainer.model.toModel())), msPerStep };
  } finally {
    trainer.dispose();
  }
}

function placeOf({ number, settings }: Cycle) {
  return { cycle: number, cycles: settings.cycles };
}

function epochsOfLaterCycles({ number, settings: { cycles, shrinkEpochs, epochs } }: Cycle): number {
  return (cycles - number) * (shrinkEpochs + epochs);
}

function trainerOptions({ settings, loss }: Run) {
  const { optimizer, momentum, weightDecay, clipNorm = loss.clipNorm, seed } = settings;
  return { kind: optimizer, momentum, weightDecay, clipNorm, loss, seed };
}
