import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Value } from '../graph/graph.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import type { ModelProto, TensorProto } from '../onnx/messages.js';
import { tensorShape } from '../onnx/tensorSize.js';
import type { BoundModel } from '../ops/bindModel.js';
import { mapFloats } from './mapFloats.js';
import { type WidenedAxis, widenedAxes } from './plan/addedUnits.js';
import type { Plan } from './plan/plan.js';

/**
 * A widened network in which what was added has fresh weights, where it is given and where it is read.
 *
 * @param wide the network as `plan` widened it, each copy whole
 * @param fillOf how the numbers of a constant are drawn; undefined where it stays a copy
 */
export function freshUnits(
  before: ChannelAnalysis,
  plan: Plan,
  wide: BoundModel,
  fillOf: (value: Value) => (() => number) | undefined,
): ModelProto {
  const { model, dir } = wide.graph;
  const tensors = new Map<string, TensorProto>();
  for (const value of wide.graph.values) {
    const earlier = before.model.graph.value(value.name);
    const tensor = wide.constant(value);
    if (earlier === undefined || tensor === undefined) continue;
    const axes = widenedAxes(before, plan, earlier);
    const fill = axes.length === 0 ? undefined : fillOf(value);
    if (fill === undefined) continue;
    const isAdded = elementsAdded(tensorShape(tensor), axes);
    const next = mapFloats(tensor, (element, index) => (isAdded(index) ? fill() : element), dir);
    tensors.set(value.name, { ...next, name: value.name });
  }
  return replaceTensors(model, tensors);
}

/** Whether an element, by its row-major index, lies at an added position of any axis. */
function elementsAdded(dims: readonly number[], axes: readonly WidenedAxis[]): (index: number) => boolean {
  const strided = axes.map(({ axis, added }) => ({
    added,
    stride: dims.slice(axis + 1).reduce((size, dim) => size * dim, 1),
  }));
  return (index) => strided.some(({ added, stride }) => added[Math.floor(index / stride) % added.length] === 1);
}
