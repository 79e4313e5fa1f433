import type { Node } from '../../graph/graph.js';
import { dataTypeInfo } from '../../onnx/dataType.js';
import type { BoundModel, BoundNode } from '../../ops/bindModel.js';
import type { CostTerm } from '../../ops/costTerm.js';
import { axesOf } from '../../ops/nodeContext.js';
import { inputRole } from '../../ops/opDef.js';
import { nodeKind } from './nodeKind.js';

/** What a node does when the model runs: what it computes, and what it moves. */
export interface NodeWork {
  readonly node: Node;
  readonly kind: string;
  readonly flops: readonly CostTerm[];
  /** Activations that it reads and writes, and the constants of its products. */
  readonly bytes: readonly CostTerm[];
}

/**
 * The work of all nodes but for constants and shape arithmetic.
 *
 * Constants count where there are products: a look-up reads a few rows of its table.
 */
export function nodeWork(model: BoundModel): readonly NodeWork[] {
  return model.nodes.flatMap((bound): NodeWork[] => {
    if (bound.isShapeArithmetic) return [];
    const macs = bound.known ? (bound.op.macs?.(bound.context, bound.attributes) ?? []) : [];
    return [
      {
        node: bound.node,
        kind: nodeKind(model, bound),
        flops: macs.map(({ coefficient, axes }) => ({ coefficient: 2 * coefficient, axes })),
        bytes: movedBytes(model, bound, macs.length > 0),
      },
    ];
  });
}

function movedBytes(model: BoundModel, bound: BoundNode, hasProducts: boolean): readonly CostTerm[] {
  const { node } = bound;
  const reads = node.inputs.filter((value, input) => {
    if (value === undefined || !model.hasType(value)) return false;
    if (value.producer !== undefined && model.bound(value.producer).isShapeArithmetic) return false;
    if (bound.known && inputRole(bound.op, input) === 'setting') return false;
    return hasProducts || model.constant(value) === undefined;
  });
  return [...new Set([...reads, ...node.outputs])].flatMap((value): CostTerm[] => {
    if (value === undefined || !model.hasType(value)) return [];
    const { dataType, dims } = model.typeOf(value);
    return [{ coefficient: (dataTypeInfo(dataType)?.bits ?? 0) / 8, axes: axesOf(value, dims.length) }];
  });
}
