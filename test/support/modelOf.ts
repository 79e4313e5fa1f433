/** @file Small ONNX models for tests: what matters is said, everything else is made up from a seed. */
import { makeFloats, makeIntegers, makeTensorType } from '../../src/graph/make.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import {
  type AttributeProto,
  AttributeType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../src/onnx/messages.js';
import { createRng } from '../../src/random/rng.js';

/** A shape as a model declares it; a string is a free dimension. */
export type Dims = readonly (number | string)[];

/** A constant: a shape (filled at random), a range to draw from, or the tensor itself. */
export type WeightSketch =
  | readonly number[]
  | { readonly dims: readonly number[]; readonly from: number; readonly to: number }
  | TensorProto;

export interface ModelSketch {
  /** Float inputs by name. */
  readonly inputs: Readonly<Record<string, Dims>>;
  /** Inputs of other types. */
  readonly typedInputs?: readonly ValueInfoProto[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeProto[];
  readonly weights?: Readonly<Record<string, WeightSketch>>;
  readonly sparse?: readonly SparseTensorProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly opset?: number;
  /** Of other domains; 1 where nodes need one that is not named. */
  readonly opsets?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
  readonly seed?: number;
}

/** An attribute by its value; floats are wrapped, since `1` could be either. */
export type AttributeSketch =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: TensorProto }
  | { readonly graph: GraphProto };

/** The model of a sketch. Random weights are normal with variance 1 / fan-in, so that depth neither swells nor fades. */
export function modelOf(sketch: ModelSketch): ModelProto {
  const domains = sketch.nodes.flatMap(({ domain = '' }) =>
    domain === '' || domain === 'ai.onnx' ? [] : [[domain, 1] as const],
  );
  const opsets = { '': sketch.opset ?? 17, ...Object.fromEntries(domains), ...sketch.opsets };
  return createMessage('ModelProto', {
    irVersion: BigInt(sketch.irVersion ?? 8),
    opsetImport: Object.entries(opsets).map(([domain, version]) =>
      createMessage('OperatorSetIdProto', { domain, version: BigInt(version) }),
    ),
    graph: createMessage('GraphProto', {
      name: 'test',
      node: sketch.nodes,
      input: [
        ...Object.entries(sketch.inputs).map(([name, dims]) => inputOf(name, dims)),
        ...(sketch.typedInputs ?? []),
      ],
      output: sketch.outputs.map((name) => createMessage('ValueInfoProto', { name })),
      initializer: weightsOf(sketch.weights ?? {}, sketch.seed ?? 1),
      sparseInitializer: sketch.sparse ?? [],
      valueInfo: sketch.valueInfo ?? [],
    }),
  });
}

/** Declares a graph input. */
export function inputOf(name: string, dims: Dims, dataType: number = DataType.FLOAT): ValueInfoProto {
  return createMessage('ValueInfoProto', { name, type: makeTensorType(dataType, dims) });
}

/** A node named after its first output. */
export function node(
  opType: string,
  input: readonly string[],
  output: string | readonly string[],
  attributes: Readonly<Record<string, AttributeSketch>> = {},
  domain = '',
): NodeProto {
  const outputs = typeof output === 'string' ? [output] : output;
  const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
  return createMessage('NodeProto', {
    opType,
    name: outputs[0]!,
    input,
    output: outputs,
    attribute,
    ...(domain === '' ? {} : { domain }),
  });
}

/** An int64 tensor without a name of its own: as a weight it takes the key's. */
export function integers(values: readonly number[], dims?: readonly number[]): TensorProto {
  return makeIntegers('', values, dims);
}

/** A float tensor; `[]` as dims makes a scalar. */
export function floats(values: readonly number[], dims?: readonly number[]): TensorProto {
  return makeFloats('', values, dims);
}

/** Variances and gains: away from zero. */
export function positive(dims: readonly number[]): WeightSketch {
  return { dims, from: 0.5, to: 1.5 };
}

function attributeOf(name: string, value: AttributeSketch): AttributeProto {
  const make = (fields: Partial<AttributeProto>) => createMessage('AttributeProto', { name, ...fields });
  if (typeof value === 'number') return make({ type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === 'string') return make({ type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  if (isList(value)) return make({ type: AttributeType.INTS, ints: value.map(BigInt) });
  if ('float' in value) return make({ type: AttributeType.FLOAT, f: value.float });
  if ('floats' in value) return make({ type: AttributeType.FLOATS, floats: value.floats });
  if ('strings' in value) {
    const strings = value.strings.map((text) => new TextEncoder().encode(text));
    return make({ type: AttributeType.STRINGS, strings });
  }
  if ('tensor' in value) return make({ type: AttributeType.TENSOR, t: value.tensor });
  return make({ type: AttributeType.GRAPH, g: value.graph });
}

function weightsOf(sketches: Readonly<Record<string, WeightSketch>>, seed: number): readonly TensorProto[] {
  return Object.entries(sketches).map(([name, sketch]) => {
    if (!isList(sketch) && !('from' in sketch)) return { ...sketch, name };
    const rng = createRng(seed).fork(name);
    if (!isList(sketch)) {
      const { dims, from, to } = sketch;
      return makeFloats(
        name,
        Array.from({ length: size(dims) }, () => from + (to - from) * rng.next()),
        dims,
      );
    }
    const fanIn = Math.max(1, size(sketch.slice(1)));
    return makeFloats(
      name,
      Array.from({ length: size(sketch) }, () => rng.normal() / Math.sqrt(fanIn)),
      sketch,
    );
  });
}

function isList(value: unknown): value is readonly number[] {
  return Array.isArray(value);
}

function size(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
