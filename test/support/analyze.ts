import { analyzeChannels, type ChannelAnalysis, type Group } from '../../src/channels/channelAnalysis.js';
import { indexGraph } from '../../src/graph/indexGraph.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { allOps } from '../../src/ops/allOps.js';
import { bindModel } from '../../src/ops/bindModel.js';
import { unshareIdentities } from '../../src/ops/unshareIdentities.js';
import { unshareUniform } from '../../src/ops/unshareUniform.js';
import { resolveInputShapes } from '../../src/runtime/inputShapes.js';

/** The channel analysis of a model in memory, as a loaded file gets it. */
export async function analyze(model: ModelProto, registry = allOps): Promise<ChannelAnalysis> {
  const graph = indexGraph(unshareUniform(unshareIdentities(model)));
  return analyzeChannels(await bindModel(graph, registry, resolveInputShapes(graph), 'test.onnx'));
}

/** The same at given input shapes. */
export async function analyzeAt(
  model: ModelProto,
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<ChannelAnalysis> {
  const graph = indexGraph(unshareUniform(unshareIdentities(model)));
  const inputShapes = resolveInputShapes(graph, new Map(Object.entries(shapes)));
  return analyzeChannels(await bindModel(graph, allOps, inputShapes, 'test.onnx'));
}

/** The group that an axis of a value belongs to, by the unit of its first position. */
export function groupAt({ model, table, unitAt, groupOf, groups }: ChannelAnalysis, name: string, axis = 1): Group {
  const tracked = table.find({ value: model.graph.value(name)!, axis });
  if (tracked === undefined) throw new Error(`axis ${axis} of '${name}' follows the batch or holds a shape`);
  return groups[groupOf[unitAt[tracked.base]!]!]!;
}

/** Units along an axis of a value, by their order of first appearance: [0, 1, 1, 0] reads as a pattern. */
export function unitPattern({ model, table, unitAt }: ChannelAnalysis, name: string, axis = 1): readonly number[] {
  const tracked = table.find({ value: model.graph.value(name)!, axis })!;
  const order = new Map<number, number>();
  return Array.from({ length: tracked.width }, (_, i) => {
    const unit = unitAt[tracked.base + i]!;
    if (!order.has(unit)) order.set(unit, order.size);
    return order.get(unit)!;
  });
}
