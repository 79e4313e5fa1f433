import type { ChannelAnalysis } from '../../channels/channelAnalysis.js';
import type { Node, Value } from '../../graph/graph.js';
import { dataTypeInfo } from '../../onnx/dataType.js';
import type { BoundModel, BoundNode } from '../../ops/bindModel.js';
import { foreignNodes } from '../../runtime/foreignNodes.js';
import { isHandedOver } from '../../runtime/tensorTypes.js';
import { collapseOf } from '../plan/collapseOf.js';
import type { Plan } from '../plan/plan.js';

/**
 * The nodes that a proof holds: where what they read differs by the rounding of a float, what they give may differ by as
 * much as a selection has in it. So their inputs are compared, and behind them both models go on with the same.
 *
 * These are nodes that make whole numbers or truth values of floats, that move in steps, that draw at random, or that
 * are not known; but only those that a plan leaves as they are. What leads to them is held as well, back to the last
 * convolution or matrix product: a box that is clipped to the image makes much of little.
 */
export function heldNodes(analysis: ChannelAnalysis, plan: Plan): ReadonlySet<Node> {
  const { model, table, unitAt } = analysis;
  const removed = collapseOf(analysis, plan)?.removed;
  const isThere = ({ producer }: Value) => producer === undefined || removed?.has(producer) !== true;
  const foreign = foreignNodes(model.graph.model, model.unrunnable);
  const isSame = (value: Value) =>
    table.of(value).every(({ base, width }) => {
      for (let i = base; i < base + width; i++) if (plan.copies[unitAt[i]!] !== 1) return false;
      return true;
    });
  const mayBeHeld = ({ node, isShapeArithmetic }: BoundNode) => {
    const touched = [...node.inputs, ...node.captures, ...node.outputs].filter((value) => value !== undefined);
    // Only tensors can be handed over, and not of every type.
    return (
      !foreign.has(node.proto) &&
      !isShapeArithmetic &&
      node.outputs.some((output) => output !== undefined) &&
      touched.every(
        (value) =>
          model.hasType(value) && isHandedOver(model.typeOf(value).dataType) && isSame(value) && isThere(value),
      )
    );
  };
  const held = new Set(model.nodes.filter((bound) => isUneven(bound, model) && mayBeHeld(bound)));
  for (const { node } of held) {
    for (const value of [...node.inputs, ...node.captures]) {
      const before = value?.producer === undefined ? undefined : model.bound(value.producer);
      if (before?.known === true && before.op.macs === undefined && mayBeHeld(before)) held.add(before);
    }
  }
  return new Set([...held].map(({ node }) => node));
}

function isUneven(bound: BoundNode, model: BoundModel): boolean {
  if (!bound.known) return true;
  const { op, node } = bound;
  if (op.saturates === 'steps' || op.isRandom === true) return true;
  const kindOf = (value: Value | undefined) =>
    value === undefined ? undefined : dataTypeInfo(model.typeOf(value).dataType)?.kind;
  const readsFloat = node.inputs.some(
    (value) => kindOf(value) === 'float' && value !== undefined && model.constant(value) === undefined,
  );
  return readsFloat && node.outputs.some((value) => value !== undefined && kindOf(value) !== 'float');
}
