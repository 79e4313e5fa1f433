import { graphErrors } from '../errors/graphErrors.js';
import { type Graph, nodeLabel } from '../graph/graph.js';
import { makeNode, makeTensorType } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import { encodeModel } from '../onnx/encodeModel.js';
import { DataLocation, type ModelProto, type TensorProto, type ValueInfoProto } from '../onnx/messages.js';
import { elementCount, tensorShape } from '../onnx/tensorSize.js';
import { ALL_RUNNABLE, foreignTypes, severedShapes, severForeign, type Unrunnable } from './foreignNodes.js';
import type { InputShapes } from './inputShapes.js';
import { Session, type TensorMetadata } from './session.js';
import { dataTypeOfRuntime, type OpenType, runtimeNameOf, type TensorType } from './tensorTypes.js';

/** What ONNX Runtime says of the tensors of a graph, by name. */
export interface InferredShapes {
  readonly types: ReadonlyMap<string, TensorType>;
  /** Tensors with dimensions that the data decides. */
  readonly open: ReadonlyMap<string, OpenType>;
}

/** Initializers up to this many elements stay constants: shapes, axes, scales and the like. */
const CONSTANT_ELEMENTS = 1024;

/**
 * Type and shape of every value of the graph, by name, with ONNX Runtime as the oracle.
 *
 * A skeleton of the model (large initializers become inputs, so that no weights travel; every value is an output)
 * is loaded with basic optimization, which also resolves chains of shape arithmetic.
 *
 * Nodes that ONNX Runtime does not have are left out; what they give is taken from value_info.
 *
 * @param label what error messages call the model
 * @param unrunnable operators that ONNX Runtime does not have
 * @throws RUNTIME_REJECTED, GRAPH_ZERO_GROUPS
 */
export async function inferShapes(
  graph: Graph,
  inputShapes: InputShapes,
  label: string,
  unrunnable: Unrunnable = ALL_RUNNABLE,
): Promise<InferredShapes> {
  refuseZeroGroups(graph);
  const types = new Map(foreignTypes(graph, inputShapes, unrunnable));
  const open = new Map<string, OpenType>();
  const severed = severForeign(graph, unrunnable);
  const shapes = severedShapes(graph, inputShapes, unrunnable);
  for (const value of graph.values) {
    if (value.initializer === undefined) continue;
    types.set(value.name, { dataType: value.initializer.dataType ?? 0, dims: tensorShape(value.initializer) });
  }
  for (const { values, dims } of graph.model.graph.sparseInitializer) {
    types.set(values?.name ?? '', { dataType: values?.dataType ?? DataType.UNDEFINED, dims: dims.map(Number) });
  }
  for (const input of graph.inputs) {
    const dataType = input.declared?.type?.tensorType?.elemType ?? DataType.UNDEFINED;
    types.set(input.name, { dataType, dims: inputShapes.get(input.name) ?? [] });
  }
  // ONNX Runtime takes no graph without nodes, which is what is left where all are foreign.
  const isEmpty = severed !== graph && severed.nodes.length === 0;
  const found = isEmpty ? [] : await outputsOf(skeleton(severed, shapes), label);
  const ranks = await unknownRanks(
    severed,
    shapes,
    found.flatMap(({ name, shape }) => (shape.length === 0 ? [name] : [])),
    label,
  );
  for (const { name, type, shape } of found) {
    const dataType = dataTypeOfRuntime(type);
    const dims = shape.map((dim) => (typeof dim === 'number' && dim >= 0 ? dim : undefined));
    if (ranks.has(name)) open.set(name, { dataType, dims: undefined });
    else if (dims.every((dim) => dim !== undefined)) types.set(name, { dataType, dims });
    else open.set(name, { dataType, dims });
  }
  return { types, open };
}

/** What ONNX Runtime says of the outputs of a model. */
async function outputsOf(model: ModelProto, label: string): Promise<readonly TensorMetadata[]> {
  const session = await Session.create(encodeModel(model), { optimization: 'basic', label, threads: 1 });
  try {
    return session.outputs;
  } finally {
    await session.release();
  }
}

/**
 * Those of some tensors whose rank is not known. ONNX Runtime gives them out for scalars; but a scalar's own shape has
 * no elements.
 *
 * @param names tensors that seem to be scalars
 */
async function unknownRanks(
  graph: Graph,
  shapes: InputShapes,
  names: readonly string[],
  label: string,
): Promise<ReadonlySet<string>> {
  // What is calculated from nothing is a constant, of a shape that is known.
  const doubtful = names.filter((name) => graph.value(name)?.producer?.inputs.some((input) => input !== undefined));
  if (doubtful.length === 0 || !graph.opsets.has('')) return new Set();
  const model = skeleton(graph, shapes);
  const probes = doubtful.map((name, i) => makeNode('Shape', [name], [`//rank ${i}`]));
  const output = probes.map((probe) => createMessage('ValueInfoProto', { name: probe.output[0]! }));
  const found = await outputsOf(
    { ...model, graph: { ...model.graph, node: [...model.graph.node, ...probes], output } },
    label,
  );
  const scalars = new Set(found.flatMap(({ name, shape }) => (shape[0] === 0 ? [name] : [])));
  return new Set(doubtful.filter((_, i) => !scalars.has(`//rank ${i}`)));
}

/** ONNX Runtime 1.30 divides by the groups of a ConvTranspose before it looks at them, and takes the process with it. */
function refuseZeroGroups(graph: Graph): void {
  for (const node of graph.nodes) {
    const group = node.proto.attribute.find(({ name }) => name === 'group')?.i;
    if (group !== undefined && group < 1n) throw graphErrors.zeroGroups(nodeLabel(node), group);
  }
}

function skeleton(graph: Graph, inputShapes: InputShapes): Graph['model'] {
  const proto = graph.model.graph;
  const constants: TensorProto[] = [];
  const inputs = graph.inputs.map((input) => {
    const elemType = input.declared?.type?.tensorType?.elemType ?? DataType.UNDEFINED;
    return valueInfo(input.name, elemType, inputShapes.get(input.name) ?? []);
  });
  for (const tensor of proto.initializer) {
    // onnxruntime-node has no inputs of some types.
    const stays = elementCount(tensor) <= CONSTANT_ELEMENTS || runtimeNameOf(tensor.dataType ?? 0) === undefined;
    if (stays && tensor.dataLocation !== DataLocation.EXTERNAL) constants.push(tensor);
    else inputs.push(valueInfo(tensor.name ?? '', tensor.dataType ?? DataType.UNDEFINED, tensorShape(tensor)));
  }
  const names = new Set(graph.nodes.flatMap((node) => node.proto.output.filter((name) => name !== '')));
  return {
    ...graph.model,
    graph: {
      ...proto,
      initializer: constants,
      input: inputs,
      valueInfo: [],
      output: [...names].map((name) => createMessage('ValueInfoProto', { name })),
    },
  };
}

function valueInfo(name: string, dataType: number, dims: readonly number[]): ValueInfoProto {
  return createMessage('ValueInfoProto', { name, type: makeTensorType(dataType, dims) });
}
