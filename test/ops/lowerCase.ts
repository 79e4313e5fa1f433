/** @file A case in tf.js, on its cpu backend, and the same in ONNX Runtime. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { registerGradients } from '../../src/engine/onnxruntime/gradients/registerGradients.js';
import { indexGraph } from '../../src/graph/indexGraph.js';
import { requireDataType } from '../../src/onnx/dataType.js';
import type { ModelProto, TensorProto } from '../../src/onnx/messages.js';
import { tensorData, tensorFloats } from '../../src/onnx/tensorData.js';
import { tensorShape } from '../../src/onnx/tensorSize.js';
import { allOps } from '../../src/ops/allOps.js';
import { type BoundNode, bindModel } from '../../src/ops/bindModel.js';
import { inputRole, type LowerContext, type Untrainable } from '../../src/ops/opDef.js';
import { resolveInputShapes } from '../../src/runtime/inputShapes.js';
import { type TensorData, tensor } from '../../src/runtime/session.js';
import { runtimeNameOf } from '../../src/runtime/tensorTypes.js';
import { inputOf, modelOf } from '../support/modelOf.js';
import { runModel } from '../support/runModel.js';
import { feedsOf, type OpCase } from './cases/opCase.js';

tf.env().set('IS_TEST', true);
// The cpu backend greets with a warning meant for users who look for speed.
tf.env().set('IS_NODE', false);
registerGradients(tf);

export interface Reading {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** A case, ready to be run with any values for its float inputs. */
export interface LoweredCase {
  /** Names and values of the inputs that gradients flow to. */
  readonly variables: readonly { readonly name: string; readonly tensor: tf.Tensor }[];
  /** Running statistics, in the order of the inputs. */
  readonly statistics: readonly tf.Tensor[];
  apply(tensors: readonly tf.Tensor[]): readonly tf.Tensor[] | Untrainable;
}

export function modelOfCase(op: OpCase): ModelProto {
  const outputs = op.node.output.filter((name) => name !== '');
  const { opset, weights = {} } = op;
  const typedInputs = [...feedsOf(op)].map(([name, proto]) => inputOf(name, tensorShape(proto), proto.dataType));
  return modelOf({ inputs: {}, typedInputs, opset, weights, nodes: [op.node], outputs });
}

export function lowerCase(op: OpCase, training: Partial<LowerContext> = {}): Promise<LoweredCase> {
  return lowerNode(modelOfCase(op), feedsOf(op), training);
}

/** The only node of a model. @param fed values of the graph's inputs, by name */
export async function lowerNode(
  model: ModelProto,
  fed: ReadonlyMap<string, TensorProto>,
  training: Partial<LowerContext> = {},
): Promise<LoweredCase> {
  const graph = indexGraph(model);
  const bound = await bindModel(graph, allOps, resolveInputShapes(graph), 'case');
  const node = bound.nodes[0]!;
  if (!node.known) throw new Error(node.reason);
  const tensors = node.node.inputs.map((value, input) => {
    if (value === undefined) return undefined;
    const proto = fed.get(value.name) ?? (isSetting(node, input) ? undefined : value.initializer);
    return proto === undefined ? undefined : tensorOf(proto);
  });
  const isVariable = (input: number) =>
    tensors[input]?.dtype === 'float32' && inputRole(node.op, input) !== 'statistic';
  const at = tensors.map((_, input) => input).filter(isVariable);
  const context: LowerContext = {
    ...node.context,
    training: false,
    updateStatistic: () => {
      throw new Error('statistics change in training alone');
    },
    runningDims: (output) => node.context.outputDims(output),
    noise: (shape) => tf.randomUniform([...shape], 0, 1, 'float32', 7),
    ...training,
  };
  return {
    variables: at.map((input) => ({ name: node.node.inputs[input]!.name, tensor: tensors[input]! })),
    statistics: tensors
      .filter((value, input) => value?.dtype === 'float32' && !at.includes(input))
      .map((value) => value!),
    apply: (given) => {
      const inputs = tensors.map((value, input) => given[at.indexOf(input)] ?? value);
      return node.op.lower(tf, inputs, node.attributes, context);
    },
  };
}

/** Integers and truth values as tf.js has them. */
function tensorOf(proto: TensorProto): tf.Tensor {
  const { kind } = requireDataType(proto);
  const shape = [...tensorShape(proto)];
  if (kind === 'float') return tf.tensor(tensorFloats(proto), shape, 'float32');
  const numbers = Array.from(tensorData(proto), Number);
  return kind === 'bool' ? tf.tensor(Uint8Array.from(numbers), shape, 'bool') : tf.tensor(numbers, shape, 'int32');
}

function isSetting(node: BoundNode & { readonly known: true }, input: number): boolean {
  return inputRole(node.op, input) === 'setting';
}

/** What ONNX Runtime gives for a case. */
export async function expectedOutputs(op: OpCase): Promise<readonly Reading[]> {
  const feeds = Object.fromEntries(
    [...feedsOf(op)].map(([name, proto]) => [
      name,
      tensor(runtimeNameOf(proto.dataType!)!, tensorData(proto) as TensorData, tensorShape(proto)),
    ]),
  );
  const results = await runModel(modelOfCase(op), feeds);
  return op.node.output
    .filter((name) => name !== '')
    .map((name) => ({
      shape: results[name]!.dims,
      values: Array.from(results[name]!.data as ArrayLike<number | bigint>, Number),
    }));
}

export { tf };
