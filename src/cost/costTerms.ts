import type { Node, Value } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { BoundModel, BoundNode } from '../ops/bindModel.js';
import type { CostTerm } from '../ops/costTerm.js';
import { axesOf } from '../ops/nodeContext.js';
import { inputRole } from '../ops/opDef.js';
import type { Resource } from './resource.js';

/** The costs of one node as terms. */
export interface NodeCost {
  readonly node: Node;
  readonly macs: readonly CostTerm[];
  /** Trained constants that this node is the first to read. */
  readonly params: readonly CostTerm[];
  /** Bytes of all constants that this node is the first to read. */
  readonly weightBytes: readonly CostTerm[];
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
 *   element-wise or unknown operator reads counts where it is an initializer of several elements.
 * - bytes: by element type.
 */
export function costTerms(model: BoundModel): readonly NodeCost[] {
  const counted = new Set<Value>();
  return model.nodes.map((bound) => {
    const params: CostTerm[] = [];
    const weightBytes: CostTerm[] = [];
    const reads = [...bound.node.inputs, ...bound.node.captures];
    for (const value of new Set(reads)) {
      if (value === undefined || counted.has(value) || model.constant(value) === undefined) continue;
      counted.add(value);
      const { dataType, dims } = model.typeOf(value);
      const axes = axesOf(value, dims.length);
      if (isTrained(model, value)) params.push({ coefficient: 1, axes });
      weightBytes.push({ coefficient: (dataTypeInfo(dataType)?.bits ?? 0) / 8, axes });
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
export function termsOf(cost: NodeCost, resource: Resource): readonly CostTerm[] {
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
  return bound.node.outputs.flatMap((value) => {
    if (value === undefined || !model.hasType(value) || model.constant(value) !== undefined) return [];
    const { dataType, dims } = model.typeOf(value);
    return [{ coefficient: (dataTypeInfo(dataType)?.bits ?? 0) / 8, axes: axesOf(value, dims.length) }];
  });
}

/** Whether a constant is a parameter: trained, and read as such by at least one node. */
export function isTrained(model: BoundModel, value: Value): boolean {
  if (dataTypeInfo(model.typeOf(value).dataType)?.kind !== 'float') return false;
  const elements = model.typeOf(value).dims.reduce((size, dim) => size * dim, 1);
  return value.uses.some(({ node, input }) => {
    const bound = model.bound(node);
    if (bound.isShapeArithmetic) return false;
    const role = !bound.known || input === 'capture' ? 'data' : inputRole(bound.op, input);
    if (role === 'data') return value.initializer !== undefined && elements > 1;
    return role !== 'statistic' && role !== 'setting';
  });
}
