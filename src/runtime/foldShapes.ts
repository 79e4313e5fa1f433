import { runtimeErrors } from '../errors/runtimeErrors.js';
import type { Graph, Node, Value } from '../graph/graph.js';
import { clampToInteger } from '../graph/int64.js';
import { makeIntegers } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { encodeModel } from '../onnx/encodeModel.js';
import { DataLocation, type TensorProto } from '../onnx/messages.js';
import { ALL_RUNNABLE, foreignNodes, severForeign, type Unrunnable } from './foreignNodes.js';
import { numbersOf } from './numbersOf.js';
import { Session } from './session.js';
import { isHandedOver, type TensorType } from './tensorTypes.js';

/** What the caller knows of operators. */
export interface FoldRules {
  /** Output of an operator that looks at the shape of its input alone (Shape, Size); undefined for all others. */
  shapeResult(node: Node): readonly number[] | undefined;
  /** Operators without inputs that always give the same. */
  isConstant(node: Node): boolean;
  /** Operators that give something else at every run. */
  isRandom(node: Node): boolean;
}

/** Shape-determined values and their contents. */
export interface FoldedValues {
  /** Contents of the small ones. */
  readonly contents: ReadonlyMap<Value, readonly number[]>;
  /** Values that depend on a shape, directly or by way of others. */
  readonly fromShapes: ReadonlySet<Value>;
}

/** Larger tensors are weights or masks: they carry channels, not shapes. */
const FOLD_ELEMENTS = 4096;

/**
 * Contents of all small values that constants and shapes determine, computed by ONNX Runtime on the part of the graph
 * that they need, with shapes put in as constants.
 */
export async function foldShapes(
  graph: Graph,
  types: ReadonlyMap<string, TensorType>,
  rules: FoldRules,
  unrunnable: Unrunnable = ALL_RUNNABLE,
): Promise<FoldedValues> {
  const determined = new Set<Value>();
  const fromShapes = new Set<Value>();
  for (const value of graph.values) {
    if (value.initializer !== undefined && !value.isInput && !isExternal(value.initializer)) determined.add(value);
  }
  const foreign = foreignNodes(graph.model, unrunnable);
  for (const node of graph.nodes) {
    if (foreign.has(node.proto)) continue;
    const byShape = rules.shapeResult(node) !== undefined;
    const reads = [...node.inputs, ...node.captures];
    const byInputs =
      rules.isConstant(node) ||
      (!rules.isRandom(node) &&
        node.inputs.length > 0 &&
        reads.every((value) => value === undefined || determined.has(value)));
    if (!byShape && !byInputs) continue;
    const dependsOnShape = byShape || reads.some((value) => value !== undefined && fromShapes.has(value));
    for (const output of node.outputs) {
      if (output === undefined) continue;
      determined.add(output);
      if (dependsOnShape) fromShapes.add(output);
    }
  }
  const wanted = [...determined].filter((value) => value.producer !== undefined && isSmall(types.get(value.name)));
  return { contents: await evaluate(graph, types, rules, wanted, unrunnable), fromShapes };
}

function isSmall(type: TensorType | undefined): boolean {
  if (type === undefined || !isHandedOver(type.dataType)) return false;
  return type.dims.reduce((product, dim) => product * dim, 1) <= FOLD_ELEMENTS;
}

function isExternal(tensor: TensorProto): boolean {
  return tensor.dataLocation === DataLocation.EXTERNAL;
}

async function evaluate(
  graph: Graph,
  types: ReadonlyMap<string, TensorType>,
  rules: FoldRules,
  wanted: readonly Value[],
  unrunnable: Unrunnable,
): Promise<ReadonlyMap<Value, readonly number[]>> {
  if (wanted.length === 0) return new Map();
  const nodes = new Set<Node>();
  const initializers = new Map<string, TensorProto>();
  const pending = [...wanted];
  const seen = new Set(pending);
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const node = value.producer;
    const shape = node === undefined ? undefined : rules.shapeResult(node);
    if (value.initializer !== undefined) initializers.set(value.name, value.initializer);
    else if (shape !== undefined) {
      initializers.set(value.name, makeIntegers(value.name, shape, types.get(value.name)?.dims ?? [shape.length]));
    } else if (node !== undefined) {
      nodes.add(node);
      for (const input of [...node.inputs, ...node.captures]) {
        if (input === undefined || seen.has(input)) continue;
        seen.add(input);
        pending.push(input);
      }
    }
  }
  const { model: runnable } = severForeign(graph, unrunnable);
  const proto = runnable.graph;
  const model = {
    ...runnable,
    graph: {
      ...proto,
      node: graph.nodes.filter((node) => nodes.has(node)).map((node) => node.proto),
      initializer: [...initializers.values()],
      sparseInitializer: [],
      input: [],
      valueInfo: [],
      quantizationAnnotation: [],
      output: wanted.map((value) => createMessage('ValueInfoProto', { name: value.name })),
    },
  };
  const session = await Session.create(encodeModel(model), {
    optimization: 'disabled',
    label: 'shape arithmetic',
    threads: 1,
  });
  try {
    const results = await session.run({});
    return new Map(
      wanted.map((value) => {
        const data = numbersOf(results[value.name]!);
        const dims = types.get(value.name)?.dims ?? [];
        if (data.length !== dims.reduce((product, dim) => product * dim, 1)) {
          throw runtimeErrors.runFailed(
            'shape arithmetic',
            `'${value.name}' has ${data.length} elements, not [${dims.join(', ')}]`,
          );
        }
        return [value, Array.from(data, (x) => (typeof x === 'bigint' ? clampToInteger(x) : Number(x)))];
      }),
    );
  } finally {
    await session.release();
  }
}
