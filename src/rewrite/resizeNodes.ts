import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import { rewriteErrors } from '../errors/rewriteErrors.js';
import { type Node, nodeLabel, type Value } from '../graph/graph.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import { type Dimension, distinctSources } from '../ops/dimension.js';
import { inputRole, type ResizeContext } from '../ops/opDef.js';
import type { AxisRef } from '../ops/relation.js';
import { reachesAlone } from './ownElements.js';
import { type NodeChange, patchModel } from './patchModel.js';

/** The widths after the rewrite. */
export interface NewWidths {
  /** Nodes that are gone afterwards, so that their shapes do not matter. */
  isGone(node: Node): boolean;
  dimsOf(value: Value): readonly number[];
  /** The old position of each position of an axis; undefined where it stays as it is. */
  selectionOf(axis: AxisRef): readonly number[] | undefined;
}

/** A number that a node wants an element of a constant or calculated value to be. */
interface Wish {
  readonly number: number;
  readonly node: Node;
}

/**
 * Gives nodes the attributes and shape constants that fit their new widths.
 *
 * An input that no free dimension has a part in is replaced for that node alone. Otherwise the elements that are
 * constants, or calculated from widths that are not free, are changed where they stand (in a piece of a Concat, say),
 * if all who read them agree; the others stay symbolic. A node that may have elements of its own asks nothing of others:
 * where they are not as it needs them, it gets a list with its own numbers in it. What nodes read as plain numbers keeps
 * its value.
 *
 * @param model the model with its weights cut already
 * @throws REWRITE_SHARED_CONSTANT where two nodes need different values of one element
 */
export function resizeNodes(
  analysis: ChannelAnalysis,
  model: ModelProto,
  { dimsOf, selectionOf, isGone }: NewWidths,
): ModelProto {
  const bound = analysis.model;
  const isRecalculated = (value: Value) =>
    distinctSources(bound.dimensions(value) ?? []).some((axis) => selectionOf(axis) !== undefined);
  const changes = new Map<Node, NodeChange>();
  const wishes = new Map<Value, Map<number, Wish>>();
  const lists: OwnList[] = [];
  for (const { node, context, isShapeArithmetic, ...record } of bound.nodes) {
    if (isShapeArithmetic || !record.known || isGone(node)) continue;
    const resizeContext: ResizeContext = {
      ...context,
      newInputDims: (input) => dimsOf(node.inputs[input]!),
      newOutputDims: (output) => dimsOf(node.outputs[output]!),
      keptPositions: selectionOf,
    };
    const patch = record.op.resize?.(resizeContext, record.attributes) ?? {};
    const own = new Map(patch.inputs);
    node.inputs.forEach((value, input) => {
      const isOwnBusiness = record.op.resize !== undefined && inputRole(record.op, input) === 'setting';
      // A number that was calculated from a width (the scale of attention, say) stays what it was.
      if (value !== undefined && !isOwnBusiness && isRecalculated(value)) own.set(input, bound.numbers(value)!);
    });
    for (const [input, contents] of patch.constants ?? []) {
      const source = node.inputs[input];
      const before = source === undefined ? undefined : bound.numbers(source);
      const isUnchanged = before?.length === contents.length && contents.every((number, i) => number === before[i]);
      // What is calculated from widths that change needs a number of its own even where that stays the same.
      const isSettled = isUnchanged && source !== undefined && !isRecalculated(source);
      if (source !== undefined && (isSettled || !isPrivate(source, bound)))
        wishFor({ source, contents, node, input }, bound, wishes, lists);
      else own.set(input, contents);
    }
    for (const [input, contents] of patch.elements ?? []) {
      const source = node.inputs[input]!;
      if (isPrivate(source, bound)) own.set(input, contents);
      else lists.push({ node, input, source, contents });
    }
    if (own.size > 0 || patch.attributes !== undefined) {
      changes.set(node, { constants: own, attributes: patch.attributes ?? {} });
    }
  }
  for (const { node, source, contents } of lists) wishWhereAlone(source, contents, node, bound, wishes);
  const values = changedValues(bound, wishes, isRecalculated);
  for (const { node, input, source, contents } of lists) {
    const elements = new Map<number, number>();
    bound.dimensions(source)?.forEach((dimension, i) => {
      if (isStatic(dimension, bound) && becomes(dimension) !== contents[i]) elements.set(i, contents[i]!);
    });
    if (elements.size === 0) continue;
    const change: NodeChange = changes.get(node) ?? { constants: new Map(), attributes: {} };
    changes.set(node, { ...change, elements: new Map([...(change.elements ?? []), [input, elements]]) });
  }
  return patchModel(model, bound, changes, values);

  /** What an element is after the rewrite, if nothing is done for one node; undefined where nobody knows. */
  function becomes(dimension: Dimension): number | undefined {
    if (dimension.kind === 'axis') {
      return selectionOf(dimension.axis)?.length ?? bound.typeOf(dimension.axis.value).dims[dimension.axis.axis];
    }
    const { value, element } = dimension;
    const known = values.get(value) ?? (isRecalculated(value) ? undefined : bound.numbers(value));
    return known?.[element];
  }
}

