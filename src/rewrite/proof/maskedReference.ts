import type { TrackedAxis } from '../../channels/axisTable.js';
import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';
import type { Node, Value } from '../../graph/graph.js';
import { makeIntegerAttribute, makeIntegers, makeNode } from '../../graph/make.js';
import { replaceTensors } from '../../graph/replaceTensors.js';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../../onnx/messages.js';
import type { AxisRef } from '../../ops/relation.js';
import type { Plan } from '../plan/plan.js';
import { constantMask } from './constantMask.js';
import { zeroAlong } from './zeroAlong.js';

/**
 * The original, at full width, in which nothing reads the removed units: what the cut model must equal.
 *
 * - Every consumer's weights for them are zero; where a weight is calculated, the data is multiplied by zeros instead.
 * - A node that calculates over the whole of an axis (a mean, a norm) is given the kept positions alone; where there is
 *   none, nothing reads what it gives.
 *
 * It shares nothing with the cut itself: no stored tensor is shortened, none but those weights is changed.
 */
export function maskedReference(analysis: ChannelAnalysis, plan: Plan): ModelProto {
  const { model, table } = analysis;
  const removedOf = (ref: AxisRef) => removedPositions(analysis, plan, table.find(ref));
  const zeroed = new Map<string, TensorProto>();
  const masks = new Map<Node, AxisRef[]>();
  for (const { node, weight, data } of analysis.contractions) {
    const removed = removedOf(weight);
    if (removed === undefined) continue;
    const { name } = weight.value;
    const tensor = zeroed.get(name) ?? model.constant(weight.value);
    if (tensor === undefined) masks.set(node, [...(masks.get(node) ?? []), data]);
    else {
      zeroed.set(name, { ...zeroAlong(tensor, weight.axis, removed, model.graph.dir), name });
    }
  }
  const restricted = new Set(
    analysis.restrictions.filter(({ axis }) => removedOf(axis)?.includes(0) === true).map(({ node }) => node),
  );
  const { graph } = replaceTensors(model.graph.model, zeroed);
  if (graph === undefined) throw new Error('an indexed model has a graph');
  const editor = new ReferenceEditor(analysis, removedOf);
  const byOutput = new Map(model.graph.nodes.map((node) => [node.proto.output[0], node]));
  const nodes = graph.node.flatMap((proto) => {
    const node = byOutput.get(proto.output[0]);
    if (node === undefined) return [proto];
    const masked = masks.has(node) ? editor.mask(proto, masks.get(node)!) : [proto];
    return restricted.has(node) ? [...masked.slice(0, -1), ...editor.restrict(masked.at(-1)!, node)] : masked;
  });
  return { ...model.graph.model, graph: editor.graph({ ...graph, node: nodes }) };
}

/** 1 for each position that the plan removes; undefined where it removes none. */
function removedPositions(
  { unitAt }: ChannelAnalysis,
  plan: Plan,
  axis: TrackedAxis | undefined,
): Uint8Array | undefined {
  if (axis === undefined) return undefined;
  const removed = Uint8Array.from({ length: axis.width }, (_, i) =>
    plan.copies[unitAt[axis.base + i]!] === 0 ? 1 : 0,
  );
  return removed.includes(1) ? removed : undefined;
}

/** Puts nodes around others, and collects the constants that they read. */
class ReferenceEditor {
  private readonly added: TensorProto[] = [];

  constructor(
    private readonly analysis: ChannelAnalysis,
    private readonly removedOf: (axis: AxisRef) => Uint8Array | undefined,
  ) {}

  /** The graph with the constants that were added. */
  graph(graph: GraphProto): GraphProto {
    return { ...graph, initializer: [...graph.initializer, ...this.added] };
  }

  /** Multiplies inputs of a node by zeros at the removed positions. */
  mask(proto: NodeProto, axes: readonly AxisRef[]): readonly NodeProto[] {
    const nodes: NodeProto[] = [];
    const maskedName = new Map<string, string>();
    for (const { value, axis } of axes) {
      const { dataType, dims } = this.analysis.model.typeOf(value);
      const mask = this.name('mask');
      this.added.push(constantMask(mask, dataType, this.removedOf({ value, axis })!, dims.length - axis - 1));
      const masked = this.name('masked');
      nodes.push(makeNode('Mul', [maskedName.get(value.name) ?? value.name, mask], [masked]));
      maskedName.set(value.name, masked);
    }
    return [...nodes, { ...proto, input: proto.input.map((name) => maskedName.get(name) ?? name) }];
  }

  /** Runs a node on the kept positions, and spreads its outputs over the full width again. */
  restrict(proto: NodeProto, node: Node): readonly NodeProto[] {
    const before: NodeProto[] = [];
    const after: NodeProto[] = [];
    const input = proto.input.map((name, i) => {
      const value = node.inputs[i];
      return value === undefined ? name : this.gather(name, value, before, (removed) => positions(removed, 0));
    });
    const output = proto.output.map((name, i) => {
      const value = node.outputs[i];
      if (value === undefined || this.changedAxes(value).length === 0) return name;
      const kept = this.name('kept');
      const spread = this.gather(kept, value, after, spreadIndices);
      after.push(makeNode('Identity', [spread], [name]));
      return kept;
    });
    return [...before, { ...proto, input, output }, ...after];
  }

  /** Takes positions along every changed axis of a value. @returns the name of the result */
  private gather(
    name: string,
    value: Value,
    into: NodeProto[],
    indicesOf: (removed: Uint8Array) => readonly number[],
  ): string {
    let source = name;
    for (const axis of this.changedAxes(value)) {
      const indices = this.name('indices');
      this.added.push(makeIntegers(indices, indicesOf(this.removedOf(axis)!)));
      const taken = this.name('taken');
      into.push(makeNode('Gather', [source, indices], [taken], [makeIntegerAttribute('axis', axis.axis)]));
      source = taken;
    }
    return source;
  }

  private changedAxes(value: Value): readonly TrackedAxis[] {
    return this.analysis.table.of(value).filter((axis) => this.removedOf(axis) !== undefined);
  }

  private count = 0;
  private name(what: string): string {
    return `//${what} ${this.count++}`;
  }
}

function positions(removed: Uint8Array, wanted: number): readonly number[] {
  return Array.from(removed.keys()).filter((position) => removed[position] === wanted);
}

/** Where each position of the full width is among the kept ones; any place will do for those that nothing reads. */
function spreadIndices(removed: Uint8Array): readonly number[] {
  let kept = 0;
  return Array.from(removed, (isRemoved) => (isRemoved === 1 ? 0 : kept++));
}
