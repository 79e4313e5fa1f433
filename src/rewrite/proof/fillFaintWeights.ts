import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';
import { isTrained } from '../../cost/costTerms.js';
import type { Value } from '../../graph/graph.js';
import { replaceTensors } from '../../graph/replaceTensors.js';
import { DataType } from '../../onnx/dataType.js';
import type { TensorProto } from '../../onnx/messages.js';
import { createTensor, withTensorFloats } from '../../onnx/tensorData.js';
import { elementCount, tensorShape } from '../../onnx/tensorSize.js';
import { inputRole } from '../../ops/opDef.js';
import type { Rng } from '../../random/rng.js';

/** Weights below this in all their elements let nothing through that a comparison could see. */
const FAINT = 1e-3;

/**
 * The same network with random numbers in place of the trained factors that are zero or nearly so: a head before its
 * first training, the layer scales of a ConvNeXt. Through them no difference can be seen, so that a proof would hold for
 * any rewrite.
 *
 * @returns undefined where the network has none
 */
export function fillFaintWeights(analysis: ChannelAnalysis, rng: Rng): ChannelAnalysis | undefined {
  const { model } = analysis;
  const filled = new Map<string, TensorProto>();
  for (const value of model.graph.values) {
    const tensor = model.constant(value);
    if (tensor === undefined || tensor.dataType !== DataType.FLOAT || !isFactor(analysis, value)) continue;
    const count = elementCount(tensor);
    const isStrong = (numbers: Float32Array) => numbers.some((number) => Math.abs(number) >= FAINT);
    if (count === 0 || withTensorFloats(tensor, model.graph.dir, isStrong)) continue;
    const drawn = rng.fork(value.name);
    const random = Float32Array.from({ length: count }, () => drawn.normal());
    const bytes = new Uint8Array(random.buffer);
    filled.set(value.name, createTensor(value.name, DataType.FLOAT, tensorShape(tensor), bytes));
  }
  if (filled.size === 0) return undefined;
  const graph = { ...model.graph, model: { ...model.graph.model, graph: graphWith(analysis, filled) } };
  return {
    ...analysis,
    model: { ...model, graph, constant: (value) => filled.get(value.name) ?? model.constant(value) },
  };
}

/** Whether a constant is trained, and is no mere offset. */
function isFactor({ model }: ChannelAnalysis, value: Value): boolean {
  if (!isTrained(model, value)) return false;
  return value.uses.some(({ node, input }) => {
    const bound = model.bound(node);
    const role = bound.known && input !== 'capture' ? inputRole(bound.op, input) : 'data';
    return role === 'weight' || role === 'scale' || role === 'data';
  });
}

function graphWith({ model }: ChannelAnalysis, filled: ReadonlyMap<string, TensorProto>) {
  return replaceTensors(model.graph.model, filled).graph ?? model.graph.model.graph;
}
