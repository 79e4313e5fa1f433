/** @file Operators that ONNX Runtime does not have: what is left of a model where they are taken out. */
import { subgraphs } from '../graph/captures.js';
import type { Graph, Node, Value } from '../graph/graph.js';
import { indexGraph } from '../graph/indexGraph.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import type { FunctionProto, ModelProto, NodeProto } from '../onnx/messages.js';
import { declaredSizes } from './declaredSizes.js';
import type { InputShapes } from './inputShapes.js';
import type { TensorType } from './tensorTypes.js';

/** Domains in which onnxruntime-node 1.30 has operators. In org.pytorch.aten it has none, for all its constant says. */
const RUNTIME_DOMAINS: ReadonlySet<string> = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'ai.onnx.training',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
]);

/** What ONNX Runtime cannot run, though it has the domains. */
export interface Unrunnable {
  /** Operators that it does not have. */
  readonly types: ReadonlySet<string>;
  /** Outputs of nodes that fail on random inputs, or that read what those give. */
  readonly outputs: ReadonlySet<string>;
}

export const ALL_RUNNABLE: Unrunnable = { types: new Set(), outputs: new Set() };

/**
 * The nodes of a model's graph that ONNX Runtime cannot run: of a domain that it does not have and that no function of
 * the model defines, those that are told, and nodes with such ones in their subgraphs or in the function that they call.
 */
export function foreignNodes(model: ModelProto, unrunnable: Unrunnable = ALL_RUNNABLE): ReadonlySet<NodeProto> {
  const isForeign = foreignTest(model, unrunnable);
  return new Set(model.graph?.node.filter((node) => isForeign(node)));
}

/**
 * The nodes that read a value of a foreign node whose type or shape value_info does not tell, directly or by way of
 * others, each with that value: nothing can be known of them, so they are left out with the foreign ones.
 */
export function nodesWithoutShapes(graph: Graph, unrunnable: Unrunnable = ALL_RUNNABLE): ReadonlyMap<Node, Value> {
  const protos = foreignNodes(graph.model, unrunnable);
  const hanging = new Map<Node, Value>();
  if (protos.size === 0) return hanging;
  const sizes = declaredSizes(graph);
  for (const node of graph.nodes) {
    if (protos.has(node.proto)) continue;
    for (const value of [...node.inputs, ...node.captures]) {
      const { producer } = value ?? {};
      if (value === undefined || producer === undefined) continue;
      const isUntold = protos.has(producer.proto) && sizes(value) === undefined;
      const origin = isUntold ? value : hanging.get(producer);
      if (origin !== undefined && !hanging.has(node)) hanging.set(node, origin);
    }
  }
  return hanging;
}

/**
 * A graph without its foreign nodes and those of which nothing can be known behind them: what they gave is a graph input
 * where another node reads it, what they read is a graph output. The graph itself where it has none.
 */
export function severForeign(graph: Graph, unrunnable: Unrunnable = ALL_RUNNABLE): Graph {
  const { model, dir } = graph;
  const isForeign = foreignTest(model, unrunnable);
  const out = leftOut(graph, unrunnable);
  if (out.size === 0) return graph;
  const given = outputsOf(out).filter((value) => isRead(value, out));
  const made = new Set(outputsOf(out).map(({ name }) => name));
  const taken = new Set<string>();
  for (const value of [...out].flatMap(({ inputs, captures }) => [...inputs, ...captures])) {
    if (value !== undefined && !made.has(value.name) && !value.isInput && !value.isOutput) taken.add(value.name);
  }
  const protos = new Set([...out].map(({ proto }) => proto));
  const { graph: proto } = model;
  const severed: ModelProto = {
    ...model,
    functions: model.functions.filter(({ node }) => !node.some(isForeign)),
    graph: {
      ...proto,
      node: proto.node.filter((node) => !protos.has(node)),
      input: [...proto.input, ...given.map(({ declared }) => declared!)],
      output: [
        ...proto.output.filter(({ name = '' }) => !made.has(name)),
        ...[...taken].map((name) => createMessage('ValueInfoProto', { name })),
      ],
    },
  };
  return indexGraph(severed, dir);
}

/** Types of what foreign nodes give, as far as value_info declares them in the sizes of the inputs. */
export function foreignTypes(
  graph: Graph,
  shapes: InputShapes,
  unrunnable: Unrunnable = ALL_RUNNABLE,
): ReadonlyMap<string, TensorType> {
  const protos = foreignNodes(graph.model, unrunnable);
  const types = new Map<string, TensorType>();
  if (protos.size === 0) return types;
  const sizes = declaredSizes(graph);
  for (const value of outputsOf(graph.nodes.filter(({ proto }) => protos.has(proto)))) {
    const dims = sizes(value)?.(shapes);
    if (dims === undefined) continue;
    types.set(value.name, { dataType: value.declared?.type?.tensorType?.elemType ?? DataType.UNDEFINED, dims });
  }
  return types;
}

/** Shapes of all inputs of a severed graph. @param graph the one that it was made from */
export function severedShapes(graph: Graph, shapes: InputShapes, unrunnable: Unrunnable = ALL_RUNNABLE): InputShapes {
  const types = foreignTypes(graph, shapes, unrunnable);
  return new Map([...shapes, ...[...types].map(([name, { dims }]) => [name, dims] as const)]);
}

function leftOut(graph: Graph, unrunnable: Unrunnable): ReadonlySet<Node> {
  const protos = foreignNodes(graph.model, unrunnable);
  const hanging = nodesWithoutShapes(graph, unrunnable);
  return new Set(graph.nodes.filter((node) => protos.has(node.proto) || hanging.has(node)));
}

function foreignTest(model: ModelProto, unrunnable: Unrunnable): (node: NodeProto) => boolean {
  const functions = new Map(model.functions.map((body) => [functionName(body.domain, body.name, body.overload), body]));
  const judged = new Map<FunctionProto, boolean>();
  const isForeign = (node: NodeProto): boolean => {
    if (node.output.some((name) => unrunnable.outputs.has(name))) return true;
    if (subgraphs(node).some((body) => body.node.some(isForeign))) return true;
    const called = functions.get(functionName(node.domain, node.opType, node.overload));
    return called === undefined
      ? !RUNTIME_DOMAINS.has(node.domain ?? '') || unrunnable.types.has(node.opType ?? '')
      : callsForeign(called);
  };
  const callsForeign = (called: FunctionProto): boolean => {
    const known = judged.get(called);
    if (known !== undefined) return known;
    // A function that calls itself is not to be asked for ever; ONNX Runtime refuses it.
    judged.set(called, false);
    const found = called.node.some(isForeign);
    judged.set(called, found);
    return found;
  };
  return isForeign;
}

function functionName(domain = '', name = '', overload = ''): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload]);
}

function outputsOf(nodes: Iterable<Node>): readonly Value[] {
  return [...nodes].flatMap(({ outputs }) => outputs.filter((output) => output !== undefined));
}

function isRead(value: Value, without: ReadonlySet<Node>): boolean {
  return value.uses.some(({ node }) => !without.has(node));
}
