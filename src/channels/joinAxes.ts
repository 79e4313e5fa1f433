import { graphErrors } from '../errors/graphErrors.js';
import { type Node, nodeLabel, type Value } from '../graph/graph.js';
import type { BoundModel, BoundNode } from '../ops/bindModel.js';
import { distinctSources } from '../ops/dimension.js';
import { isFixedNumber } from '../ops/fixedNumber.js';
import { inputRole } from '../ops/opDef.js';
import { type AxisRef, axesOfRelation, type Relation } from '../ops/relation.js';
import type { AxisTable, TrackedAxis } from './axisTable.js';
import { ContractedWeights } from './contractedWeights.js';
import { joinProducts, type Product } from './joinProducts.js';
import { type Kept, NOTHING_KEPT } from './keptValues.js';
import { PositionUnion } from './positionUnion.js';
import { ShapeLiterals } from './shapeLiterals.js';

/** A sum over an axis: removing positions of `data` equals zeroing them in `weight`. */
export interface Contraction {
  readonly node: Node;
  readonly data: AxisRef;
  readonly weight: AxisRef;
}

export interface JoinedAxes {
  readonly union: PositionUnion;
  /** Positions with a reason belong to the same block as the position before (one channel of a flattened axis, say). */
  readonly runs: PositionUnion;
  readonly contractions: readonly Contraction[];
  readonly restrictions: readonly Restriction[];
  /** Axes whose positions can be removed, but not repeated. */
  readonly unrepeatable: readonly { readonly axis: AxisRef; readonly reason: string }[];
}

type Take = Extract<Relation, { readonly kind: 'take' }>;

/** A node that calculates over the whole of an axis: without some positions its result is that over the others. */
export interface Restriction {
  readonly node: Node;
  readonly axis: AxisRef;
}

/**
 * Joins the positions of all axes by what the operators say of them, and pins what may not be changed.
 *
 * @param kept values whose channels the user wants to stay
 * @param union told of every join and pin
 * @throws GRAPH_WIDTH_MISMATCH for a broken model that ONNX Runtime would refuse only when it runs
 */
