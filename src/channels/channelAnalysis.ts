/** @file From the operators' relations to units and groups: what can only be kept or removed together. */
import type { Node, Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import { inputRole } from '../ops/opDef.js';
import { AxisTable, type TrackedAxis } from './axisTable.js';
import { type Contraction, joinAxes, type Restriction } from './joinAxes.js';
import { type Kept, NOTHING_KEPT } from './keptValues.js';

/** An axis that a group runs through. */
export interface GroupAxis {
  readonly axis: TrackedAxis;
  /** True where the axis belongs to a constant, so that a rewrite cuts stored values. */
  readonly isConstant: boolean;
  /** True where an operator sums over this axis of a constant: consumers' weights. */
  readonly isContracted: boolean;
}

/** The units that share the same axes, for example the 64 channels of a residual stage. */
export interface Group {
  readonly index: number;
  /** Name of the first node that gives the channels. */
  readonly name: string;
  /** Names of all nodes whose weights give them, in topological order. */
  readonly members: readonly string[];
  /** Unit ids, in the order of their first positions. */
  readonly units: readonly number[];
  readonly axes: readonly GroupAxis[];
  /** Why none of its units can be changed; undefined where they can. */
  readonly pinned: string | undefined;
  /** Why its units can be removed, but not repeated; undefined where both can be. */
  readonly unrepeatable: string | undefined;
}

/** How the channels of a model hang together. */
export interface ChannelAnalysis {
  readonly model: BoundModel;
  readonly table: AxisTable;
  readonly contractions: readonly Contraction[];
  readonly restrictions: readonly Restriction[];
  /** Unit of each position. */
  readonly unitAt: Int32Array;
  readonly unitCount: number;
  /** 1 where a position belongs to the same block as the one before: a channel of a flattened axis, a head. */
  readonly continues: Uint8Array;
  /** Group of each unit. */
  readonly groupOf: Int32Array;
  readonly groups: readonly Group[];
  /** Values whose channels the user wants to stay. */
  readonly kept: Kept;
}

/** Finds the units and groups of a model. */
export function analyzeChannels(model: BoundModel, kept: Kept = NOTHING_KEPT): ChannelAnalysis {
  const table = new AxisTable(model);
  const { union, runs, contractions, restrictions, unrepeatable } = joinAxes(model, table, kept);
  const unitAt = new Int32Array(table.positions);
  const unitOfRoot = new Map<number, number>();
  const reasons: (string | undefined)[] = [];
  for (let position = 0; position < table.positions; position++) {
    const root = union.find(position);
    let unit = unitOfRoot.get(root);
    if (unit === undefined) {
      unit = unitOfRoot.size;
      unitOfRoot.set(root, unit);
      reasons.push(union.reason(root));
    }
    unitAt[position] = unit;
  }
  const axesOfUnit = collectAxes(table, unitAt, unitOfRoot.size);
  const contracted = new Set(contractions.map(({ weight }) => table.find(weight)).filter((axis) => axis !== undefined));
  const weightReaders = new Map<Value, Set<Node>>();
  for (const { node, weight } of contractions) {
    weightReaders.set(weight.value, (weightReaders.get(weight.value) ?? new Set()).add(node));
  }
  const single = new Map<TrackedAxis, string>();
  for (const { axis, reason } of unrepeatable) {
    const tracked = table.find(axis);
    if (tracked !== undefined) single.set(tracked, reason);
  }
  const groupOf = new Int32Array(unitOfRoot.size);
  const bySignature = new Map<string, { units: number[]; axes: readonly TrackedAxis[]; pinned: string | undefined }>();
  axesOfUnit.forEach((axes, unit) => {
    // A pinned unit never shares a group with one that is not, so that groups shrink as a whole.
    const pinned = reasons[unit];
    const signature = `${pinned === undefined ? '' : 'pinned '}${axes.join(' ')}`;
    const found = bySignature.get(signature);
    if (found === undefined) {
      bySignature.set(signature, { units: [unit], axes: axes.map((axis) => table.axes[axis]!), pinned });
    } else found.units.push(unit);
  });
  const found = [...bySignature.values()].sort((a, b) => firstNode(a.axes) - firstNode(b.axes));
  const groups = found.map(({ units, axes, pinned }, index): Group => {
    for (const unit of units) groupOf[unit] = index;
    const groupAxes = axes.map((axis) => ({
      axis,
      isConstant: model.constant(axis.value) !== undefined,
      isContracted: contracted.has(axis),
    }));
    const members = givers(groupAxes, model, weightReaders);
    // Constant channels that padding adds have no giver: the node that they come out of names them.
    const producer = axes.find(({ value }) => value.producer !== undefined)?.value.producer;
    const name = members[0] ?? producer?.name ?? axes[0]!.value.name;
    const obstacle = axes.find((axis) => single.has(axis));
    return { index, name, members, units, axes: groupAxes, pinned, unrepeatable: obstacle && single.get(obstacle) };
  });
  const continues = Uint8Array.from(unitAt, (unit, position) =>
    runs.reason(position) !== undefined && unitAt[position - 1] === unit ? 1 : 0,
  );
  return {
    ...{ model, table, contractions, restrictions, unitAt, continues, groupOf, groups, kept },
    unitCount: unitOfRoot.size,
  };
}

/** For each unit, the indices of the axes that it has positions on, ascending. */
function collectAxes(table: AxisTable, unitAt: Int32Array, unitCount: number): readonly (readonly number[])[] {
  const axes: number[][] = Array.from({ length: unitCount }, () => []);
  for (const axis of table.axes) {
    for (let i = 0; i < axis.width; i++) {
      const list = axes[unitAt[axis.base + i]!]!;
      if (list[list.length - 1] !== axis.index) list.push(axis.index);
    }
  }
  return axes;
}

/** Where a group comes first in the graph: at the first node that gives or reads one of its axes. */
function firstNode(axes: readonly TrackedAxis[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { value } of axes) {
    if (value.producer !== undefined) first = Math.min(first, value.producer.index);
    else for (const { node } of value.uses) first = Math.min(first, node.index);
  }
  return first;
}

/** Names of the nodes whose weights give the channels, by an axis that they do not sum over. */
function givers(
  axes: readonly GroupAxis[],
  model: BoundModel,
  weightReaders: ReadonlyMap<Value, ReadonlySet<Node>>,
): readonly string[] {
  const nodes = new Set<Node>();
  const readers = new Set<Node>();
  for (const { axis, isConstant, isContracted } of axes) {
    if (!isConstant || isContracted || model.typeOf(axis.value).dims.length < 2) continue;
    for (const { node, input } of axis.value.uses) {
      const bound = model.bound(node);
      readers.add(node);
      const isWeight = bound.known && input !== 'capture' && inputRole(bound.op, input) === 'weight';
      // The stored left side of a product is a weight by what is done with it.
      if (!bound.known || isWeight || weightReaders.get(axis.value)?.has(node) === true) nodes.add(node);
    }
  }
  // A weight that is calculated is given by the node that calculates it.
  return [...(nodes.size > 0 ? nodes : readers)].sort((a, b) => a.index - b.index).map((node) => node.name);
}

/** Whether the units of a group may be removed. */
export function isPrunable(group: Group): boolean {
  return group.pinned === undefined && group.axes.some(({ isConstant }) => isConstant);
}

/** Whether the units of a group may be repeated. */
export function isWidenable(group: Group): boolean {
  return isPrunable(group) && group.unrepeatable === undefined;
}
