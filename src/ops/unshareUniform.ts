import { capturedNames } from '../graph/captures.js';
import { DataType } from '../onnx/dataType.js';
import { DataLocation, type ModelProto, type NodeProto, type TensorProto } from '../onnx/messages.js';
import { tensorBytes } from '../onnx/tensorPayload.js';
import { elementCount, tensorShape } from '../onnx/tensorSize.js';

/** Bytes of an element, of the types that scales, shifts and zero points have. */
const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  [DataType.FLOAT]: 4,
  [DataType.DOUBLE]: 8,
  [DataType.FLOAT16]: 2,
  [DataType.BFLOAT16]: 2,
  [DataType.INT8]: 1,
  [DataType.UINT8]: 1,
  [DataType.INT32]: 4,
};

/** Channels of one layer. */
const MOST_ELEMENTS = 65536;

/**
 * Gives every node that reads a vector of one and the same number a copy of its own.
 *
 * Optimizers of ONNX files merge initializers that hold the same: the ones and zeros of exported GroupNorms, zero points,
 * biases that are zero. Layers that have nothing else to do with each other would keep the same channels for that.
 */
export function unshareUniform(model: ModelProto): ModelProto {
  const graph = model.graph;
  if (graph === undefined) return model;
  const readers = new Map<string, number>();
  for (const name of graph.node.flatMap((node) => [...node.input, ...capturedNames(node)])) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  const inputs = new Set(graph.input.map(({ name }) => name));
  const taken = new Set([
    ...inputs,
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ]);
  const uniform = new Map<string, TensorProto>();
  for (const tensor of graph.initializer) {
    const { name = '' } = tensor;
    if ((readers.get(name) ?? 0) > 1 && !inputs.has(name) && isUniform(tensor)) uniform.set(name, tensor);
  }
  const copies: TensorProto[] = [];
  // What a subgraph reads keeps its name.
  const read = new Set(graph.node.flatMap(capturedNames));
  const ownName = (name: string) => {
    const tensor = uniform.get(name);
    if (tensor === undefined) return name;
    if (!read.has(name)) {
      read.add(name);
      return name;
    }
    let number = 1;
    while (taken.has(`${name}_${number}`)) number++;
    const copy = { ...tensor, name: `${name}_${number}` };
    taken.add(copy.name);
    copies.push(copy);
    return copy.name;
  };
  const node = graph.node.map((given): NodeProto => {
    if (!given.input.some((name) => uniform.has(name))) return given;
    const input = given.input.map(ownName);
    return input.every((name, i) => name === given.input[i]) ? given : { ...given, input };
  });
  if (copies.length === 0) return model;
  return { ...model, graph: { ...graph, node, initializer: [...graph.initializer, ...copies] } };
}

/** Whether all elements along the only axis of a tensor that is wider than 1 are the same. */
function isUniform(tensor: TensorProto): boolean {
  const size = ELEMENT_BYTES[tensor.dataType ?? 0];
  if (size === undefined || tensor.dataLocation === DataLocation.EXTERNAL) return false;
  if (tensorShape(tensor).filter((dim) => dim !== 1).length !== 1) return false;
  const count = elementCount(tensor);
  if (count < 2 || count > MOST_ELEMENTS) return false;
  const bytes = tensorBytes(tensor);
  for (let i = size; i < bytes.length; i++) if (bytes[i] !== bytes[i - size]) return false;
  return true;
}
