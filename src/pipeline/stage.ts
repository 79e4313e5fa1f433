import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import { analyzeModel } from './loadModel.js';

/** A model at some point on its way, understood. */
export interface Stage {
  readonly bound: BoundModel;
  readonly analysis: ChannelAnalysis;
}

/** A model that was made from another one, understood at the same shapes, with the same channels kept. */
export function restage(before: Stage, model: ModelProto): Promise<Stage> {
  const { graph, label, inputShapes, threads, measured } = before.bound;
  const options = { inputShapes: Object.fromEntries(inputShapes), threads };
  return analyzeModel(model, graph.dir, label, options, before.analysis.kept, measured);
}
