/** @file Operators that ONNX Runtime does not have: what is left of a model where they are taken out. */
import { runtimeErrors } from '../errors/runtimeErrors.js';
import { subgraphs } from '../graph/captures.js';
import { type Graph, type Node, nodeLabel, type Value } from '../graph/graph.js';
import { indexGraph } from '../graph/indexGraph.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import type { FunctionProto, ModelProto, NodeProto } from '../onnx/messages.js';
import { freeSymbols } from './freeSymbols.js';
import { declaredDims, type InputShapes } from './inputShapes.js';
import { namedSize } from './sumOfSizes.js';
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

/**
 * The nodes of a model's graph that ONNX Runtime cannot run: of a domain that it does not have and that no function of
 * the model defines, or with such nodes in their subgraphs or in the function that they call.
 */
export function foreignNodes(model: ModelProto): ReadonlySet<NodeProto> {
  const isForeign = foreignTest(model);
  return new Set(model.graph?.node.filter((node) => isForeign(node)));
}

/**
 * A graph without its foreign nodes: what they gave is a graph input where another node reads it, what they read is a
 * graph output. The graph itself where it has none.
 *
 * @throws RUNTIME_FOREIGN_SHAPE where value_info does not tell type and shape of such an input
 */
export function severForeign(graph: Graph): Graph {
  const { model, dir } = graph;
  const isForeign = foreignTest(model);
  const foreign = new Set(graph.nodes.filter(({ proto }) => isForeign(proto)));
  if (foreign.size === 0) return graph;
  const given = outputsOf(foreign).filter((value) => isRead(value, foreign));
  for (const value of given) if (!isDeclared(value)) throw foreignShape(value);
  const made = new Set(outputsOf(foreign).map(({ name }) => name));
  const taken = new Set<string>();
  for (const value of [...foreign].flatMap(({ inputs, captures }) => [...inputs, ...captures])) {
    if (value !== undefined && !made.has(value.name) && !value.isInput && !value.isOutput) taken.add(value.name);
  }
  const { graph: proto } = model;
  const severed: ModelProto = {
    ...model,
    functions: model.functions.filter(({ node }) => !node.some(isForeign)),
    graph: {
      ...proto,
      node: proto.node.filter((node) => !isForeign(node)),
      input: [...proto.input, ...given.map(({ declared }) => declared!)],
      output: [
        ...proto.output.filter(({ name = '' }) => !made.has(name)),
        ...[...taken].map((name) => createMessage('ValueInfoProto', { name })),
      ],
    },
  };
  return indexGraph(severed, dir);
}

/**
 * Types of what foreign nodes give, as value_info declares them. Sizes that it names are those of the inputs.
 *
 * @throws RUNTIME_FOREIGN_SHAPE where another node reads a value that it does not declare, or whose sizes are no inputs'
 */
export function foreignTypes(graph: Graph, shapes: InputShapes): ReadonlyMap<string, TensorType> {
  const protos = foreignNodes(graph.model);
  const foreign = new Set(graph.nodes.filter(({ proto }) => protos.has(proto)));
  const types = new Map<string, TensorType>();
  if (foreign.size === 0) return types;
  const sizeOf = namedSizes(graph, shapes);
  for (const value of outputsOf(foreign)) {
    const dims = isDeclared(value) ? declaredDims(value).map((dim, axis) => sizeOf(dim, axis)) : [undefined];
    if (dims.every((dim) => dim !== undefined)) {
      types.set(value.name, { dataType: value.declared?.type?.tensorType?.elemType ?? DataType.UNDEFINED, dims });
    } else if (isRead(value, foreign)) throw foreignShape(value);
  }
  return types;
}

/** Shapes of all inputs of a severed graph. @param graph the one that it was made from @throws RUNTIME_FOREIGN_SHAPE */
export function severedShapes(graph: Graph, shapes: InputShapes): InputShapes {
  return new Map([...shapes, ...[...foreignTypes(graph, shapes)].map(([name, { dims }]) => [name, dims] as const)]);
}

function foreignTest(model: ModelProto): (node: NodeProto) => boolean {
  const functions = new Map(model.functions.map((body) => [functionName(body.domain, body.name, body.overload), body]));
  const judged = new Map<FunctionProto, boolean>();
  const isForeign = (node: NodeProto): boolean => {
    if (subgraphs(node).some((body) => body.node.some(isForeign))) return true;
    const called = functions.get(functionName(node.domain, node.opType, node.overload));
    return called === undefined ? !RUNTIME_DOMAINS.has(node.domain ?? '') : callsForeign(called);
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

function outputsOf(nodes: ReadonlySet<Node>): readonly Value[] {
  return [...nodes].flatMap(({ outputs }) => outputs.filter((output) => output !== undefined));
}

function isRead(value: Value, foreign: ReadonlySet<Node>): boolean {
  return value.uses.some(({ node }) => !foreign.has(node));
}

function isDeclared({ declared }: Value): boolean {
  const type = declared?.type?.tensorType;
  return type?.shape !== undefined && (type.elemType ?? DataType.UNDEFINED) !== DataType.UNDEFINED;
}

/** The number behind a declared dimension. A first one without a name is the batch, as with inputs. */
function namedSizes(graph: Graph, shapes: InputShapes): (dim: number | string, axis: number) => number | undefined {
  const symbols = freeSymbols(graph);
  const batches = symbols.filter(({ isBatch }) => isBatch);
  const sizeOf = (name: string): number | undefined => {
    const place = symbols.find((symbol) => symbol.name === name)?.places[0];
    return place === undefined ? undefined : shapes.get(place.input)?.[place.axis];
  };
  return (dim, axis) => {
    if (typeof dim === 'number') return dim;
    if (dim !== '') return namedSize(dim, sizeOf);
    return axis === 0 && batches.length === 1 ? sizeOf(batches[0]!.name) : undefined;
  };
}

function foreignShape({ name, producer }: Value) {
  return runtimeErrors.foreignShape(producer === undefined ? name : nodeLabel(producer), name);
}