/** A list that a node reads, of which some elements are free. */
interface OwnList {
  readonly node: Node;
  readonly input: number;
  readonly source: Value;
  readonly contents: readonly number[];
}

/** Asks for the constants of a list that no other node reads. */
function wishWhereAlone(
  source: Value,
  contents: readonly number[],
  node: Node,
  bound: BoundModel,
  wishes: Map<Value, Map<number, Wish>>,
): void {
  bound.dimensions(source)?.forEach((dimension, i) => {
    if (dimension.kind !== 'constant' || !reachesAlone(dimension.value, node, bound)) return;
    const elements = wishes.get(dimension.value) ?? new Map<number, Wish>();
    wishes.set(dimension.value, elements.set(dimension.element, { number: contents[i]!, node }));
  });
}

/** Whether a node's own copy of an input freezes nothing that is free. */
function isPrivate(source: Value, bound: BoundModel): boolean {
  if (bound.constant(source) !== undefined) return true;
  const dimensions = bound.dimensions(source);
  return dimensions?.every((dimension) => isStatic(dimension, bound)) ?? false;
}

function isStatic(dimension: Dimension, bound: BoundModel): boolean {
  switch (dimension.kind) {
    case 'constant':
      return true;
    case 'axis':
      return !bound.isFree(dimension.axis);
    case 'computed':
      return !dimension.sources.some((source) => bound.isFree(source));
  }
}

/** Asks for the elements where they stand; where another node needs them otherwise, for a list of its own. */
function wishFor(list: OwnList, bound: BoundModel, wishes: Map<Value, Map<number, Wish>>, lists: OwnList[]): void {
  const { source, contents, node } = list;
  const asked = (bound.dimensions(source) ?? []).flatMap((dimension, i) =>
    dimension.kind === 'axis' || !isStatic(dimension, bound) ? [] : [{ dimension, number: contents[i]! }],
  );
  for (const { dimension, number } of asked) {
    const other = wishes.get(dimension.value)?.get(dimension.element);
    if (other === undefined || other.number === number) continue;
    if (bound.typeOf(source).dims.length !== 1) {
      throw rewriteErrors.sharedConstant(nodeLabel(node), nodeLabel(other.node), dimension.value.name);
    }
    lists.push(list);
    return;
  }
  for (const { dimension, number } of asked) {
    const elements = wishes.get(dimension.value) ?? new Map<number, Wish>();
    wishes.set(dimension.value, elements.set(dimension.element, { number, node }));
  }
}

/** New contents of constants and calculated values, where they change. */
function changedValues(
  bound: BoundModel,
  wishes: ReadonlyMap<Value, ReadonlyMap<number, Wish>>,
  isRecalculated: (value: Value) => boolean,
): ReadonlyMap<Value, readonly number[]> {
  const changed = new Map<Value, readonly number[]>();
  for (const [value, elements] of wishes) {
    const before = bound.numbers(value) ?? [];
    const after = before.map((number, element) => elements.get(element)?.number ?? number);
    if (isRecalculated(value) || after.some((number, i) => number !== before[i])) changed.set(value, after);
  }
  return changed;
}
