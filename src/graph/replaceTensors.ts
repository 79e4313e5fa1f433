import { AttributeType, type ModelProto, type NodeProto, type TensorProto } from '../onnx/messages.js';

/**
 * The model with other contents for some of its constants, wherever they are stored: among the initializers of the
 * graph or in a Constant node.
 *
 * @param tensors by the name of the value
 */
export function replaceTensors(model: ModelProto, tensors: ReadonlyMap<string, TensorProto>): ModelProto {
  const graph = model.graph;
  if (graph === undefined || tensors.size === 0) return model;
  const initializer = graph.initializer.map((tensor) => tensors.get(tensor.name ?? '') ?? tensor);
  const node = graph.node.map((node) => {
    const tensor = node.output.length === 1 ? tensors.get(node.output[0]!) : undefined;
    return tensor === undefined ? node : constantWith(node, tensor);
  });
  return { ...model, graph: { ...graph, initializer, node } };
}

function constantWith(node: NodeProto, tensor: TensorProto): NodeProto {
  const [attribute, ...others] = node.attribute;
  if (attribute === undefined || others.length > 0) throw new Error(`'${node.output[0]}' is given by no Constant node`);
  const { name: _, ...unnamed } = tensor;
  const { i: _i, f: _f, ...rest } = attribute;
  return {
    ...node,
    attribute: [{ ...rest, name: 'value', type: AttributeType.TENSOR, t: unnamed, ints: [], floats: [] }],
  };
}
