import type { GraphProto, NodeProto } from '../onnx/messages.js';

/** Names of outer values that the subgraphs of a node (If, Loop, Scan, …) read, without duplicates. */
export function capturedNames(node: NodeProto): readonly string[] {
  const captured = new Set<string>();
  for (const graph of subgraphs(node)) collect(graph, new Set(), captured);
  return [...captured];
}

/** The graphs among the attributes of a node. */
export function subgraphs(node: NodeProto): readonly GraphProto[] {
  return node.attribute.flatMap((attribute) => [
    ...(attribute.g === undefined ? [] : [attribute.g]),
    ...attribute.graphs,
  ]);
}

function collect(graph: GraphProto, outer: ReadonlySet<string>, captured: Set<string>): void {
  const known = new Set(outer);
  for (const input of graph.input) known.add(input.name ?? '');
  for (const initializer of graph.initializer) known.add(initializer.name ?? '');
  for (const sparse of graph.sparseInitializer) known.add(sparse.values?.name ?? '');
  // A body may list its nodes in any order, so its own names are gathered before any read is judged.
  for (const node of graph.node) for (const output of node.output) known.add(output);
  const read = (name: string) => {
    if (name !== '' && !known.has(name)) captured.add(name);
  };
  for (const node of graph.node) {
    node.input.forEach(read);
    for (const body of subgraphs(node)) collect(body, known, captured);
  }
  for (const output of graph.output) read(output.name ?? '');
}
