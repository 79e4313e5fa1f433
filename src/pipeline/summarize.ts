import { encodeModel } from '../onnx/encodeModel.js';
import type { Rng } from '../random/rng.js';
import type { ModelSummary } from '../report/results.js';
import { foreignNodes } from '../runtime/foreignNodes.js';
import { withBatch } from '../runtime/inputShapes.js';
import { measureLatency } from '../runtime/measureLatency.js';
import type { DataSet } from '../train/data/index.js';
import { accuracy } from './accuracy.js';
import { type Stage, totalCost } from './phases.js';

export interface SummaryOptions {
  readonly paths: readonly [string, string];
  readonly fileBytes: readonly [number, number];
  readonly data?: DataSet | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long the timing of both models may take, in milliseconds. */
  readonly timingMs?: number;
}

/** Costs, accuracy and latency of a model and of what was made from it, measured side by side. */
export async function summarize(
  original: Stage,
  result: Stage,
  rng: Rng,
  { paths, fileBytes, data, threads, signal, timingMs = 3000 }: SummaryOptions,
): Promise<readonly [ModelSummary, ModelSummary]> {
  const stages = [original, result] as const;
  const encoded = stages.map(({ bound }) => encodeModel(bound.graph.model));
  const { graph, inputShapes } = original.bound;
  const shapes = withBatch(graph, inputShapes, 1);
  const latencies =
    foreignNodes(graph.model).size > 0
      ? [null, null]
      : await measureLatency(encoded, graph, shapes, rng, { threads, budgetMs: timingMs });
  const summary = async (i: 0 | 1): Promise<ModelSummary> => ({
    path: paths[i],
    flops: totalCost(stages[i].analysis, 'flops'),
    macs: totalCost(stages[i].analysis, 'macs'),
    params: totalCost(stages[i].analysis, 'params'),
    fileBytes: fileBytes[i],
    accuracy: data === undefined ? null : await accuracy(encoded[i]!, stages[i].bound.graph, data, signal),
    latencyMs: latencies[i] ?? null,
  });
  return [await summary(0), await summary(1)];
}
