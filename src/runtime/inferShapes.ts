import { graphErrors } from '../errors/graphErrors.js';
import { runtimeErrors } from '../errors/runtimeErrors.js';
import { type Graph, nodeLabel } from '../graph/graph.js';
import { makeTensorType } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import { encodeModel } from '../onnx/encodeModel.js';
import { DataLocation, type ModelProto, type TensorProto, type ValueInfoProto } from '../onnx/messages.js';
import { elementCount, tensorShape } from '../onnx/tensorSize.js';
import { foreignTypes, severedShapes, severForeign } from './foreignNodes.js';
import type { InputShapes } from './inputShapes.js';
import { Session } from './session.js';
import { dataTypeOfRuntime, type TensorType } from './tensorTypes.js';

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
 * @throws RUNTIME_REJECTED, RUNTIME_UNKNOWN_SHAPE, RUNTIME_FOREIGN_SHAPE, GRAPH_ZERO_GROUPS
 */
export async function inferShapes(
  graph: Graph,
  inputShapes: InputShapes,
  label: string,
): Promise<ReadonlyMap<string, TensorType>> {
  refuseZeroGroups(graph);
  const types = new Map(foreignTypes(graph, inputShapes));
  const severed = severForeign(graph);
  const bytes = encodeModel(skeleton(severed, severedShapes(graph, inputShapes)));
  // ONNX Runtime takes no graph without nodes, which is what is left where all are foreign.
  const isEmpty = severed !== graph && severed.nodes.length === 0;
  const session = isEmpty ? undefined : await Session.create(bytes, { optimization: 'basic', label });
  try {
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
    for (const { name, type, shape } of session?.outputs ?? []) {
      const producer = graph.value(name)?.producer;
      if (!shape.every((dim): dim is number => typeof dim === 'number' && dim >= 0)) {
        throw runtimeErrors.unknownShape(producer === undefined ? label : nodeLabel(producer), name);
      }
      types.set(name, { dataType: dataTypeOfRuntime(type), dims: shape });
    }
    return types;
  } finally {
    await session?.release();
  }
}

/** ONNX Runtime 1.30 divides by the groups of a ConvTranspose before it looks at them, and takes the process with it. */
function refuseZeroGroups(graph: Graph): void {
  for (const node of graph.nodes) {
    const group = node.proto.attribute.find(({ name }) => name === 'group')?.i;
    if (group !== undefined && group < 1n) throw graphErrors.zeroGroups(nodeLabel(node), group);
  }
}

function skeleton(graph: Graph, inputShapes: InputShapes): ModelProto {
  const proto = graph.model.graph;
  const constants: TensorProto[] = [];
  const inputs = graph.inputs.map((input) => {
    const elemType = input.declared?.type?.tensorType?.elemType ?? DataType.UNDEFINED;
    return valueInfo(input.name, elemType, inputShapes.get(input.name) ?? []);
  });
  for (const tensor of proto.initializer) {
    if (elementCount(tensor) <= CONSTANT_ELEMENTS && tensor.dataLocation !== DataLocation.EXTERNAL)
      constants.push(tensor);
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
