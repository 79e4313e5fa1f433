import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import { DataType } from '../onnx/dataType.js';
import type { TensorProto } from '../onnx/messages.js';
import { createTensor, tensorFloats } from '../onnx/tensorData.js';
import { tensorShape } from '../onnx/tensorSize.js';
import type { Rng } from '../random/rng.js';

/**
 * The same network with random numbers in the stored weights that are all zero, as a head before its first training is.
 * Through such a weight no difference can be seen, so that a proof would hold for any rewrite.
 */
export function fillZeroWeights(analysis: ChannelAnalysis, rng: Rng): ChannelAnalysis {
  const { model } = analysis;
  const filled = new Map<string, TensorProto>();
  for (const value of model.graph.values) {
    const tensor = model.constant(value);
    if (tensor === undefined || tensor.dataType !== DataType.FLOAT || tensor.dims.length < 2) continue;
    const numbers = tensorFloats(tensor, model.graph.dir);
    if (numbers.length === 0 || numbers.some((number) => number !== 0)) continue;
    const drawn = rng.fork(value.name);
    const random = Float32Array.from(numbers, () => drawn.normal());
    const bytes = new Uint8Array(random.buffer);
    filled.set(value.name, createTensor(value.name, DataType.FLOAT, tensorShape(tensor), bytes));
  }
  const graph = { ...model.graph, model: { ...model.graph.model, graph: graphWith(analysis, filled) } };
  return {
    ...analysis,
    model: { ...model, graph, constant: (value) => filled.get(value.name) ?? model.constant(value) },
  };
}

function graphWith({ model }: ChannelAnalysis, filled: ReadonlyMap<string, TensorProto>) {
  return replaceTensors(model.graph.model, filled).graph ?? model.graph.model.graph;
}
