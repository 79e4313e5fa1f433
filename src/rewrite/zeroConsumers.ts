import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import type { ModelProto, TensorProto } from '../onnx/messages.js';
import type { Plan } from './plan.js';
import { scaleAlong } from './scaleAlong.js';

/**
 * The original in which every consumer's weights for the removed units are zero: what the cut model must equal.
 *
 * It shares nothing with the cut itself: no axis is shortened, no constant but those weights is touched.
 */
export function zeroConsumers(analysis: ChannelAnalysis, plan: Plan): ModelProto {
  const { model, table, unitAt } = analysis;
  const zeroed = new Map<string, TensorProto>();
  for (const { weight } of analysis.contractions) {
    const axis = table.find(weight);
    const tensor = zeroed.get(weight.value.name) ?? model.constant(weight.value);
    if (axis === undefined || tensor === undefined) continue;
    const isRemoved = (position: number) => plan.copies[unitAt[axis.base + position]!] === 0;
    if (!Array.from({ length: axis.width }, (_, i) => i).some(isRemoved)) continue;
    const factor = (_: number, position: number) => (isRemoved(position) ? 0 : 1);
    zeroed.set(weight.value.name, {
      ...scaleAlong(tensor, axis.axis, factor, model.graph.dir),
      name: weight.value.name,
    });
  }
  return replaceTensors(model.graph.model, zeroed);
}