export function joinAxes(
  model: BoundModel,
  table: AxisTable,
  kept: Kept = NOTHING_KEPT,
  union = new PositionUnion(table.positions),
): JoinedAxes {
  const contractions: Contraction[] = [];
  const restrictions: Restriction[] = [];
  const unrepeatable: { readonly axis: AxisRef; readonly reason: string }[] = [];
  const products: Product[] = [];
  const takes: { readonly node: Node; readonly relation: Take }[] = [];
  /** Positions where a block begins: the first of an axis that stands after others, or after its like. */
  const beginnings: { readonly node: Node; readonly axis: TrackedAxis; readonly at?: number }[] = [];
  const runs = new PositionUnion(table.positions);
  const literals = new ShapeLiterals(model);
  const weights = new ContractedWeights(model);

  const pinAxis = (axis: TrackedAxis | undefined, reason: string, node?: Node) => {
    if (axis === undefined) return;
    for (let i = 0; i < axis.width; i++) union.pin(axis.base + i, reason, node);
  };
  const pinValue = (value: Value, reason: string, node?: Node) => {
    for (const axis of table.of(value)) pinAxis(axis, reason, node);
  };
  const joinRange = (a: number, b: number, width: number) => {
    for (let i = 0; i < width; i++) {
      union.join(a + i, b + i);
      runs.join(a + i, b + i);
    }
  };
  const tie = (node: Node, a: AxisRef, b: AxisRef) => {
    const x = table.find(a);
    const y = table.find(b);
    if (x === undefined || y === undefined) {
      // One side follows the batch: the other must stay as wide as it is.
      pinAxis(x ?? y, `its width follows '${(x === undefined ? a : b).value.name}'`, node);
      return;
    }
    if (x.width !== y.width) {
      throw graphErrors.widthMismatch(nodeLabel(node), a.value.name, x.width, b.value.name, y.width);
    }
    joinRange(x.base, y.base, x.width);
  };
  const joinBlocks = ({ parts, count }: Extract<Relation, { readonly kind: 'blocks' }>, node: Node) => {
    const tracked = parts.map(({ axis }) => table.find(axis));
    const first = tracked[0];
    if (first === undefined || tracked.includes(undefined)) {
      for (const axis of tracked) pinAxis(axis, `${nodeLabel(node)}: its blocks follow the batch`, node);
      return;
    }
    parts.forEach(({ from, size }, k) => {
      const axis = tracked[k]!;
      for (let i = 0; i < count; i++) {
        const begin = axis.base + from + i * size;
        const begins = first.base + parts[0]!.from + i * parts[0]!.size;
        runs.join(begin, begins);
        for (let p = begin; p < begin + size; p++) {
          union.join(p, begins);
          if (p > begin) runs.pin(p, 'continues its block');
        }
      }
      if (from > 0) beginnings.push({ node, axis, at: from });
    });
  };
  const apply = (relation: Relation, node: Node): void => {
    switch (relation.kind) {
      case 'tie':
        tie(node, relation.a, relation.b);
        return;
      case 'contract':
        contractions.push({ node, data: relation.data, weight: relation.weight });
        if (relation.groups === undefined || relation.groups === 1) tie(node, relation.data, relation.weight);
        else {
          products.push({ node, whole: relation.data, parts: [relation.groups, relation.weight] });
        }
        return;
      case 'cycle': {
        const axis = table.find(relation.axis);
        if (axis === undefined) return;
        const period = axis.width / relation.times;
        for (let i = period; i < axis.width; i++) {
          union.join(axis.base + i, axis.base + (i % period));
          runs.join(axis.base + i, axis.base + (i % period));
        }
        beginnings.push({ node, axis });
        return;
      }
      case 'pin':
        pinAxis(table.find(relation.axis), `${nodeLabel(node)}: ${relation.reason}`, node);
        return;
      case 'product':
        products.push({ node, whole: relation.whole, parts: relation.parts });
        return;
      case 'concat': {
        const whole = table.find(relation.whole);
        let offset = 0;
        for (const ref of relation.parts) {
          const part = table.find(ref);
          if (whole === undefined || part === undefined) {
            pinAxis(whole ?? part, `${nodeLabel(node)}: joins an axis that follows the batch`, node);
            continue;
          }
          joinRange(whole.base + offset, part.base, part.width);
          if (offset > 0) beginnings.push({ node, axis: part });
          offset += part.width;
        }
        return;
      }
      case 'blocks':
        joinBlocks(relation, node);
        return;
      case 'take': {
        const from = table.find(relation.from);
        const to = table.find(relation.to);
        if (from === undefined || to === undefined) {
          pinAxis(from ?? to, `${nodeLabel(node)}: takes from an axis that follows the batch`, node);
          return;
        }
        takes.push({ node, relation });
        relation.indices.forEach((index, i) => {
          union.join(from.base + index, to.base + i);
          // Neighbours that stay neighbours stay in one block.
          if (index === relation.indices[i - 1]! + 1) runs.join(from.base + index, to.base + i);
        });
        return;
      }
      case 'restrict':
        restrictions.push({ node, axis: relation.axis });
        unrepeatable.push({ axis: relation.axis, reason: `${nodeLabel(node)}: calculates over all of it` });
        return;
      case 'literal': {
        const axis = table.find(relation.axis);
        const found = literals.settle(relation);
        if ('obstacle' in found) pinAxis(axis, `${nodeLabel(node)}: ${found.obstacle}`, node);
        else if (found.agreeing !== undefined) tie(node, found.agreeing, relation.axis);
      }
    }
  };

  const pinSources = (value: Value, reader: string, node?: Node) => {
    for (const source of shapeSources(model, value))
      pinAxis(table.find(source), `${reader} is calculated from the width`, node);
  };

  for (const value of model.graph.values) {
    if (value.isInput) pinValue(value, `graph input '${value.name}'`);
    else if (value.producer === undefined && model.constant(value) === undefined) {
      pinValue(value, `sparse initializer '${value.name}'`);
    }
  }
  for (const value of model.graph.outputs) {
    pinValue(value, `graph output '${value.name}'`);
    pinSources(value, `graph output '${value.name}'`);
  }
  for (const bound of model.nodes) {
    for (const value of bound.node.captures) {
      pinValue(value, `${nodeLabel(bound.node)}: its subgraph reads it`, bound.node);
      pinSources(value, `${nodeLabel(bound.node)}: '${value.name}', which its subgraph reads,`, bound.node);
    }
    if (bound.isShapeArithmetic) {
      for (const value of bound.node.inputs) {
        if (value !== undefined && model.constant(value) !== undefined)
          pinValue(value, 'it is part of a shape', bound.node);
      }
      continue;
    }
    if (!bound.known) {
      for (const value of [...bound.node.inputs, ...bound.node.outputs]) {
        if (value === undefined) continue;
        pinValue(value, `${nodeLabel(bound.node)}: ${bound.reason}`, bound.node);
        pinSources(value, `${nodeLabel(bound.node)}: its input '${value.name}'`, bound.node);
      }
      continue;
    }
    const relations = bound.op.channels(bound.context, bound.attributes);
    for (const relation of relations) apply(relation, bound.node);
    const mentioned = new Set(relations.flatMap(axesOfRelation).map((axis) => table.find(axis)));
    for (const value of [...bound.node.inputs, ...bound.node.outputs]) {
      if (value === undefined) continue;
      for (const axis of table.of(value)) {
        if (!mentioned.has(axis)) pinAxis(axis, `${nodeLabel(bound.node)}: keeps this axis as it is`, bound.node);
      }
    }
    pinShapeReads(model, bound, pinSources);
    weights.note(bound.node, relations);
  }
  for (const { axis, reason } of weights.obstacles()) pinAxis(table.find(axis), reason);
  pinKept(kept, contractions, table, pinAxis);
  const single = [...unrepeatable, ...weights.unrepeatable].map(({ axis }) => axis);
  beginnings.push(...joinProducts(products, table, union, runs, single));
  for (const { node, axis, at = 0 } of beginnings) {
    // Copied as a whole, a block that goes on across the border would lie elsewhere than its parts do.
    if (axis.width > at && runs.reason(axis.base + at) !== undefined) {
      unrepeatable.push({ axis, reason: `${nodeLabel(node)}: a block of it crosses a border` });
    }
  }
  for (const { node, relation } of takes) {
    if (breaksBlock(relation, table, runs)) {
      unrepeatable.push({ axis: relation.from, reason: `${nodeLabel(node)}: takes a part of a block of it` });
    }
  }
  unrepeatable.push(...weights.unrepeatable);
  return { union, runs, contractions, restrictions, unrepeatable };
}

