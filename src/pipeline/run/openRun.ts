import { loadEngine } from '../../engine/engine.js';
import { augmentData, type DataSet } from '../../train/data/index.js';
import { Checkpoints } from './checkpoints.js';
import { Diary } from './diary.js';
import type { MorphTask } from './morphTask.js';
import type { Run } from './phases.js';
import { runIdentity } from './runIdentity.js';

/** Loads the engine, finds the checkpoint to go on from, and opens the log. @throws CHECKPOINT_…, OUTPUT_… */
export async function openRun(task: MorphTask, data: DataSet): Promise<Run> {
  const { settings, original, providers, device, structure, targets, timer } = task;
  const engine = await loadEngine(settings.engine, { threads: settings.threads, providers });
  const { model } = original.bound.graph;
  const parts = { settings, model, data, engine: engine.name, device, structure };
  const checkpoints = await Checkpoints.open(settings, () => runIdentity(parts));
  const diary = await Diary.open(settings.logDir, targets, original.analysis, checkpoints.step);
  const seen = settings.augment === undefined ? data : augmentData(data, settings.augment);
  return { settings, engine, data: seen, original, timer, diary, checkpoints };
}
