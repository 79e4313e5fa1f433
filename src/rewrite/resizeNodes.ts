import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import { rewriteErrors } from '../errors/rewriteErrors.js';
import { capturedNames } from '../graph/captures.js';
import { type Node, nodeLabel, type Value } from '../graph/graph.js';
import { makeIntegerAttribute, makeIntegers } from '../graph/make.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import type { AttributeProto, ModelProto, NodeProto, TensorProto } from '../onnx/messages.js';
import { tensorShape } from '../onnx/tensorSize.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { ResizeContext } from '../ops/opDef.js';

/**
 * Gives nodes the attributes and shape constants that fit their new widths.
 *
 * A constant that a node reads directly is replaced for that node alone. An element that reaches it through shape
 * arithmetic (Concat of constants, say) is changed where it stands, if all who read it agree.
 *
 * @param model the model with its weights cut already
 * @throws REWRITE_SHARED_CONSTANT where two nodes need different values of one element
 */
export function resizeNodes(
  analysis: ChannelAnalysis,
  model: ModelProto,
  dimsOf: (value: Value) => readonly number[],
): ModelProto {
  const bound = analysis.model;
  const direct = new Map<Node, Map<number, readonly number[]>>();
  const wishes = new Map<Value, Map<number, { readonly value: number; readonly node: Node }>>();
  const attributes = new Map<NodeProto, Readonly<Record<string, number | readonly number[]>>>();

  for (const { node, context, isShapeArithmetic, ...record } of bound.nodes) {
    if (isShapeArithmetic || !record.known || record.op.resize === undefined) continue;
    const resizeContext: ResizeContext = {
      ...context,
      newInputDims: (input) => dimsOf(node.inputs[input]!),
      newOutputDims: (output) => dimsOf(node.outputs[output]!),
    };
    const patch = record.op.resize(resizeContext, record.attributes);
    if (patch.attributes !== undefined) attributes.set(node.proto, patch.attributes);
    for (const [input, contents] of patch.constants ?? []) {
      const source = node.inputs[input]!;
      if (bound.constant(source) !== undefined) {
        if (contents.some((value, i) => value !== bound.numbers(source)?.[i])) {
          direct.set(node, (direct.get(node) ?? new Map()).set(input, contents));
        }
        continue;
      }
      bound.dimensions(source)?.forEach((dimension, i) => {
        if (dimension.kind !== 'constant') return;
        const elements = wishes.get(dimension.value) ?? new Map();
        wishes.set(dimension.value, elements);
        const other = elements.get(dimension.element);
        if (other !== undefined && other.value !== contents[i]) {
          throw rewriteErrors.sharedConstant(nodeLabel(node), nodeLabel(other.node), dimension.value.name);
        }
        elements.set(dimension.element, { value: contents[i]!, node });
      });
    }
  }
  return patchNodes(replaceTensors(model, shapeConstants(bound, wishes)), bound, direct, attributes);
}

function shapeConstants(
  bound: BoundModel,
  wishes: ReadonlyMap<Value, ReadonlyMap<number, { readonly value: number }>>,
): ReadonlyMap<string, TensorProto> {
  const changed = new Map<string, TensorProto>();
  for (const [value, elements] of wishes) {
    const before = bound.numbers(value) ?? [];
    const after = before.map((number, element) => elements.get(element)?.value ?? number);
    if (after.every((number, i) => number === before[i])) continue;
    changed.set(value.name, makeIntegers(value.name, after, bound.typeOf(value).dims));
  }
  return changed;
}

function patchNodes(
  model: ModelProto,
  bound: BoundModel,
  direct: ReadonlyMap<Node, ReadonlyMap<number, readonly number[]>>,
  attributes: ReadonlyMap<NodeProto, Readonly<Record<string, number | readonly number[]>>>,
): ModelProto {
  const graph = model.graph;
  if (graph === undefined || (direct.size === 0 && attributes.size === 0)) return model;
  const added = new Map<string, TensorProto>();
  const names = new Set(bound.graph.values.map((value) => value.name));
  const inputsOf = new Map<string, ReadonlyMap<number, readonly number[]>>();
  for (const [node, inputs] of direct) inputsOf.set(node.proto.output[0] ?? '', inputs);
  const attributesOf = new Map<string, Readonly<Record<string, number | readonly number[]>>>();
  for (const [proto, changes] of attributes) attributesOf.set(proto.output[0] ?? '', changes);

  const node = graph.node.map((proto) => {
    // Rewrites may have made a new NodeProto; its first output still tells which node it is.
    const inputs = inputsOf.get(proto.output[0] ?? '');
    const changes = attributesOf.get(proto.output[0] ?? '');
    if (inputs === undefined && changes === undefined) return proto;
    const input = proto.input.map((name, i) => {
      const contents = inputs?.get(i);
      if (contents === undefined) return name;
      const fresh = freshName(`${name}_${contents.join('x')}`, names, added, contents);
      const dims = bound.typeOf(bound.graph.value(name)!).dims;
      added.set(fresh, makeIntegers(fresh, contents, dims));
      return fresh;
    });
    return { ...proto, input, attribute: patchAttributes(proto.attribute, changes ?? {}) };
  });
  return dropUnread(
    { ...model, graph: { ...graph, node, initializer: [...graph.initializer, ...added.values()] } },
    graph.node,
  );
}

function patchAttributes(
  attributes: readonly AttributeProto[],
  changes: Readonly<Record<string, number | readonly number[]>>,
): readonly AttributeProto[] {
  return attributes.map((attribute) => {
    const change = changes[attribute.name ?? ''];
    return change === undefined ? attribute : makeIntegerAttribute(attribute.name ?? '', change);
  });
}

/** A name that is free, or that was given to the same contents before. */
function freshName(
  wanted: string,
  taken: ReadonlySet<string>,
  added: ReadonlyMap<string, TensorProto>,
  contents: readonly number[],
): string {
  for (let i = 0; ; i++) {
    const name = i === 0 ? wanted : `${wanted}_${i}`;
    const other = added.get(name);
    if (other !== undefined && tensorShape(other)[0] === contents.length) return name;
    if (!taken.has(name)) return name;
  }
}

/** Drops the constants that only the replaced inputs read. */
function dropUnread(model: ModelProto, before: readonly NodeProto[]): ModelProto {
  const graph = model.graph!;
  const reads = (node: NodeProto) => [...node.input, ...capturedNames(node)];
  const wasRead = new Set(before.flatMap(reads));
  const isRead = new Set([...graph.node.flatMap(reads), ...graph.output.map(({ name }) => name ?? '')]);
  const isStale = (name: string) => wasRead.has(name) && !isRead.has(name);
  return {
    ...model,
    graph: {
      ...graph,
      node: graph.node.filter(({ output }) => !output.every(isStale)),
      initializer: graph.initializer.filter(({ name = '' }) => !isStale(name)),
    },
  };
}
