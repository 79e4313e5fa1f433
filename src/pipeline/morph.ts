import { loadEngine } from '../engine/engine.js';
import { encodedLength } from '../onnx/encodeModel.js';
import { writeModelFile } from '../onnx/writeModelFile.js';
import { createRng } from '../random/rng.js';
import type { MorphResult } from '../report/results.js';
import { budgetLimit } from './budgetLimit.js';
import { chosenProviders } from './chosenProviders.js';
import { groupWidths } from './groupWidths.js';
import { loadForTraining } from './loadModel.js';
import { openTrainingData } from './openTrainingData.js';
import { MORPH_DEFAULTS, type MorphOptions } from './options.js';
import { checkOutputPath } from './outputPath.js';
import {
  checkPrunable,
  checkReachable,
  cutPhase,
  fineTunePhase,
  type Run,
  type Settings,
  shrinkPhase,
  totalCost,
  widenPhase,
  widthRules,
} from './phases.js';
import { summarize } from './summarize.js';

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
  const { target, widen, signal, threads } = settings;
  const providers = await chosenProviders(settings);
  const original = await loadForTraining(path, settings);
  await checkOutputPath(path, settings.out);
  checkPrunable(original);
  const whole = totalCost(original.analysis, target.resource);
  const limit = budgetLimit(target, whole, '--target', false);
  checkReachable(original, target.resource, limit, widthRules(settings));
  const widenLimit =
    widen === undefined ? undefined : budgetLimit(widen, totalCost(original.analysis, widen.resource), '--widen', true);
  const data = await openTrainingData(original.bound, settings);
  const engine = await loadEngine(settings.engine, { threads, providers });
  const run: Run = { settings, engine, data, rng: createRng(settings.seed), limit };

  const shrunk = await shrinkPhase(run, original);
  const cut = await cutPhase(run, shrunk);
  const widened =
    widen === undefined || widenLimit === undefined
      ? undefined
      : await widenPhase(cut, widen, widenLimit, run.rng.fork('widen'), settings.round);
  const tuned = await fineTunePhase(run, widened ?? cut);

  const model = tuned.bound.graph.model;
  const fileBytes = [original.fileBytes, encodedLength(model)] as const;
  const measured = { paths: [path, settings.out], fileBytes, data, providers, signal, timingMs: 3000 } as const;
  const [input, output] = await summarize(original, tuned, run.rng.fork('latency'), measured);
  const proofs = widened === undefined ? [cut.proof] : [cut.proof, widened.proof];
  signal?.throwIfAborted();
  await writeModelFile(settings.out, model, signal === undefined ? {} : { signal });
  return {
    input,
    output,
    target: { resource: target.resource, limit, achieved: totalCost(cut.analysis, target.resource) },
    ...(widen === undefined || widenLimit === undefined
      ? {}
      : {
          widen: { resource: widen.resource, limit: widenLimit, achieved: totalCost(tuned.analysis, widen.resource) },
        }),
    verification: {
      maxRelativeDifference: Math.max(...proofs.map((proof) => proof.maxRelativeDifference)),
      batchSizes: cut.proof.batchSizes,
    },
    groups: groupWidths(original.analysis, tuned.analysis),
    training: {
      engine: engine.name,
      providers: providers ?? ['cpu'],
      epochs: settings.shrinkEpochs + settings.epochs,
      msPerStep: settings.epochs > 0 ? tuned.msPerStep : shrunk.msPerStep,
      lambda: shrunk.lambda,
    },
    seconds: (performance.now() - start) / 1000,
  };
}
