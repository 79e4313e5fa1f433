/** @file What stands in the way where the data decides shapes, or nothing tells them. */
import type { Graph, Node, Value } from '../graph/graph.js';
import type { OpenType, TensorType } from '../runtime/tensorTypes.js';
import type { Found } from './findRecord.js';

/** All that values of a shape which the data decides come from or go into. */
export function outputsFrom(graph: Graph, open: ReadonlyMap<string, OpenType>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { inputs, captures, outputs } of graph.nodes) {
    const hangs = [...inputs, ...captures].some((value) => value !== undefined && names.has(value.name));
    if (!hangs && !outputs.some((value) => value !== undefined && open.has(value.name))) continue;
    for (const value of outputs) if (value !== undefined) names.add(value.name);
  }
  return names;
}

/** Nodes that look at shapes which the data decides. */
export function shapeReaders(found: ReadonlyMap<Node, Found>, open: ReadonlyMap<string, OpenType>): readonly Node[] {
  return [...found].flatMap(([node, record]) =>
    record.known && record.op.shapeResult !== undefined && open.has(node.inputs[0]?.name ?? '') ? [node] : [],
  );
}

/** Why nothing can be said of the axes of a node, whatever its record says. */
export function shapeObstacle(
  node: Node,
  types: ReadonlyMap<string, TensorType>,
  open: ReadonlyMap<string, OpenType>,
  untold: Value | undefined,
): string | undefined {
  if (untold !== undefined) {
    return `ONNX Runtime does not have what gives '${untold.name}', and value_info does not tell its shape in the sizes of the inputs`;
  }
  const odd = [...node.inputs, ...node.outputs].find((value) => value !== undefined && !types.has(value.name));
  if (odd === undefined) return undefined;
  return open.has(odd.name) ? `the data decides the shape of '${odd.name}'` : `'${odd.name}' is no tensor`;
}