/** Whether positions are taken without the others of their block, so that a copy of the block would lie elsewhere. */
function breaksBlock({ from, to, indices }: Take, table: AxisTable, runs: PositionUnion): boolean {
  const whole = table.find(from);
  const part = table.find(to);
  if (whole === undefined || part === undefined) return false;
  const continues = (position: number) => runs.reason(position) !== undefined;
  return indices.some((index, i) => {
    const isFirst = i === 0 || index !== indices[i - 1]! + 1;
    if (isFirst && (continues(whole.base + index) || continues(part.base + i))) return true;
    const isLast = i + 1 === indices.length || indices[i + 1] !== index + 1;
    return isLast && index + 1 < whole.width && continues(whole.base + index + 1);
  });
}

/** Widths that a node reads as numbers must stay, but where its record rewrites them or the number alone can stay. */
function pinShapeReads(
  model: BoundModel,
  bound: BoundNode & { readonly known: true },
  pinSources: (value: Value, reader: string, node: Node) => void,
): void {
  bound.node.inputs.forEach((value, input) => {
    if (value === undefined) return;
    if (bound.op.resize !== undefined && inputRole(bound.op, input) === 'setting') return;
    if (isFixedNumber(model, value)) return;
    pinSources(value, `${nodeLabel(bound.node)}: its input '${value.name}'`, bound.node);
  });
}

/** Keeps all axes of a value; of a weight, those that it gives channels to. */
function pinKept(
  kept: Kept,
  contractions: readonly Contraction[],
  table: AxisTable,
  pinAxis: (axis: TrackedAxis, reason: string) => void,
): void {
  if (kept.size === 0) return;
  const contracted = new Set(contractions.map(({ weight }) => table.find(weight)));
  for (const axis of table.axes) {
    const reason = kept.get(axis.value.name);
    if (reason !== undefined && !contracted.has(axis)) pinAxis(axis, reason);
  }
}

function shapeSources(model: BoundModel, value: Value): readonly AxisRef[] {
  return distinctSources(model.dimensions(value) ?? []);
}
