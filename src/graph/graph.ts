/** @file The op DAG: a read-only index over a ModelProto, with use lists. Edits make a new ModelProto. */
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/messages.js';

/** One read of a value: the node and the position among its inputs; captures by a node's subgraphs have none. */
export interface Use {
  readonly node: Node;
  readonly input: number | 'capture';
}

/** A named tensor of the graph: a graph input, an initializer, or an output of a node. */
export interface Value {
  readonly name: string;
  /** Dense index among `graph.values`. */
  readonly index: number;
  readonly producer: Node | undefined;
  readonly uses: readonly Use[];
  readonly initializer: TensorProto | undefined;
  /** What the file declares of its type, from a graph input, graph output or value_info. */
  readonly declared: ValueInfoProto | undefined;
  readonly isInput: boolean;
  readonly isOutput: boolean;
}

/** One operator call. Optional inputs and outputs that are left out are `undefined`. */
export interface Node {
  readonly proto: NodeProto;
  /** Position in topological order. */
  readonly index: number;
  readonly opType: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  /** Its name, or `Op#index` where the file gives none; unique enough for people to find it. */
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly (Value | undefined)[];
  /** Values of the outer graph that its subgraphs read. */
  readonly captures: readonly Value[];
}

/** The top-level graph of a model. */
export interface Graph {
  readonly model: ModelProto & { readonly graph: GraphProto };
  /** Folder of the model's file, where external data lies. */
  readonly dir: string | undefined;
  readonly nodes: readonly Node[];
  readonly values: readonly Value[];
  /** Graph inputs without a default, in the file's order. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** Opset version by domain; '' is ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  value(name: string): Value | undefined;
}

/** How messages name a node: `node '/stem/Conv' (Conv)`. */
export function nodeLabel(node: Node): string {
  return `node '${node.name}' (${node.domain === '' ? node.opType : `${node.domain}.${node.opType}`})`;
}
