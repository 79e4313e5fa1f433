import type { Device } from '../cost/devices/device.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { Rng } from '../random/rng.js';
import type { ModelSummary } from '../report/results.js';
import { foreignNodes } from '../runtime/foreignNodes.js';
import { withBatch } from '../runtime/inputShapes.js';
import { type LatencyOptions, measureLatency } from '../runtime/measureLatency.js';
import type { LoadedModel } from './loadModel.js';
import type { Stage } from './stage.js';
import { totalCost } from './targets.js';

/** How long `prune` and `widen` time the models, in milliseconds: no longer than they take for all else. */
export const TIMING_MS = 300;

/** Loading a larger model twice with all optimizations takes longer than to cut it, and four times its size in memory. */
const TIMED_BYTES = 32 * 2 ** 20;

/** Whether a model is timed. @param asked what the user wants; models of less than 32 MiB are, where that is open */
export function isTimed({ fileBytes }: Pick<LoadedModel, 'fileBytes'>, asked: boolean | undefined): boolean {
  return asked ?? fileBytes < TIMED_BYTES;
}

export interface SummaryOptions {
  readonly paths: readonly [string, string];
  readonly fileBytes: readonly [number, number];
  /** Of both, where they are known. */
  readonly accuracies?: readonly [number | null, number | null];
  readonly losses?: readonly [number | null, number | null];
  /** Where the models are timed. */
  readonly timing: LatencyOptions;
  /** Predicts the latency, where it is given. */
  readonly device?: Device | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long the timing of both models may take, in milliseconds; 0: they are not timed. */
  readonly timingMs: number;
}

/** Costs and latency of a model and of what was made from it, measured side by side. */
export async function summarize(
  original: Stage,
  result: Stage,
  rng: Rng,
  { paths, fileBytes, accuracies, losses, timing, device, timingMs }: SummaryOptions,
): Promise<readonly [ModelSummary, ModelSummary]> {
  const stages = [original, result] as const;
  const { graph, inputShapes } = original.bound;
  const isTimed = timingMs > 0 && foreignNodes(graph.model, original.bound.unrunnable).size === 0;
  const encoded = isTimed ? stages.map(({ bound }) => encodeModel(bound.graph.model)) : [];
  const shapes = withBatch(graph, inputShapes, 1);
  const latencies = isTimed ? await measureLatency(encoded, graph, shapes, rng, { ...timing, budgetMs: timingMs }) : [];
  const summary = (i: 0 | 1): ModelSummary => ({
    path: paths[i],
    flops: totalCost(stages[i].analysis, 'flops'),
    macs: totalCost(stages[i].analysis, 'macs'),
    params: totalCost(stages[i].analysis, 'params'),
    weightBytes: totalCost(stages[i].analysis, 'weightBytes'),
    activationBytes: totalCost(stages[i].analysis, 'activationBytes'),
    peakActivationBytes: totalCost(stages[i].analysis, 'peakActivationBytes'),
    fileBytes: fileBytes[i],
    accuracy: accuracies?.[i] ?? null,
    testLoss: losses?.[i] ?? null,
    latencyMs: latencies[i] ?? null,
    predictedLatencyMs: device === undefined ? null : totalCost(stages[i].analysis, 'latencyMs', device),
  });
  return [summary(0), summary(1)];
}
