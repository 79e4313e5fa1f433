import type { CycleResult, PenaltyResult } from '../../report/results.js';
import { Lineage } from '../../rewrite/plan/lineage.js';
import type { Verification } from '../../rewrite/proof/verifyRewrite.js';
import { feedsOf } from '../calibrationFeeds.js';
import { evaluate } from '../evaluate.js';
import { reestimate } from '../reestimate.js';
import { restage, type Stage } from '../stage.js';
import { targetResults } from '../targets.js';
import { widenTo } from '../widenTo.js';
import { cycleTargets } from './cycleTargets.js';
import type { MorphTask } from './morphTask.js';
import { type Cycle, cutPhase, cutTo, fineTunePhase, freshStage, type Run, shrinkPhase } from './phases.js';

/** A network at the end of a cycle. */
export interface CycleEnd extends Stage {
  readonly lineage: Lineage;
  readonly proofs: readonly Verification[];
  readonly msPerStep: number;
  readonly penalty: readonly PenaltyResult[];
  /** The accuracy of the last cycle is that of the result, and not known yet. */
  readonly result: CycleResult;
}

/** Shrinks, widens where asked, and fine-tunes, as often as asked. @returns all ends, at least one */
export async function runCycles(run: Run, task: MorphTask): Promise<readonly CycleEnd[]> {
  const { original, settings } = task;
  const ends: CycleEnd[] = [];
  let [stage, lineage]: [Stage, Lineage] = [original, Lineage.of(original.analysis)];
  for (let number = 1; number <= settings.cycles; number++) {
    const end = await runCycle(run, task, stage, lineage, number);
    ends.push(end);
    ({ lineage } = end);
    stage = end;
  }
  return ends;
}

async function runCycle(run: Run, task: MorphTask, stage: Stage, lineage: Lineage, number: number): Promise<CycleEnd> {
  const { settings, given, wider, timer } = task;
  const { cycles } = settings;
  // Grown again, a network can be cut as far each time.
  const targets = wider === undefined ? cycleTargets(task.targets, number, cycles) : task.targets;
  const rng = number === 1 ? task.rng : task.rng.fork(`cycle ${number}`);
  const cycle: Cycle = { ...run, rng, targets, lineage, number, firstPhase: 2 * (number - 1) };

  const shrunk = given === undefined ? await shrinkPhase(cycle, stage) : undefined;
  const cut = await (shrunk === undefined ? cutTo(cycle, stage, given!) : cutPhase(cycle, shrunk));
  const widened =
    wider === undefined
      ? undefined
      : await widenTo(cut, wider, rng.fork('widen'), { round: settings.round, init: settings.widenInit, timer });
  const left = widened ?? cut;
  const begun = settings.retrain === 'scratch' ? await freshStage(left, rng) : left;
  const trained = await fineTunePhase(cycle, begun, shrunk === undefined ? 0 : 1);
  const tuned = { ...trained, ...(await withStatistics(cycle, trained)) };

  const afterCut = lineage.follow(stage.analysis, cut.plan, cut.analysis);
  const bounds = [task.original.bound, tuned.bound] as const;
  const inBetween = async () =>
    (await evaluate(bounds, run.lossKind, run.samples, rng.fork('evaluation'), settings)).accuracies[1];
  return {
    ...tuned,
    lineage: widened === undefined ? afterCut : afterCut.follow(cut.analysis, widened.plan, widened.analysis),
    proofs: widened === undefined ? [cut.proof] : [cut.proof, widened.proof],
    msPerStep: settings.epochs > 0 ? tuned.msPerStep : (shrunk?.msPerStep ?? 0),
    penalty: shrunk?.penalty ?? [],
    result: {
      targets: targetResults(targets, cut.analysis, cut.latencyMs),
      widen: wider === undefined ? [] : targetResults(wider, left.analysis, widened?.latencyMs),
      lambda: shrunk?.lambda ?? 0,
      accuracy: number < cycles ? await inBetween() : null,
    },
  };
}

/** The network whose BatchNormalizations have the statistics of as many batches as were asked for. */
async function withStatistics({ settings, samples, rng }: Cycle, stage: Stage): Promise<Stage> {
  const { bnBatches } = settings;
  if (bnBatches === 0) return stage;
  const feeds = feedsOf(stage.bound, samples, rng.fork('statistics'), settings);
  const { model } = await reestimate(stage.bound, feeds, bnBatches);
  return restage(stage, model);
}
