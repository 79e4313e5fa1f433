import { encodedLength } from '../onnx/encodeModel.js';
import { writeModelFile } from '../onnx/writeModelFile.js';
import { createRng } from '../random/rng.js';
import type { WidenResult } from '../report/results.js';
import { checkPrunable } from './checkTargets.js';
import { loadDevice } from './device/loadDevice.js';
import { groupWidths } from './groupWidths.js';
import { LatencyTimer, timingOptions } from './latencyTimer.js';
import { loadWithWeights } from './loadModel.js';
import type { WidenOptions } from './options.js';
import { checkOutputPath } from './outputPath.js';
import { isTimed, summarize, TIMING_MS } from './summarize.js';
import { bindingOf, findTargets, targetResults } from './targets.js';
import { widenTo } from './widenTo.js';

/**
 * Widens all layers of a model by one multiplier to a budget, without data: every new channel is a copy that shares
 * its consumers' weights with the original, so the outputs stay the same, or has fresh weights where asked. A start for
 * further training.
 *
 * @example
 * await widen('small.onnx', { to: { resource: 'flops', amount: 1.5e6 }, out: 'wide.onnx' });
 *
 * @throws MorphError, or the signal's reason when it is aborted; nothing is written then
 */
export async function widen(path: string, options: WidenOptions): Promise<WidenResult> {
  const start = performance.now();
  const { out, to, signal, round, widenInit: init, seed = 0 } = options;
  const device = await loadDevice(options.device);
  const timing = await timingOptions(options, device);
  const original = await loadWithWeights(path, options);
  await checkOutputPath(path, out);
  checkPrunable(original);
  const rng = createRng(seed);
  const timer =
    options.latency === false
      ? null
      : await LatencyTimer.create(original.bound, to, device, rng.fork('timing'), timing);
  const targets = findTargets(original.analysis, to, '--to', true, device, timer?.wholeMs);
  const widened = await widenTo(original, targets, rng, { round, init, timer });
  const model = widened.bound.graph.model;
  const fileBytes = [original.fileBytes, encodedLength(model)] as const;
  const [input, output] = await summarize(original, widened, rng.fork('latency'), {
    paths: [path, out],
    fileBytes,
    timing,
    device,
    signal,
    timingMs: isTimed(original, options.latency) ? TIMING_MS : 0,
  });
  signal?.throwIfAborted();
  await writeModelFile(out, model, signal === undefined ? {} : { signal });
  const reached = targetResults(targets, widened.analysis, widened.latencyMs);
  return {
    input,
    output,
    targets: reached,
    target: bindingOf(reached),
    verification: widened.proof,
    groups: groupWidths(original.analysis, widened.analysis),
    seconds: (performance.now() - start) / 1000,
  };
}
