import { encodedLength } from '../../onnx/encodeModel.js';
import { writeModelFile } from '../../onnx/writeModelFile.js';
import type { MorphResult } from '../../report/results.js';
import { structureOf } from '../../rewrite/plan/structurePlan.js';
import { evaluate } from '../evaluate.js';
import { groupWidths } from '../groupWidths.js';
import { writeText } from '../outputPath.js';
import { summarize } from '../summarize.js';
import { bindingOf } from '../targets.js';
import type { MorphTask } from './morphTask.js';
import type { Run } from './phases.js';
import type { CycleEnd } from './runCycle.js';

/** How long both models are timed: training has taken longer anyway. */
const LONG_TIMING_MS = 3000;

/** Compares what the last cycle gave with the original, writes it, and tells of the whole run. */
export async function writeMorphed(
  { path, settings, original, rng, providers, timing, device, given }: MorphTask,
  run: Run,
  ends: readonly CycleEnd[],
): Promise<Omit<MorphResult, 'seconds'>> {
  const last = ends.at(-1)!;
  const { out, signal, structureOut, shrinkEpochs, epochs } = settings;
  const { model } = last.bound.graph;
  const bounds = [original.bound, last.bound] as const;
  const { fidelity, ...measured } = await evaluate(bounds, run.lossKind, run.samples, rng.fork('evaluation'), settings);
  const [input, output] = await summarize(original, last, rng.fork('latency'), {
    paths: [path, out],
    fileBytes: [original.fileBytes, encodedLength(model)],
    ...{ ...measured, timing, device, timingMs: LONG_TIMING_MS },
  });
  signal?.throwIfAborted();
  await run.diary.models(input, output, fidelity);
  if (structureOut !== undefined) {
    await writeText(structureOut, `${JSON.stringify(structureOf(original.analysis, last.lineage.plan), null, 2)}\n`);
  }
  await writeModelFile(out, model, signal === undefined ? {} : { signal });
  await run.checkpoints.clear();
  const { targets, widen, lambda } = last.result;
  const proofs = ends.flatMap((end) => end.proofs);
  return {
    input,
    output,
    targets,
    target: bindingOf(targets),
    ...(widen.length === 0 ? {} : { widen: bindingOf(widen) }),
    verification: {
      maxRelativeDifference: Math.max(...proofs.map((proof) => proof.maxRelativeDifference)),
      batchSizes: last.proofs[0]!.batchSizes,
    },
    groups: groupWidths(original.analysis, last.analysis),
    fidelity,
    training: {
      loss: run.loss.name,
      engine: run.engine.name,
      providers: providers ?? ['cpu'],
      epochs: ends.length * ((given === undefined ? shrinkEpochs : 0) + epochs),
      msPerStep: last.msPerStep,
      lambda,
      penalty: ends[0]!.penalty,
      cycles: ends.map(({ result }) => (result === last.result ? { ...result, accuracy: output.accuracy } : result)),
    },
  };
}
