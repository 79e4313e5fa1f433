import type { Graph } from '../graph/graph.js';
import type { ModelProto, ValueInfoProto } from '../onnx/messages.js';
import type { AxisRef } from '../ops/relation.js';

/** Puts the widths that have changed into the shapes that value_info declares; free dimensions keep their names. */
export function updateDeclaredShapes(
  model: ModelProto,
  graph: Graph,
  newWidth: (axis: AxisRef) => number | undefined,
): ModelProto {
  if (model.graph === undefined) return model;
  const update = (info: ValueInfoProto): ValueInfoProto => {
    const value = graph.value(info.name ?? '');
    const type = info.type?.tensorType;
    if (value === undefined || type?.shape === undefined || value.isInput || value.isOutput) return info;
    const dim = type.shape.dim.map((declared, axis) => {
      const width = newWidth({ value, axis });
      return declared.dimValue === undefined || width === undefined
        ? declared
        : { ...declared, dimValue: BigInt(width) };
    });
    return { ...info, type: { ...info.type, tensorType: { ...type, shape: { ...type.shape, dim } } } };
  };
  return { ...model, graph: { ...model.graph, valueInfo: model.graph.valueInfo.map(update) } };
}
