import type { Node, Value } from '../graph/graph.js';
import { makeIntegerAttribute, makeNode } from '../graph/make.js';
import type { NodeProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';

/** Whether a value reaches `reader` alone, directly or through shape arithmetic. */
export function reachesAlone(value: Value, reader: Node, bound: BoundModel): boolean {
  const [use, ...others] = value.uses;
  if (use === undefined || others.length > 0 || value.isOutput || use.input === 'capture') return false;
  if (use.node === reader) return true;
  return (
    bound.bound(use.node).isShapeArithmetic &&
    use.node.outputs.length === 1 &&
    use.node.outputs[0] !== undefined &&
    reachesAlone(use.node.outputs[0], reader, bound)
  );
}

/**
 * Nodes that put numbers in place of some elements of a list: `[N, 8, H, W]` with 5 at 1 is
 * `Concat(Gather(list, [0]), [5], Gather(list, [2, 3]))`.
 *
 * @param own the numbers by element
 * @param length of the list
 * @param constant names a constant list of integers
 * @param fresh names a value
 */
export function replaceElements(
  list: string,
  own: ReadonlyMap<number, number>,
  length: number,
  constant: (contents: readonly number[]) => string,
  fresh: (like: string) => string,
): { readonly nodes: readonly NodeProto[]; readonly output: string } {
  const nodes: NodeProto[] = [];
  const axis = makeIntegerAttribute('axis', 0);
  const pieces: string[] = [];
  for (let from = 0; from < length; ) {
    const isOwn = own.has(from);
    let to = from + 1;
    while (to < length && own.has(to) === isOwn) to++;
    const elements = Array.from({ length: to - from }, (_, i) => from + i);
    if (isOwn) pieces.push(constant(elements.map((element) => own.get(element)!)));
    else {
      const piece = fresh(`${list}_${elements.join('_')}`);
      nodes.push(makeNode('Gather', [list, constant(elements)], [piece], [axis]));
      pieces.push(piece);
    }
    from = to;
  }
  const output = fresh(`${list}_own`);
  nodes.push(makeNode('Concat', pieces, [output], [axis]));
  return { nodes, output };
}
