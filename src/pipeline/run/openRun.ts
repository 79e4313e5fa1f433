import { loadEngine } from '../../engine/engine.js';
import type { DataSet } from '../../train/data/index.js';
import type { LossKind } from '../lossKind.js';
import { openLoss } from '../openLoss.js';
import { Checkpoints } from './checkpoints.js';
import { Diary } from './diary.js';
import type { MorphTask } from './morphTask.js';
import type { Run } from './phases.js';
import { runIdentity } from './runIdentity.js';

/** Loads the engine, finds the checkpoint to go on from, and opens the loss and the log. @throws CHECKPOINT_…, OUTPUT_… */
export async function openRun(task: MorphTask, samples: DataSet, lossKind: LossKind): Promise<Run> {
  const { settings, original, providers, device, structure, targets, timer, rng } = task;
  const engine = await loadEngine(settings.engine, { threads: settings.threads, providers });
  const { model } = original.bound.graph;
  const parts = { settings, model, data: samples, engine: engine.name, device, structure };
  const checkpoints = await Checkpoints.open(settings, () => runIdentity(parts));
  const { loss, data, release } = await openLoss(original.bound, lossKind, samples, settings, providers, rng);
  try {
    const diary = await Diary.open(settings.logDir, loss.measures, targets, original.analysis, checkpoints.step);
    return { settings, engine, data, samples, loss, lossKind, original, timer, diary, checkpoints, release };
  } catch (error) {
    await release();
    throw error;
  }
}
