import { encodeModel } from '../onnx/encodeModel.js';
import { createRng } from '../random/rng.js';
import { foreignNodes } from '../runtime/foreignNodes.js';
import { withBatch } from '../runtime/inputShapes.js';
import { type LatencyOptions, measureLatency } from '../runtime/measureLatency.js';
import type { Stage } from './stage.js';

/** Median time of one run of a model, in milliseconds; null where ONNX Runtime cannot run it on random inputs. */
export async function timeModel({ bound }: Stage, options: LatencyOptions = {}): Promise<number | null> {
  const { graph, inputShapes, threads, unrunnable } = bound;
  if (foreignNodes(graph.model, unrunnable).size > 0) return null;
  const shapes = withBatch(graph, inputShapes, 1);
  const models = [encodeModel(graph.model)];
  const [ms] = await measureLatency(models, graph, shapes, createRng(0), { threads, ...options });
  return ms ?? null;
}
