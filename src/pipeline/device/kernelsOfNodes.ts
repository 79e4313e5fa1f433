import { productsBefore } from '../../cost/devices/nodeKind.js';
import type { Node } from '../../graph/graph.js';
import type { ModelProto } from '../../onnx/messages.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { KernelTime } from '../../runtime/profileKernels.js';

/** In names of optimized nodes this can be found again, whatever is added to them. */
const MARK = /morph(\d+)node/;

/** Operators, fused or not, that compute products. */
const PRODUCTS = /Conv|Gemm|MatMul/;

/**
 * A model in which the names of all nodes, and where no subgraph may read them of all their outputs, say which node they
 * are of: ONNX Runtime makes the names of what it fuses from both.
 */
export function withMarkedNodes({ graph: { model } }: BoundModel): ModelProto {
  const { graph } = model;
  const mark = (index: number) => `morph${index}node`;
  const hasSubgraphs = graph.node.some(({ attribute }) =>
    attribute.some(({ g, graphs }) => (g !== undefined && g !== null) || graphs.length > 0),
  );
  const names = new Map<string, string>();
  if (!hasSubgraphs) {
    graph.node.forEach(({ output }, index) => {
      output.forEach((name, k) => {
        if (name !== '') names.set(name, `${mark(index)}_${k}`);
      });
    });
  }
  const renamed = (name: string) => names.get(name) ?? name;
  return {
    ...model,
    graph: {
      ...graph,
      node: graph.node.map((node, index) => ({
        ...node,
        name: mark(index),
        input: node.input.map(renamed),
        output: node.output.map(renamed),
      })),
      output: graph.output.map((output) => ({ ...output, name: renamed(output.name ?? '') })),
      valueInfo: [],
    },
  };
}

/**
 * What each node took, where its model ran with marked nodes. What was computed along with products counts as theirs;
 * kernels of nobody (moves between layouts) are left out.
 */
export function kernelsOfNodes(model: BoundModel, kernels: readonly KernelTime[]): ReadonlyMap<Node, number> {
  const byProto = new Map(model.nodes.map((bound) => [bound.node.proto, bound]));
  const times = new Map<Node, number>();
  for (const { name, op, ms } of kernels) {
    const proto = model.graph.model.graph.node[Number(MARK.exec(name)?.[1] ?? Number.NaN)];
    const bound = proto === undefined ? undefined : byProto.get(proto);
    if (bound === undefined || op.startsWith('Reorder')) continue;
    const products = PRODUCTS.test(op) ? productsBefore(model, bound) : undefined;
    const { node } = products ?? bound;
    times.set(node, (times.get(node) ?? 0) + ms);
  }
  return times;
}
