import { capturedNames } from '../graph/captures.js';
import type { Node, Value } from '../graph/graph.js';
import { makeFloatAttribute, makeIntegerAttribute } from '../graph/make.js';
import { makeNumbers } from '../graph/makeNumbers.js';
import { replaceTensors } from '../graph/replaceTensors.js';
import { DataType } from '../onnx/dataType.js';
import type { AttributeProto, ModelProto, NodeProto, TensorProto } from '../onnx/messages.js';
import { tensorBytes } from '../onnx/tensorPayload.js';
import { tensorShape } from '../onnx/tensorSize.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { AttributePatch } from '../ops/opDef.js';
import { replaceElements } from './ownElements.js';

/** What changes on one node. */
export interface NodeChange {
  /** New contents of inputs by position, for this node alone. */
  readonly constants: ReadonlyMap<number, readonly number[]>;
  /** Elements of inputs that become numbers for this node alone, while the others stay calculated. */
  readonly elements?: ReadonlyMap<number, ReadonlyMap<number, number>>;
  /** New attributes; null takes one away. */
  readonly attributes: Readonly<Record<string, AttributePatch>>;
}

/**
 * Puts new attributes and constants in place.
 *
 * @param values constants and calculated values that get new contents for all who read them
 */
export function patchModel(
  model: ModelProto,
  bound: BoundModel,
  changes: ReadonlyMap<Node, NodeChange>,
  values: ReadonlyMap<Value, readonly number[]>,
): ModelProto {
  if (changes.size === 0 && values.size === 0) return model;
  const stored = new Map<string, TensorProto>();
  const calculated = new Map<string, TensorProto>();
  for (const [value, contents] of values) {
    const { dims, dataType } = bound.typeOf(value);
    const tensor = makeNumbers(value.name, contents, dims, dataType);
    (bound.constant(value) === undefined ? calculated : stored).set(value.name, tensor);
  }
  const graph = replaceTensors(model, stored).graph;
  if (graph === undefined) throw new Error('an indexed model has a graph');
  const fresh = new FreshConstants(bound);
  // Rewrites may have made a new NodeProto; its first output still tells which node it is.
  const byOutput = new Map([...changes].map(([node, change]) => [node.proto.output[0], { node, change }]));
  const nodes = graph.node.flatMap((proto) => {
    // What was calculated is a constant of the same name now.
    if (proto.output.length === 1 && calculated.has(proto.output[0]!)) return [];
    const found = byOutput.get(proto.output[0]);
    return found === undefined ? [proto] : patchNode(proto, found.node, found.change, bound, fresh);
  });
  const initializer = [...graph.initializer, ...calculated.values(), ...fresh.tensors];
  return dropUnread({ ...model, graph: { ...graph, node: nodes, initializer } }, graph.node);
}

function patchNode(
  proto: NodeProto,
  node: Node,
  { constants, elements, attributes }: NodeChange,
  bound: BoundModel,
  fresh: FreshConstants,
): readonly NodeProto[] {
  const input = [...proto.input];
  const before: NodeProto[] = [];
  for (const [i, own] of elements ?? []) {
    const source = node.inputs[i]!;
    const { dims, dataType } = bound.typeOf(source);
    const list = replaceElements(
      source.name,
      own,
      dims[0]!,
      (contents) => fresh.add(source.name, makeNumbers('', contents, [contents.length], dataType), contents),
      (like) => fresh.name(like),
    );
    before.push(...list.nodes);
    input[i] = list.output;
  }
  for (const [i, contents] of constants) {
    while (input.length <= i) input.push('');
    const source = node.inputs[i];
    const dims = source === undefined ? [contents.length] : sameRank(bound.typeOf(source).dims, contents);
    const dataType = source === undefined ? DataType.INT64 : bound.typeOf(source).dataType;
    input[i] = fresh.add(
      source?.name ?? `${node.name}_input_${i}`,
      makeNumbers('', contents, dims, dataType),
      contents,
    );
  }
  return [...before, { ...proto, input, attribute: patchAttributes(proto.attribute, attributes) }];
}

/** The shape of new contents: the old one, or as many as there are now along a single axis. */
function sameRank(dims: readonly number[], contents: readonly number[]): readonly number[] {
  return dims.length === 1 ? [contents.length] : dims;
}

function patchAttributes(
  attributes: readonly AttributeProto[],
  changes: Readonly<Record<string, AttributePatch>>,
): readonly AttributeProto[] {
  const names = new Set(attributes.map(({ name }) => name));
  const changed = attributes.flatMap((attribute) => {
    const change = changes[attribute.name ?? ''];
    if (change === undefined) return [attribute];
    return change === null ? [] : [makeAttribute(attribute.name ?? '', change)];
  });
  const added = Object.entries(changes).flatMap(([name, change]) =>
    change === null || names.has(name) ? [] : [makeAttribute(name, change)],
  );
  return [...changed, ...added];
}

function makeAttribute(name: string, value: Exclude<AttributePatch, null>): AttributeProto {
  return typeof value === 'object' && 'float' in value
    ? makeFloatAttribute(name, value.float)
    : makeIntegerAttribute(name, value);
}

/** Constants that are new in the model, each contents once. */
class FreshConstants {
  private readonly byName = new Map<string, TensorProto>();
  private readonly taken: Set<string>;

  constructor(bound: BoundModel) {
    this.taken = new Set(bound.graph.values.map((value) => value.name));
  }

  get tensors(): Iterable<TensorProto> {
    return this.byName.values();
  }

  /** @returns a name like this one that nothing has */
  name(like: string): string {
    for (let i = 0; ; i++) {
      const name = i === 0 ? like : `${like}_${i}`;
      if (this.taken.has(name) || this.byName.has(name)) continue;
      this.taken.add(name);
      return name;
    }
  }

  /** @returns the name of a constant with these contents */
  add(like: string, tensor: TensorProto, contents: readonly number[]): string {
    const wanted = `${like}_${contents.length > 8 ? `${contents.length}_indices` : contents.join('x')}`;
    for (let i = 0; ; i++) {
      const name = i === 0 ? wanted : `${wanted}_${i}`;
      const other = this.byName.get(name);
      if (other === undefined && !this.taken.has(name)) {
        this.byName.set(name, { ...tensor, name });
        return name;
      }
      if (other !== undefined && isSame(other, tensor)) return name;
    }
  }
}

function isSame(a: TensorProto, b: TensorProto): boolean {
  if (a.dataType !== b.dataType || tensorShape(a).join() !== tensorShape(b).join()) return false;
  return Buffer.compare(tensorBytes(a), tensorBytes(b)) === 0;
}

/** Drops the nodes and constants that only replaced inputs read, and what only those read. */
function dropUnread(model: ModelProto, before: readonly NodeProto[]): ModelProto {
  const graph = model.graph!;
  const reads = (node: NodeProto) => [...node.input, ...capturedNames(node)];
  const wasRead = new Set(before.flatMap(reads));
  const outputs = graph.output.map(({ name }) => name ?? '');
  let nodes = graph.node;
  for (;;) {
    const isRead = new Set([...nodes.flatMap(reads), ...outputs]);
    const isStale = (name: string) => name === '' || (wasRead.has(name) && !isRead.has(name));
    const left = nodes.filter(({ output }) => !output.every(isStale));
    if (left.length === nodes.length) {
      const initializer = graph.initializer.filter(({ name = '' }) => !isStale(name));
      return { ...model, graph: { ...graph, node: nodes, initializer } };
    }
    nodes = left;
  }
}
