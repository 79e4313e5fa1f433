import type { Node, Value } from '../graph/graph.js';
import { makeTensorType } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { TensorProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import { Session, tensor } from '../runtime/session.js';

/** An input of a node: a number for each position of an axis, the same at all others. */
export interface ConstantData {
  readonly data: Value;
  readonly axis: number;
  readonly values: ArrayLike<number>;
}

/**
 * What a linear node adds to its output for constant data, averaged over all axes but one: the difference between its
 * outputs for that and for zeros, in ONNX Runtime.
 *
 * @param outputAxis the axis of the first output along which the result runs
 */
export async function constantResponse(
  model: BoundModel,
  node: Node,
  { data, axis, values }: ConstantData,
  outputAxis: number,
): Promise<Float64Array> {
  const { dims } = model.typeOf(data);
  const inner = dims.slice(axis + 1).reduce((size, dim) => size * dim, 1);
  const size = dims.reduce((product, dim) => product * dim, 1);
  const filled = Float32Array.from({ length: size }, (_, i) => values[Math.floor(i / inner) % dims[axis]!]!);
  const { label, threads } = model;
  const session = await Session.create(encodeModel(nodeModel(model, node, data)), { label, threads });
  try {
    const run = async (x: Float32Array) => {
      const outputs = await session.run({ [data.name]: tensor('float32', x, dims) });
      return outputs[node.outputs[0]!.name]!;
    };
    const [y, zero] = [await run(filled), await run(new Float32Array(size))];
    const [after, before] = [y.data as Float32Array, zero.data as Float32Array];
    const width = y.dims[outputAxis]!;
    const stride = y.dims.slice(outputAxis + 1).reduce((product, dim) => product * dim, 1);
    const sums = new Float64Array(width);
    after.forEach((value, i) => {
      const position = Math.floor(i / stride) % width;
      sums[position] = sums[position]! + value - before[i]!;
    });
    return sums.map((sum) => (sum * width) / after.length);
  } finally {
    await session.release();
  }
}

/** The node alone, with its constants. */
function nodeModel({ graph, typeOf, constant }: BoundModel, node: Node, data: Value) {
  const constants = new Map<string, TensorProto>();
  for (const value of node.inputs) {
    const stored = value === undefined ? undefined : constant(value);
    if (value !== undefined && stored !== undefined) constants.set(value.name, { ...stored, name: value.name });
  }
  const { dims } = typeOf(data);
  return createMessage('ModelProto', {
    ...graph.model,
    functions: graph.model.functions,
    graph: createMessage('GraphProto', {
      name: 'node',
      node: [node.proto],
      input: [createMessage('ValueInfoProto', { name: data.name, type: makeTensorType(DataType.FLOAT, dims) })],
      output: [createMessage('ValueInfoProto', { name: node.outputs[0]!.name })],
      initializer: [...constants.values()],
    }),
  });
}
