import type { Device } from '../../cost/devices/device.js';
import { structureErrors } from '../../errors/structureErrors.js';
import { targetErrors } from '../../errors/targetErrors.js';
import { createRng, type Rng } from '../../random/rng.js';
import type { Plan } from '../../rewrite/plan/plan.js';
import type { Structure } from '../../rewrite/plan/structure.js';
import type { LatencyOptions } from '../../runtime/measureLatency.js';
import { freshWeights } from '../../train/freshWeights.js';
import { checkPrunable } from '../checkTargets.js';
import { chosenProviders } from '../chosenProviders.js';
import { cutTargets } from '../cutTargets.js';
import { loadDevice } from '../device/loadDevice.js';
import { LatencyTimer, timingOptions } from '../latencyTimer.js';
import { type LoadedModel, loadForTraining } from '../loadModel.js';
import { loadStructure } from '../loadStructure.js';
import { findLossKind, type LossKind } from '../lossKind.js';
import { MORPH_DEFAULTS, type MorphOptions, type Settings } from '../options.js';
import { checkOutputPath } from '../outputPath.js';
import { findTargets, type LimitedTarget } from '../targets.js';

/** What `morph` knows before it opens its data. */
export interface MorphTask {
  readonly path: string;
  readonly settings: Settings;
  /** The loss that was asked for. */
  readonly loss: LossKind | undefined;
  readonly original: LoadedModel;
  readonly rng: Rng;
  readonly providers: readonly string[] | undefined;
  readonly device: Device | undefined;
  readonly timing: LatencyOptions;
  /** Times what is cut, where a target is held by that. */
  readonly timer: LatencyTimer | null;
  readonly structure: Structure | undefined;
  /** The targets of the last cut, on the original. */
  readonly targets: readonly LimitedTarget[];
  /** The cut itself, where a structure gives it. */
  readonly given: Plan | undefined;
  /** What is widened to after each cut, on the original. */
  readonly wider: readonly LimitedTarget[] | undefined;
}

/**
 * Reads the model and finds out what can be known before the training: that there is a way to the targets, that the
 * results can be written.
 *
 * @throws MorphError
 */
export async function morphTask(path: string, options: MorphOptions): Promise<MorphTask> {
  const settings: Settings = { ...MORPH_DEFAULTS, ...options };
  const { target, widen, structure: file, cycles } = settings;
  if (target === undefined && file === undefined) throw targetErrors.none('--target');
  if (file !== undefined && cycles > 1) throw structureErrors.cycles(file, cycles);
  const providers = await chosenProviders(settings);
  const device = await loadDevice(settings.device);
  const loss = await findLossKind(settings.loss);
  const original = await loadForTraining(path, settings);
  await checkOutputPath(path, settings.out);
  checkPrunable(original);
  const rng = createRng(settings.seed);
  const timing = await timingOptions(settings, device);
  const structure = file === undefined ? undefined : ([file, await loadStructure(file)] as const);
  // A run that goes on from a checkpoint must come to the same cut, whatever the machine does meanwhile.
  const timer =
    settings.checkpoint === undefined && structure === undefined
      ? await LatencyTimer.create(
          original.bound,
          [target ?? [], widen ?? []].flat(),
          device,
          rng.fork('timing of the cut'),
          timing,
        )
      : null;
  const { targets, given } = await cutTargets(original, settings, structure, device, timer, rng);
  if (settings.structureOut !== undefined) await checkOutputPath(path, settings.structureOut);
  // Found out before the training.
  if (settings.retrain === 'scratch') freshWeights(original.bound, rng);
  const wider =
    widen === undefined ? undefined : findTargets(original.analysis, widen, '--widen', true, device, timer?.wholeMs);
  return {
    ...{ path, settings, loss, original, rng, providers, device, timing, timer, targets, given, wider },
    structure: structure?.[1],
  };
}
