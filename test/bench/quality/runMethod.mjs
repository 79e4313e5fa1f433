/** @file One run of one method, and what is known of the network that it leaves. */
import { readFileSync } from 'node:fs';
import { report } from '../../../dist/index.js';
import { evaluate } from '../../../dist/pipeline/evaluate.js';
import { loadModel } from '../../../dist/pipeline/loadModel.js';
import { createRng } from '../../../dist/random/rng.js';
import { measureLatency } from '../../../dist/runtime/measureLatency.js';
import { withDataSet } from '../../../dist/train/data/index.js';
import { METHODS, resultIn } from './methods.mjs';
import { dataOptionsOf } from './seedNets.mjs';

/**
 * Runs a method to its end.
 *
 * @param run model, method, budget, seed, …; where the network and its data are; a folder for what lies between
 * @param note takes a line for each epoch
 */
export async function runMethod(run, note) {
  const start = performance.now();
  const onProgress = ({ phase, epoch, epochs, loss, msPerStep, isEpochEnd }) => {
    if (isEpochEnd) note(`${phase} ${epoch}/${epochs}, loss ${loss.toFixed(3)}, ${msPerStep.toFixed(1)} ms a step`);
  };
  const { output, training } = await METHODS[run.method]({
    ...run,
    onProgress,
  });
  const minutes = (performance.now() - start) / 60_000;
  const out = resultIn(run.folder);
  const [seed, result] = [await report(run.path), await report(out)];
  const flopsShare = rounded(output.flops / seed.totals.flops, 4);
  note(`accuracy ${output.accuracy}, ${(100 * flopsShare).toFixed(1)} % of the FLOPs, ${minutes.toFixed(1)} min`);
  return {
    accuracy: output.accuracy,
    seedAccuracy: await accuracyOf(run),
    flopsShare,
    ...{ params: output.params, seedParams: seed.totals.params },
    ...(await latenciesOf(run.path, out)),
    ...{
      minutes: rounded(minutes, 2),
      msPerStep: rounded(training.msPerStep, 1),
    },
    widths: widthsOf(seed, result),
  };
}

async function accuracyOf({ path, data, scale }) {
  const { bound } = await loadModel(path);
  const { accuracies } = await withDataSet(data, dataOptionsOf({ scale }), (opened) =>
    evaluate([bound, bound], { kind: 'cross-entropy' }, opened, createRng(0), {}),
  );
  return accuracies[0];
}

/** What the seed and a result take, in turn, for one sample, on one thread, which is the steadiest. */
export async function latenciesOf(seed, result) {
  const { bound } = await loadModel(seed);
  const shapes = new Map(bound.graph.inputs.map((input) => [input.name, bound.typeOf(input).dims]));
  const models = [seed, result].map((path) => readFileSync(path));
  const [seedLatencyMs, latencyMs] = await measureLatency(models, bound.graph, shapes, createRng(0), { threads: 1 });
  return { latencyMs: rounded(latencyMs, 4), seedLatencyMs: rounded(seedLatencyMs, 4) };
}

/** Groups that can be cut: their first node, and their widths before and after; 0 where a group is gone. */
function widthsOf(seed, result) {
  const isOf = (members) => (group) => group.members.some((name) => members.includes(name));
  return seed.groups
    .filter(({ prunable }) => prunable)
    .map(({ name, width, members }) => [name, width, result.groups.find(isOf(members))?.width ?? 0]);
}

function rounded(number, digits) {
  return Number(number.toFixed(digits));
}
