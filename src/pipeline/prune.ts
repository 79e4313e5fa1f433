import type { Target } from '../cost/cost.js';
import { encodedLength } from '../onnx/encodeModel.js';
import type { ModelProto } from '../onnx/messages.js';
import { writeModelFile } from '../onnx/writeModelFile.js';
import { createRng } from '../random/rng.js';
import type { CalibrationResult, PruneResult } from '../report/results.js';
import { foldMeans } from '../rewrite/foldMeans.js';
import type { Plan } from '../rewrite/plan/plan.js';
import { structureOf } from '../rewrite/plan/structurePlan.js';
import { proveCut } from '../rewrite/proof/prove.js';
import { unitImportance } from '../sparsity/importance/unitImportance.js';
import { type Calibration, calibrate } from './calibrate.js';
import { type CalibrationFeeds, withCalibrationFeeds } from './calibrationFeeds.js';
import { checkPrunable, checkReachable } from './checkTargets.js';
import { cutInTime } from './cutInTime.js';
import { loadDevice } from './device/loadDevice.js';
import { groupWidths } from './groupWidths.js';
import { LatencyTimer, timingOptions } from './latencyTimer.js';
import { loadWithWeights } from './loadModel.js';
import { PRUNE_DEFAULTS, type PruneOptions, widthRules } from './options.js';
import { checkOutputPath, writeText } from './outputPath.js';
import { changedValues, reestimate } from './reestimate.js';
import { restage } from './stage.js';
import { isTimed, summarize, TIMING_MS } from './summarize.js';
import { bindingOf, findTargets, targetResults } from './targets.js';

/**
 * Cuts a model to a budget without training: the channels that are worth least for what they cost go first, and the
 * result is proven in ONNX Runtime. With data, the spread of the activations counts as well, what the removed channels
 * give on the average is folded into the biases of those that read them, and BatchNormalizations behind them get the
 * statistics that the data have now.
 *
 * @example
 * await prune('model.onnx', { target: { resource: 'flops', share: 0.7 }, out: 'small.onnx', calibrate: 'digits.npz' });
 *
 * @throws MorphError, or the signal's reason when it is aborted; nothing is written then
 */
export async function prune(path: string, options: PruneOptions): Promise<PruneResult> {
  const start = performance.now();
  const mayDie = options.minChannels === 0;
  const settings = { ...PRUNE_DEFAULTS, ...(mayDie ? { maxRatio: 1 } : {}), ...options };
  const { out, target, signal } = settings;
  const rules = widthRules(settings);
  const rng = createRng(settings.seed);
  const device = await loadDevice(settings.device);
  const timing = await timingOptions(settings, device);
  const original = await loadWithWeights(path, settings);
  const { analysis } = original;
  await checkOutputPath(path, out);
  if (settings.structureOut !== undefined) await checkOutputPath(path, settings.structureOut);
  checkPrunable(original);
  const timer =
    settings.latency === false
      ? null
      : await LatencyTimer.create(original.bound, target, device, rng.fork('timing of the cut'), timing);
  const targets = findTargets(analysis, target, '--target', false, device, timer?.wholeMs);
  // Without data the plan comes as soon as this would.
  if (settings.calibrate !== undefined) checkReachable(targets, rules);

  const make = async (feeds?: CalibrationFeeds): Promise<Made> => {
    const calibration = feeds === undefined ? undefined : await calibrate(analysis, feeds);
    const importance = unitImportance(analysis, {
      kind: settings.importance,
      reduction: settings.reduce,
      rng: rng.fork('importance'),
      ...(calibration === undefined ? {} : { spreads: momentsOf(calibration, 'spread') }),
    });
    const cutting = { ...rules, importance, perSaving: true, scope: settings.scope };
    const { plan, model, latencyMs } = await cutInTime(analysis, targets, cutting, async (form) => {
      signal?.throwIfAborted();
      return timer?.time(form) ?? Number.NaN;
    });
    signal?.throwIfAborted();
    const made = { plan, cut: model, latencyMs };
    if (feeds === undefined || calibration === undefined) return { ...made, model };
    const means = momentsOf(calibration, 'mean');
    const folded = await foldMeans(analysis, plan, model, means, !targets.some(countsBiases));
    const changed = changedValues(analysis, plan);
    const { bound } = await restage(original, folded.model);
    const renewed = await reestimate(bound, feeds, settings.bnBatches, ({ name }) => changed.has(name));
    const { samples } = calibration;
    return {
      ...made,
      model: renewed.model,
      calibration: { samples, folded: folded.folded, skipped: folded.skipped, reestimated: renewed.nodes },
    };
  };
  const { calibrate: data } = settings;
  const { plan, cut, latencyMs, model, calibration } =
    data === undefined
      ? await make()
      : await withCalibrationFeeds(analysis.model, data, settings, rng.fork('calibration'), make);

  const judge = async () => {
    // The proof holds for the cut itself, before means are folded and statistics renewed.
    const verification = await proveCut(analysis, plan, cut, rng.fork('proof of the cut'));
    const pruned = await restage(original, model);
    const [input, output] = await summarize(original, pruned, rng.fork('latency'), {
      paths: [path, out],
      fileBytes: [original.fileBytes, encodedLength(model)],
      timing,
      device,
      signal,
      timingMs: isTimed(original, settings.latency) ? TIMING_MS : 0,
    });
    signal?.throwIfAborted();
    const reached = targetResults(targets, pruned.analysis, latencyMs);
    const groups = groupWidths(analysis, pruned.analysis);
    return { input, output, targets: reached, target: bindingOf(reached), verification, groups };
  };
  const judgement = judge();
  const writing = writeModelFile(out, model, { ready: judgement, ...(signal === undefined ? {} : { signal }) });
  const [judged] = await Promise.all([judgement, writing]);
  if (settings.structureOut !== undefined) {
    await writeText(settings.structureOut, `${JSON.stringify(structureOf(analysis, plan), null, 2)}\n`);
  }
  return {
    ...judged,
    ...(calibration === undefined ? {} : { calibration }),
    seconds: (performance.now() - start) / 1000,
  };
}

/** What `prune` makes of a model. */
interface Made {
  readonly plan: Plan;
  /** As planned, and no more than that. */
  readonly cut: ModelProto;
  /** Where it was timed. */
  readonly latencyMs: number | null;
  /** With what data say of it. */
  readonly model: ModelProto;
  readonly calibration?: CalibrationResult;
}

/** Whether a bias that was not there would cost something. */
function countsBiases({ cost }: Target): boolean {
  return cost.resource === 'params' || cost.resource === 'weightBytes';
}

function momentsOf({ moments }: Calibration, which: 'mean' | 'spread') {
  return new Map([...moments].map(([axis, moment]) => [axis, moment[which]]));
}
