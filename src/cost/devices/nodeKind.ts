import type { BoundModel, BoundNode } from '../../ops/bindModel.js';

/**
 * The kind of a node: nodes of one kind take a time that follows from their FLOPs and bytes alone.
 *
 * It is the operator, with what its record adds (`Conv depthwise`). A node that changes the result of products in place
 * (`Relu after Conv`) is a kind of its own, since runtimes compute it along with them.
 */
export function nodeKind(model: BoundModel, bound: BoundNode): string {
  const own = ownKind(bound);
  const products = productsBefore(model, bound);
  return products === undefined ? own : `${own} after ${operatorOf(products)}`;
}

function ownKind(bound: BoundNode): string {
  const variant = bound.known ? bound.op.variant?.(bound.context, bound.attributes) : undefined;
  return variant === undefined ? operatorOf(bound) : `${operatorOf(bound)} ${variant}`;
}

function operatorOf({ node }: BoundNode): string {
  return node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
}

/** The node whose products a node changes in place: directly, or through others that do the same. */
export function productsBefore(model: BoundModel, bound: BoundNode): BoundNode | undefined {
  if (!bound.known || hasProducts(bound)) return undefined;
  const [output] = bound.node.outputs;
  if (output === undefined || !model.hasType(output)) return undefined;
  const shape = model.typeOf(output).dims.join();
  for (const input of bound.node.inputs) {
    if (input?.producer === undefined || input.isOutput || input.uses.length !== 1) continue;
    if (!model.hasType(input) || model.typeOf(input).dims.join() !== shape) continue;
    const producer = model.bound(input.producer);
    const products = hasProducts(producer) ? producer : productsBefore(model, producer);
    if (products !== undefined) return products;
  }
  return undefined;
}

function hasProducts(bound: BoundNode): boolean {
  return bound.known && bound.op.macs !== undefined;
}
