import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { isTrained } from '../cost/costTerms.js';
import type { Engine } from '../engine/engine.js';
import { trainErrors } from '../errors/trainErrors.js';
import { nodeLabel, type Value } from '../graph/graph.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import { DataType, requireDataType } from '../onnx/dataType.js';
import { encodeBfloat16, encodeFloat16 } from '../onnx/float16.js';
import type { ModelProto, TensorProto } from '../onnx/messages.js';
import { createTensor, tensorData, tensorFloats } from '../onnx/tensorData.js';
import { tensorShape } from '../onnx/tensorSize.js';
import type { BoundModel, BoundNode } from '../ops/bindModel.js';
import { inputRole, type LowerContext } from '../ops/opDef.js';

export interface ForwardOptions {
  readonly training: boolean;
  /** Random numbers from 0 to 1 for the random operators (Dropout) of this pass; needed for training alone. */
  readonly noise?: (shape: readonly number[]) => Tensor;
  /** What to take for some constants. */
  readonly constants?: ReadonlyMap<Value, Tensor> | undefined;
}

/** A graph as a tf.js function of its input, with its parameters as variables. */
export class TrainableModel {
  /** Trained constants. */
  readonly parameters: ReadonlyMap<Value, Variable>;
  /** Running statistics of normalisations. */
  private readonly statistics: ReadonlyMap<Value, Variable>;
  private readonly constants = new Map<Value, Tensor>();
  /** Nodes that the outputs depend on, in order. */
  private readonly nodes: readonly BoundNode[];
  private pendingStatistics = new Map<Value, Tensor>();

  constructor(
    private readonly engine: Engine,
    readonly bound: BoundModel,
  ) {
    this.nodes = neededNodes(bound);
    const parameters = new Map<Value, Variable>();
    const statistics = new Map<Value, Variable>();
    for (const value of bound.graph.values) {
      const tensor = bound.constant(value);
      if (tensor === undefined) continue;
      if (isTrained(bound, value)) parameters.set(value, this.variable(tensor, true));
      else if (isStatistic(bound, value)) statistics.set(value, this.variable(tensor, false));
    }
    this.parameters = parameters;
    this.statistics = statistics;
  }

  /**
   * Outputs of the graph for an input of any batch size.
   *
   * @returns the value asked for, e.g. the logits
   * @throws TRAIN_UNTRAINABLE where a node has no form in tf.js
   */
  forward(input: Tensor, output: Value, options: ForwardOptions): Tensor {
    return this.forwardAll(input, [output], options)[0]!;
  }

  /** {@link TrainableModel.forward} for several values in one pass. */
  forwardAll(input: Tensor, outputs: readonly Value[], { training, noise, constants }: ForwardOptions): Tensor[] {
    const { bound } = this;
    const graphInput = bound.graph.inputs[0]!;
    const values = new Map<Value, Tensor>([...(constants ?? []), [graphInput, input]]);
    const analysisBatch = bound.inputShapes.get(graphInput.name)?.[0] ?? 1;
    const batch = input.shape[0]!;
    for (const node of this.nodes) {
      if (node.isShapeArithmetic) continue;
      const label = nodeLabel(node.node);
      if (!node.known) throw trainErrors.untrainable(label, node.reason);
      const inputs = node.node.inputs.map((value, index) => {
        if (value === undefined) return undefined;
        // A setting is read as numbers, but where it was calculated here, or is too large.
        if (inputRole(node.op, index) === 'setting') {
          return values.get(value) ?? (bound.numbers(value) === undefined ? this.stored(value) : undefined);
        }
        const tensor = values.get(value) ?? this.stored(value);
        if (tensor === undefined)
          throw trainErrors.untrainable(label, `it reads '${value.name}', which tf.js cannot hold`);
        return tensor;
      });
      const context: LowerContext = {
        ...node.context,
        training,
        runningDims: (index) => {
          const value = node.node.outputs[index]!;
          return bound
            .typeOf(value)
            .dims.map((dim, axis) => (bound.followsBatch({ value, axis }) ? (dim / analysisBatch) * batch : dim));
        },
        updateStatistic: (index, tensor) => {
          const value = node.node.inputs[index];
          if (value !== undefined) this.pendingStatistics.set(value, this.engine.tf.keep(tensor));
        },
        noise: (shape) => {
          if (noise === undefined) throw new Error('a pass with random operators needs noise');
          return noise(shape);
        },
      };
      const results = node.op.lower(this.engine.tf, inputs, node.attributes, context);
      if ('untrainable' in results) throw trainErrors.untrainable(label, results.untrainable);
      results.forEach((tensor, index) => {
        const value = node.node.outputs[index];
        if (value !== undefined) values.set(value, tensor);
      });
    }
    return outputs.map((output) => {
      const result = values.get(output) ?? this.stored(output);
      if (result === undefined) throw new Error(`'${output.name}' is not computed`);
      return result;
    });
  }

  /** Gives the running statistics the values that the last training passes asked for. */
  applyStatistics(): void {
    for (const [value, tensor] of this.pendingStatistics) {
      this.statistics.get(value)?.assign(tensor);
      tensor.dispose();
    }
    this.pendingStatistics = new Map();
  }

