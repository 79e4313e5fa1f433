import type { Node, Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';

/**
 * The node whose output a trained constant gives: that which reads it, behind what only rearranges constants; for what
 * is added to or multiplied with the output of a linear node, that node. So weights and their bias have one giver.
 */
export function giverOf(model: BoundModel, value: Value): Node | undefined {
  let node = readerOf(value);
  while (node !== undefined && dataOf(model, node).length === 0) {
    const next = node.outputs[0] && readerOf(node.outputs[0]);
    if (next === undefined) break;
    node = next;
  }
  for (;;) {
    const before = node && linearBefore(model, node);
    if (before === undefined) return node;
    node = before;
  }
}

/** What a node with a constant works on element by element, where that is a linear node, or another such one. */
function linearBefore(model: BoundModel, node: Node): Node | undefined {
  if (!isPointwise(model, node)) return undefined;
  const [only, ...others] = dataOf(model, node);
  const producer = only?.producer;
  if (others.length > 0 || producer === undefined || only!.uses.length !== 1) return undefined;
  const bound = model.bound(producer);
  const readsConstant = dataOf(model, producer).length < producer.inputs.length;
  return bound.known && readsConstant && (bound.op.isLinear === true || isPointwise(model, producer))
    ? producer
    : undefined;
}

/** The inputs that do not come from constants alone. */
function dataOf(model: BoundModel, node: Node): readonly Value[] {
  const isFixed = (value: Value): boolean =>
    model.constant(value) !== undefined ||
    (value.producer?.inputs.every((input) => input === undefined || isFixed(input)) ?? false);
  return node.inputs.filter((input) => input !== undefined).filter((input) => !isFixed(input));
}

function isPointwise(model: BoundModel, node: Node): boolean {
  const bound = model.bound(node);
  return bound.known && bound.op.isPointwise === true;
}

function readerOf(value: Value): Node | undefined {
  return value.uses.find(({ input }) => input !== 'capture')?.node;
}
