import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';

/**
 * Relations of a reshape that keeps the row-major order: the smallest blocks of input and output axes with equal
 * products are paired; a block of one axis on a side gives a tie or a product, any other stays pinned.
 */
export function regroupedAxes(context: NodeContext): readonly Relation[] {
  const from = context.inputDims(0);
  const to = context.outputDims(0);
  if (from.includes(0) || to.includes(0)) return [];
  const relations: Relation[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length && j < to.length) {
    const first = { i, j };
    let left = from[i++]!;
    let right = to[j++]!;
    while (left !== right) {
      if (left < right) left *= from[i++] ?? Number.POSITIVE_INFINITY;
      else right *= to[j++] ?? Number.POSITIVE_INFINITY;
      if (!Number.isFinite(left) || !Number.isFinite(right)) return relations;
    }
    const inputs = range(first.i, i).map((axis) => inputAxis(context, 0, axis));
    const outputs = range(first.j, j).map((axis) => outputAxis(context, 0, axis));
    if (inputs.length === 1 && outputs.length === 1) relations.push(tie(inputs[0]!, outputs[0]!));
    else if (outputs.length === 1) relations.push({ kind: 'product', whole: outputs[0]!, parts: inputs });
    else if (inputs.length === 1) relations.push({ kind: 'product', whole: inputs[0]!, parts: outputs });
  }
  return relations;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
