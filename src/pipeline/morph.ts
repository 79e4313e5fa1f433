import { loadEngine } from '../engine/engine.js';
import { targetErrors } from '../errors/targetErrors.js';
import { encodedLength } from '../onnx/encodeModel.js';
import { writeModelFile } from '../onnx/writeModelFile.js';
import { createRng } from '../random/rng.js';
import type { MorphResult } from '../report/results.js';
import { structureOf } from '../rewrite/plan/structurePlan.js';
import { augmentData } from '../train/data/index.js';
import { freshWeights } from '../train/freshWeights.js';
import { checkPrunable } from './checkTargets.js';
import { chosenProviders } from './chosenProviders.js';
import { cutTargets } from './cutTargets.js';
import { loadDevice } from './device/loadDevice.js';
import { groupWidths } from './groupWidths.js';
import { LatencyTimer, timingOptions } from './latencyTimer.js';
import { loadForTraining } from './loadModel.js';
import { loadStructure } from './loadStructure.js';
import { MORPH_DEFAULTS, type MorphOptions, type Settings } from './options.js';
import { checkOutputPath, writeText } from './outputPath.js';
import { Checkpoints } from './run/checkpoints.js';
import { Diary } from './run/diary.js';
import { cutPhase, cutTo, fineTunePhase, freshStage, type Run, shrinkPhase } from './run/phases.js';
import { runIdentity } from './run/runIdentity.js';
import { summarize } from './summarize.js';
import { bindingOf, findTargets, targetResults } from './targets.js';
import { widenTo } from './widenTo.js';
import { withTrainingData } from './withTrainingData.js';

/**
 * Shrinks a trained model to a budget: fine-tunes it while every channel pays for what it costs, cuts the channels
 * that are not worth it, widens what is left where asked, fine-tunes again, and writes the file. Each rewrite is
 * proven in ONNX Runtime before it is used.
 *
 * @example
 * const result = await morph('model.onnx', {
 *   data: 'digits.npz',
 *   target: { resource: 'flops', share: 0.5 },
 *   out: 'small.onnx',
 * });
 *
 * @throws MorphError, or the signal's reason when it is aborted; nothing is written then
 * @see Gordon et al., MorphNet, CVPR 2018, arXiv 1711.06798
 */
export async function morph(path: string, options: MorphOptions): Promise<MorphResult> {
  const start = performance.now();
  const settings: Settings = { ...MORPH_DEFAULTS, ...options };
  if (options.target === undefined && options.structure === undefined) throw targetErrors.none('--target');
  const { target, widen, signal, threads } = settings;
  const providers = await chosenProviders(settings);
  const device = await loadDevice(settings.device);
  const original = await loadForTraining(path, settings);
  await checkOutputPath(path, settings.out);
  checkPrunable(original);
  const rng = createRng(settings.seed);
  const timing = await timingOptions(settings, device);
  const { structure: file } = settings;
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
  const result = await withTrainingData(original.bound, settings, async (data) => {
    const engine = await loadEngine(settings.engine, { threads, providers });
    const { model: started } = original.bound.graph;
    const parts = { settings, model: started, data, engine: engine.name, device, structure: structure?.[1] };
    const checkpoints = await Checkpoints.open(settings, () => runIdentity(parts));
    const diary = await Diary.open(settings.logDir, targets, original.analysis, checkpoints.step);
    const seen = settings.augment === undefined ? data : augmentData(data, settings.augment);
    const run: Run = { settings, engine, data: seen, original, rng, targets, timer, diary, checkpoints };
    try {
      const shrunk = given === undefined ? await shrinkPhase(run, original) : undefined;
      const cut = await (shrunk === undefined ? cutTo(run, original, given!) : cutPhase(run, shrunk));
      const widened =
        wider === undefined
          ? undefined
          : await widenTo(cut, wider, run.rng.fork('widen'), { round: settings.round, timer });
      const begun = settings.retrain === 'scratch' ? await freshStage(widened ?? cut, rng) : (widened ?? cut);
      const tuned = await fineTunePhase(run, begun, shrunk === undefined ? 0 : 1);

      const model = tuned.bound.graph.model;
      const fileBytes = [original.fileBytes, encodedLength(model)] as const;
      const measured = {
        paths: [path, settings.out],
        fileBytes,
        data,
        timing,
        device,
        signal,
        timingMs: 3000,
      } as const;
      const [input, output] = await summarize(original, tuned, run.rng.fork('latency'), measured);
      const proofs = widened === undefined ? [cut.proof] : [cut.proof, widened.proof];
      const reached = targetResults(targets, cut.analysis, cut.latencyMs);
      signal?.throwIfAborted();
      await diary.models(input, output);
      if (settings.structureOut !== undefined) {
        const found = structureOf(original.analysis, cut.plan);
        await writeText(settings.structureOut, `${JSON.stringify(found, null, 2)}\n`);
      }
      await writeModelFile(settings.out, model, signal === undefined ? {} : { signal });
      await checkpoints.clear();
      return {
        input,
        output,
        targets: reached,
        target: bindingOf(reached),
        ...(wider === undefined ? {} : { widen: bindingOf(targetResults(wider, tuned.analysis, widened?.latencyMs)) }),
        verification: {
          maxRelativeDifference: Math.max(...proofs.map((proof) => proof.maxRelativeDifference)),
          batchSizes: cut.proof.batchSizes,
        },
        groups: groupWidths(original.analysis, tuned.analysis),
        training: {
          engine: engine.name,
          providers: providers ?? ['cpu'],
          epochs: (shrunk === undefined ? 0 : settings.shrinkEpochs) + settings.epochs,
          msPerStep: settings.epochs > 0 ? tuned.msPerStep : (shrunk?.msPerStep ?? 0),
          lambda: shrunk?.lambda ?? 0,
          penalty: shrunk?.penalty ?? [],
        },
      };
    } finally {
      await diary.close();
    }
  });
  return { ...result, seconds: (performance.now() - start) / 1000 };
}
