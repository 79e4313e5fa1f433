import type { Graph, Value } from '../graph/graph.js';
import type { ModelProto, ValueInfoProto } from '../onnx/messages.js';

/** Puts the new widths into the shapes that value_info declares; free dimensions keep their names. */
export function updateDeclaredShapes(
  model: ModelProto,
  graph: Graph,
  dimsOf: (value: Value) => readonly number[],
): ModelProto {
  if (model.graph === undefined) return model;
  const update = (info: ValueInfoProto): ValueInfoProto => {
    const value = graph.value(info.name ?? '');
    const type = info.type?.tensorType;
    if (value === undefined || type?.shape === undefined || value.isInput || value.isOutput) return info;
    const dims = dimsOf(value);
    const dim = type.shape.dim.map((declared, axis) =>
      declared.dimValue === undefined ? declared : { ...declared, dimValue: BigInt(dims[axis] ?? 0) },
    );
    return { ...info, type: { ...info.type, tensorType: { ...type, shape: { ...type.shape, dim } } } };
  };
  return { ...model, graph: { ...model.graph, valueInfo: model.graph.valueInfo.map(update) } };
}
