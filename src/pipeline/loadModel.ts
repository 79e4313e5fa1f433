import { analyzeChannels, type ChannelAnalysis } from '../channels/channelAnalysis.js';
import { type Kept, keptValues, NOTHING_KEPT } from '../channels/keptValues.js';
import { indexGraph } from '../graph/indexGraph.js';
import { holdWeights } from '../onnx/holdWeights.js';
import { inlineExternal } from '../onnx/inlineExternal.js';
import type { ModelProto } from '../onnx/messages.js';
import { readModelFile } from '../onnx/readModelFile.js';
import { allOps } from '../ops/allOps.js';
import { type BoundModel, bindModel } from '../ops/bindModel.js';
import { unshareIdentities } from '../ops/unshareIdentities.js';
import { unshareUniform } from '../ops/unshareUniform.js';
import { resolveInputShapes } from '../runtime/inputShapes.js';

export interface LoadOptions {
  /** Shapes of inputs by name; the batch is 1 where it is free and not given. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** Globs on the names of nodes and values whose channels stay. */
  readonly keep?: readonly string[];
  /** Threads of ONNX Runtime within an operator, where the model has to be run; all cores by default. */
  readonly threads?: number | undefined;
}

/** A model that was read from a file and understood. */
export interface LoadedModel {
  readonly path: string;
  readonly fileBytes: number;
  /** Shapes of all values, records of all operators. */
  readonly bound: BoundModel;
  /** Which channels hang together, and which cannot be changed. */
  readonly analysis: ChannelAnalysis;
}

/**
 * Reads a model and finds its shapes, operators and channel groups. Weights are not touched.
 *
 * @example
 * const model = await loadModel('resnet.onnx', { inputShapes: { x: [1, 3, 224, 224] } });
 *
 * @throws MorphError of category `model` for broken files, `usage` for shapes that are missing or do not fit, and for
 *   names that are not there
 */
export async function loadModel(path: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const { model, dir, byteLength } = await readModelFile(path);
  return { path, fileBytes: byteLength, ...(await analyzeModel(model, dir, path, options)) };
}

/** `loadModel` with external data read in, for jobs that need the weights. */
export async function loadWithWeights(path: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const { model, dir, byteLength } = await readModelFile(path);
  return { path, fileBytes: byteLength, ...(await analyzeModel(inlineExternal(model, dir), dir, path, options)) };
}

/** `loadWithWeights` for long jobs: the weights are in memory, so that the file may change meanwhile. */
export async function loadForTraining(path: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const { model, dir, byteLength } = await readModelFile(path);
  const held = holdWeights(inlineExternal(model, dir));
  return { path, fileBytes: byteLength, ...(await analyzeModel(held, dir, path, options)) };
}

/**
 * What `loadModel` finds, for a model that is in memory.
 *
 * @param kept what stays, where no patterns say so
 * @param measured shapes that the data decides, where they are known
 */
export async function analyzeModel(
  model: ModelProto,
  dir: string | undefined,
  label: string,
  { inputShapes = {}, keep = [], threads }: LoadOptions = {},
  kept: Kept = NOTHING_KEPT,
  measured?: BoundModel['measured'],
): Promise<{ readonly bound: BoundModel; readonly analysis: ChannelAnalysis }> {
  const graph = indexGraph(unshareUniform(unshareIdentities(model)), dir);
  const shapes = resolveInputShapes(graph, new Map(Object.entries(inputShapes)));
  const bound = await bindModel(graph, allOps, shapes, label, { measured, threads });
  return { bound, analysis: analyzeChannels(bound, keep.length === 0 ? kept : keptValues(graph, keep)) };
}
