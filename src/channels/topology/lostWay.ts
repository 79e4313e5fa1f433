import type { Graph, Node, Value } from '../../graph/graph.js';

/**
 * An output that would depend on fewer graph inputs than it does, in words; undefined where there is none. Ways over
 * shapes alone do not count.
 *
 * @param isStillRead whether a node goes on reading a value
 */
export function lostWay(
  graph: Graph,
  isShapeArithmetic: (node: Node) => boolean,
  isStillRead: (node: Node, value: Value) => boolean,
): string | undefined {
  const inputs = graph.values.filter(({ isInput }) => isInput);
  const reach = (isRead: (node: Node, value: Value) => boolean): ReadonlyMap<Value, bigint> => {
    const reached = new Map<Value, bigint>(inputs.map((value, i) => [value, 1n << BigInt(i)]));
    for (const node of graph.nodes) {
      if (isShapeArithmetic(node)) continue;
      let mask = 0n;
      for (const value of [...node.inputs, ...node.captures]) {
        if (value !== undefined && isRead(node, value)) mask |= reached.get(value) ?? 0n;
      }
      for (const output of node.outputs) if (output !== undefined) reached.set(output, mask);
    }
    return reached;
  };
  const before = reach(() => true);
  const after = reach(isStillRead);
  for (const output of graph.outputs) {
    const lost = (before.get(output) ?? 0n) & ~(after.get(output) ?? 0n);
    const input = inputs.find((_, i) => (lost & (1n << BigInt(i))) !== 0n);
    if (input !== undefined) return `the graph output '${output.name}' would no longer depend on '${input.name}'`;
  }
  return undefined;
}