  /** Parameters and statistics by the names of their values. */
  get variables(): ReadonlyMap<string, Variable> {
    return new Map([...this.parameters, ...this.statistics].map(([value, variable]) => [value.name, variable]));
  }

  /** The present parameters and statistics by the names of their values. */
  async weights(): Promise<ReadonlyMap<string, Float32Array>> {
    const weights = new Map<string, Float32Array>();
    for (const [name, variable] of this.variables) weights.set(name, (await variable.data()) as Float32Array);
    return weights;
  }

  /** The model with the present parameters and statistics, in the element types that the file had. */
  async toModel(): Promise<ModelProto> {
    return withWeights(this.bound, await this.weights());
  }

  dispose(): void {
    for (const variable of [...this.parameters.values(), ...this.statistics.values()]) variable.dispose();
    for (const tensor of this.constants.values()) tensor.dispose();
    for (const tensor of this.pendingStatistics.values()) tensor.dispose();
  }

  private variable(tensor: TensorProto, trainable: boolean): Variable {
    const { tf } = this.engine;
    const floats = Float32Array.from(tensorFloats(tensor, this.bound.graph.dir));
    return tf.tidy(() => tf.variable(tf.tensor(floats, [...tensorShape(tensor)], 'float32'), trainable));
  }

  /** A constant as tf.js has it: float32, int32 (masks, positions) or bool; undefined for all others. */
  private fromFile(tensor: TensorProto): Tensor | undefined {
    const { tf } = this.engine;
    const { dir } = this.bound.graph;
    const shape = [...tensorShape(tensor)];
    const { kind, bits } = requireDataType(tensor);
    if (kind === 'float') return tf.tensor(Float32Array.from(tensorFloats(tensor, dir)), shape, 'float32');
    if (bits < 8 || (kind !== 'int' && kind !== 'uint' && kind !== 'bool')) return undefined;
    const numbers = Array.from(tensorData(tensor, dir), Number);
    if (kind === 'bool') return tf.tensor(Uint8Array.from(numbers), shape, 'bool');
    return fitsInt32(numbers) ? tf.tensor(Int32Array.from(numbers), shape, 'int32') : undefined;
  }

  private stored(value: Value): Tensor | undefined {
    const variable = this.parameters.get(value) ?? this.statistics.get(value) ?? this.constants.get(value);
    if (variable !== undefined) return variable;
    const { tf } = this.engine;
    const tensor = this.bound.constant(value);
    const numbers = this.bound.numbers(value);
    if (tensor !== undefined) {
      const made = this.fromFile(tensor);
      if (made !== undefined) this.constants.set(value, tf.keep(made));
    } else if (numbers !== undefined) {
      // A scalar that was calculated from shapes.
      this.constants.set(value, tf.keep(tf.tensor([...numbers], [...this.bound.typeOf(value).dims], 'float32')));
    }
    return this.constants.get(value);
  }
}

/** A model with other constants, by the names of their values, in the element types that the file had. */
export function withWeights(bound: BoundModel, weights: ReadonlyMap<string, Float32Array>): ModelProto {
  const tensors = new Map<string, TensorProto>();
  for (const [name, numbers] of weights) {
    const value = bound.graph.value(name);
    const original = value === undefined ? undefined : bound.constant(value);
    if (original === undefined) throw new Error(`there is no constant '${name}'`);
    tensors.set(name, withFloats(original, name, numbers));
  }
  return replaceTensors(bound.graph.model, tensors);
}

/** Numbers that tf.js can hold as int32. */
function fitsInt32(numbers: readonly number[]): boolean {
  return numbers.every((number) => Number.isInteger(number) && Math.abs(number) < 2 ** 31);
}

function isStatistic(bound: BoundModel, value: Value): boolean {
  return value.uses.some(({ node, input }) => {
    const user = bound.bound(node);
    return user.known && input !== 'capture' && inputRole(user.op, input) === 'statistic';
  });
}

function neededNodes(bound: BoundModel): readonly BoundNode[] {
  const needed = new Set<Value>(bound.graph.outputs);
  const nodes: BoundNode[] = [];
  for (const node of [...bound.nodes].reverse()) {
    if (!node.node.outputs.some((value) => value !== undefined && needed.has(value))) continue;
    nodes.push(node);
    for (const value of [...node.node.inputs, ...node.node.captures]) if (value !== undefined) needed.add(value);
  }
  return nodes.reverse();
}

function withFloats(original: TensorProto, name: string, floats: Float32Array): TensorProto {
  const { dataType } = requireDataType(original);
  const dims = tensorShape(original);
  const elements = dims.reduce((product, dim) => product * dim, 1);
  if (elements !== floats.length) throw new Error(`'${name}' has ${floats.length} elements, not ${elements}`);
  const stored = storedFloats(dataType, floats);
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return createTensor(name, dataType, dims, bytes);
}

function storedFloats(dataType: number, floats: Float32Array): ArrayBufferView {
  switch (dataType) {
    case DataType.FLOAT16:
      return encodeFloat16(floats);
    case DataType.BFLOAT16:
      return encodeBfloat16(floats);
    case DataType.DOUBLE:
      return Float64Array.from(floats);
    default:
      return floats;
  }
}
