import type { Collapse } from '../channels/topology/collapse.js';
import type { Seed } from '../channels/topology/fading.js';
import type { Node, Value } from '../graph/graph.js';
import { indexGraph } from '../graph/indexGraph.js';
import { makeNumbers } from '../graph/makeNumbers.js';
import { createMessage } from '../onnx/createMessage.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { ModelProto, NodeProto, TensorProto } from '../onnx/messages.js';
import { createTensor, tensorFloats } from '../onnx/tensorData.js';
import { tensorPayload } from '../onnx/tensorPayload.js';
import type { BoundModel } from '../ops/bindModel.js';
import { constantTensor } from '../ops/constantTensor.js';
import type { AxisRef } from '../ops/relation.js';
import { Session } from '../runtime/session.js';
import { scaleAlong } from './scaleAlong.js';

/** By node that sums over nothing, what is added to its constant at each position of the axis before the cut. */
export type SeedAmounts = ReadonlyMap<Node, Float64Array>;

/** What constants are calculated from, beside the model. */
export interface Evaluation {
  readonly amounts: SeedAmounts;
  /** Dimensions after the cut. */
  dimsOf(value: Value): readonly number[];
  /** The old position of each position of an axis; undefined where it stays as it is. */
  selectionOf(axis: AxisRef): readonly number[] | undefined;
}

/**
 * The values that dead groups leave constant, by name, each with one position on all axes along which it is the same.
 * ONNX Runtime calculates them from the biases of the nodes that sum over nothing.
 *
 * @param cut the model with its constants cut
 */
export async function evaluateUniform(
  model: BoundModel,
  { constants, folds, evaluated, seeds }: Collapse,
  cut: ModelProto,
  { amounts, dimsOf, selectionOf }: Evaluation,
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
    const tensor = seedTensor(output.name, seed, bias, dims, model.typeOf(output).dataType, model.graph.dir);
    const amount = amounts.get(node);
    if (amount === undefined) known.set(output.name, tensor);
    else {
      const kept = selectionOf({ value: output, axis: seed.axis });
      const sums = Array.from(tensorFloats(tensor), (number, i) => number + amount[kept?.[i] ?? i]!);
      known.set(output.name, makeNumbers(output.name, sums, dims, model.typeOf(output).dataType));
    }
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
