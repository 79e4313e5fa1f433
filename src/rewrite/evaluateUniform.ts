import type { Collapse } from '../channels/topology/collapse.js';
import type { Seed } from '../channels/topology/fading.js';
import type { Value } from '../graph/graph.js';
import { indexGraph } from '../graph/indexGraph.js';
import { makeNumbers } from '../graph/makeNumbers.js';
import { createMessage } from '../onnx/createMessage.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { ModelProto, NodeProto, TensorProto } from '../onnx/messages.js';
import { createTensor } from '../onnx/tensorData.js';
import { tensorPayload } from '../onnx/tensorPayload.js';
import type { BoundModel } from '../ops/bindModel.js';
import { constantTensor } from '../ops/constantTensor.js';
import { Session } from '../runtime/session.js';
import { scaleAlong } from './scaleAlong.js';

/**
 * The values that dead groups leave constant, by name, each with one position on all axes along which it is the same.
 * ONNX Runtime calculates them from the biases of the nodes that sum over nothing.
 *
 * @param cut the model with its constants cut
 * @param dimsOf dimensions after the cut
 */
export async function evaluateUniform(
  model: BoundModel,
  { constants, folds, evaluated, seeds }: Collapse,
  cut: ModelProto,
  dimsOf: (value: Value) => readonly number[],
): Promise<ReadonlyMap<string, TensorProto>> {
  const stored = indexGraph(cut, model.graph.dir);
  const tensorOf = (name: string): TensorProto | undefined => {
    const value = stored.value(name);
    const tensor = value === undefined ? undefined : constantTensor(value);
    return tensor === undefined ? undefined : { ...tensor, name };
  };
  const known = new Map<string, TensorProto>();
  for (const node of evaluated) {
    const seed = seeds.get(node);
    if (seed === undefined) continue;
    const output = node.outputs[0]!;
    const bias = seed.bias === undefined ? undefined : tensorOf(node.inputs[seed.bias.input]!.name);
    const dims = dimsOf(output).map((dim, axis) => (axis === seed.axis ? dim : 1));
    known.set(output.name, seedTensor(output.name, seed, bias, dims, model.typeOf(output).dataType, model.graph.dir));
  }
  const wanted = [...constants, ...folds].map(({ value }) => value).filter(({ name }) => !known.has(name));
  if (wanted.length === 0) return known;
  const protos = new Map(cut.graph?.node.map((proto) => [proto.output[0], proto]));
  const nodes = evaluated.filter((node) => !seeds.has(node)).map((node) => protos.get(node.proto.output[0])!);
  const initializer = new Map<string, TensorProto>();
  for (const name of nodes.flatMap(({ input }) => input)) {
    const tensor = known.get(name) ?? tensorOf(name);
    if (tensor !== undefined) initializer.set(name, tensor);
  }
  const outputs = await run(modelOf(cut, nodes, [...initializer.values()], wanted), model);
  for (const { name } of wanted) {
    const { data, dims, type } = outputs[name]!;
    const { buffer, byteOffset, byteLength } = data as Float32Array;
    const { dataType } = model.typeOf(model.graph.value(name)!);
    if (ArrayBuffer.isView(data)) {
      known.set(name, createTensor(name, dataType, dims, new Uint8Array(buffer, byteOffset, byteLength).slice()));
    } else throw new Error(`'${name}' is of type ${type}`);
  }
  return known;
}

/** What a node gives that sums over nothing: its bias, or zeros. */
function seedTensor(
  name: string,
  { bias: addend }: Seed,
  bias: TensorProto | undefined,
  dims: readonly number[],
  dataType: number,
  dir: string | undefined,
): TensorProto {
  if (addend === undefined || bias === undefined) {
    const size = dims.reduce((product, dim) => product * dim, 1);
    return makeNumbers(name, Array<number>(size).fill(0), dims, dataType);
  }
  const scaled = addend.factor === 1 ? bias : scaleAlong(bias, addend.inputAxis, () => addend.factor, dir);
  return createTensor(name, dataType, dims, tensorPayload(scaled, dir));
}

function modelOf(
  like: ModelProto,
  node: readonly NodeProto[],
  initializer: readonly TensorProto[],
  outputs: readonly Value[],
): ModelProto {
  return createMessage('ModelProto', {
    ...like,
    functions: like.functions,
    graph: createMessage('GraphProto', {
      name: 'constants',
      node,
      output: outputs.map(({ name }) => createMessage('ValueInfoProto', { name })),
      initializer,
    }),
  });
}

async function run(model: ModelProto, { label, threads }: BoundModel) {
  const session = await Session.create(encodeModel(model), { label, threads });
  try {
    return await session.run({});
  } finally {
    await session.release();
  }
}
