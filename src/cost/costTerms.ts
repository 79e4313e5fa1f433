import type { Node, Value } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { BoundModel, BoundNode } from '../ops/bindModel.js';
import type { CostTerm } from '../ops/costTerm.js';
import { isFixedNumber } from '../ops/fixedNumber.js';
import { axesOf } from '../ops/nodeContext.js';
import { inputRole } from '../ops/opDef.js';
import type { Resource } from './resource.js';

/** A cost of a constant, for as long as something reads it. */
export interface StoredTerm extends CostTerm {
  readonly value: Value;
}

/** The costs of one node as terms. */
export interface NodeCost {
  readonly node: Node;
  readonly macs: readonly CostTerm[];
  /** Trained constants that this node is the first to read. */
  readonly params: readonly StoredTerm[];
  /** Bytes of the constants that this node is the first to read, without settings. */
  readonly weightBytes: readonly StoredTerm[];
  /** Bytes of its outputs. */
  readonly activationBytes: readonly CostTerm[];
  /** False where the operator is not known, so that its MACs could not be counted. */
  readonly isKnown: boolean;
}

/**
 * The costs of every node. A constant that several nodes read is counted at the first.
 *
 * - MACs: multiply-adds of convolutions and matrix products; element-wise work counts nothing (MorphNet's convention).
 * - params: trained constants, with biases, gains and shifts, without running statistics. A float constant that an
 *   element-wise or unknown operator reads counts where it is an initializer and no scalar.
 * - bytes: by element type; shapes and other settings are no weights. A number that is calculated from widths counts
 *   as the constant that a rewrite may put in its place.
 */
export function costTerms(model: BoundModel): readonly NodeCost[] {
  const counted = new Set<Value>();
  return model.nodes.map((bound) => {
    const params: StoredTerm[] = [];
    const weightBytes: StoredTerm[] = [];
    const reads = [...bound.node.inputs, ...bound.node.captures];
    for (const value of new Set(reads)) {
      if (value === undefined || counted.has(value)) continue;
      const isStored = model.constant(value) !== undefined;
      if (!isStored && !isFixedNumber(model, value)) continue;
      counted.add(value);
      const { dataType, dims } = model.typeOf(value);
      const axes = axesOf(value, dims.length);
      if (isStored && isTrained(model, value)) params.push({ coefficient: 1, axes, value });
      if (isSetting(model, value)) continue;
      weightBytes.push({ coefficient: (dataTypeInfo(dataType)?.bits ?? 0) / 8, axes, value });
    }
    return {
      node: bound.node,
      macs: bound.known && !bound.isShapeArithmetic ? (bound.op.macs?.(bound.context, bound.attributes) ?? []) : [],
      params,
      weightBytes,
      activationBytes: outputBytes(model, bound),
      isKnown: bound.known,
    };
  });
}

/** The terms of one resource at a node. */
export function termsOf(cost: NodeCost, resource: Resource): readonly (CostTerm | StoredTerm)[] {
  switch (resource) {
    case 'flops':
      return cost.macs.map(({ coefficient, axes }) => ({ coefficient: 2 * coefficient, axes }));
    case 'macs':
    case 'params':
    case 'weightBytes':
    case 'activationBytes':
      return cost[resource];
  }
}

function outputBytes(model: BoundModel, bound: BoundNode): readonly CostTerm[] {
  // Shapes are calculated beforehand, and a rewrite may put numbers in their place.
  if (bound.isShapeArithmetic) return [];
  return bound.node.outputs.flatMap((value) => {
    if (value === undefined || !model.hasType(value) || model.constant(value) !== undefined) return [];
    const { dataType, dims } = model.typeOf(value);
    return [{ coefficient: (dataTypeInfo(dataType)?.bits ?? 0) / 8, axes: axesOf(value, dims.length) }];
  });
}

/** Whether a constant is a parameter: trained, and read as such by at least one node. */
export function isTrained(model: BoundModel, value: Value): boolean {
  if (dataTypeInfo(model.typeOf(value).dataType)?.kind !== 'float') return false;
  // By its rank, not its size: a bias stays a parameter when its group is cut to one channel.
  const isScalar = model.typeOf(value).dims.length === 0;
  return value.uses.some(({ node, input }) => {
    const bound = model.bound(node);
    if (bound.isShapeArithmetic) return false;
    const role = !bound.known || input === 'capture' ? 'data' : inputRole(bound.op, input);
    if (role === 'data') return value.initializer !== undefined && !isScalar;
    return role !== 'statistic' && role !== 'setting';
  });
}

/** Whether a constant is read only as shapes, axes, limits and the like. */
function isSetting(model: BoundModel, value: Value): boolean {
  return value.uses.every(({ node, input }) => {
    const bound = model.bound(node);
    return bound.isShapeArithmetic || (bound.known && input !== 'capture' && inputRole(bound.op, input) === 'setting');
  });
}
