import type { ModelProto, TensorProto } from '../onnx/messages.js';

/**
 * Gives every Identity of an initializer a copy of its own, and drops the Identity.
 *
 * PyTorch's exporter merges initializers that happen to hold the same numbers (biases that are still zero, say) and
 * reads them through Identity. They are parameters of different layers: trained and cut apart, counted apart.
 */
export function unshareIdentities(model: ModelProto): ModelProto {
  const graph = model.graph;
  if (graph === undefined) return model;
  const outputs = new Set(graph.output.map((output) => output.name));
  const inputs = new Set(graph.input.map((input) => input.name));
  const initializers = new Map<string, TensorProto>();
  for (const tensor of graph.initializer) initializers.set(tensor.name ?? '', tensor);
  const copies: TensorProto[] = [];
  const node = graph.node.filter(({ opType, domain = '', input, output }) => {
    const source = initializers.get(input[0] ?? '');
    const name = output[0];
    if (opType !== 'Identity' || domain !== '' || source === undefined || name === undefined) return true;
    if (outputs.has(name) || inputs.has(input[0])) return true;
    const copy = { ...source, name };
    copies.push(copy);
    initializers.set(name, copy);
    return false;
  });
  if (copies.length === 0) return model;
  return { ...model, graph: { ...graph, node, initializer: [...graph.initializer, ...copies] } };
}
