import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';
import { contraction } from './contraction.js';
import { inOrder, type Labelled, labelledProduct } from './labelledProduct.js';

/**
 * MatMul: `Y = A·B` with A [..., M, K], B [..., K, N], Y [..., M, N]. Leading axes are broadcast; a vector stands for
 * its one row (A) or column (B), which Y then lacks.
 *
 * MACs: Π … · M · N · K.
 */
export const matMul: OpDef = {
  type: 'MatMul',
  domain: '',
  since: 1,
  inputs: ['data', 'weight'],
  attributes: () => undefined,
  isLinear: true,
  channelAxis: (context) => {
    const rank = context.inputDims(0).length;
    return rank > 1 && context.inputDims(1).length === 2 ? rank - 1 : undefined;
  },
  macs: (context) => [
    {
      coefficient: 1,
      axes: [...context.outputDims(0).map((_, axis) => outputAxis(context, 0, axis)), inputAxis(context, 0, -1)],
    },
  ],
  channels: (context) => {
    const [a, b] = [context.inputDims(0), context.inputDims(1)];
    if (a.length === 0 || b.length === 0) return [];
    const relations = [contraction(context, { input: 0, axis: -1 }, { input: 1, axis: b.length === 1 ? 0 : -2 })];
    if (a.length > 1) relations.push(tie(inputAxis(context, 0, -2), outputAxis(context, 0, b.length === 1 ? -1 : -2)));
    if (b.length > 1) relations.push(tie(inputAxis(context, 1, -1), outputAxis(context, 0, -1)));
    return [...relations, ...tieStacks(context, 0), ...tieStacks(context, 1)];
  },
  lower: (tf, [a, b]) => {
    const [stackA, stackB] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)];
    const rank = Math.max(stackA.length, stackB.length);
    const stack = Array.from({ length: rank }, (_, axis) => `stack ${axis}`);
    const rows = a!.rank > 1 ? ['row'] : [];
    const columns = b!.rank > 1 ? ['column'] : [];
    // An axis of 1 that is broadcast is left out: the product goes along the other's axis then.
    const labelled = (tensor: Labelled['tensor'], own: readonly number[], other: readonly number[], last: string[]) => {
      const kept = own.flatMap((dim, axis) =>
        dim === 1 && (other[axis + other.length - own.length] ?? 1) > 1 ? [] : [axis],
      );
      const dims = [...kept.map((axis) => own[axis]!), ...tensor.shape.slice(own.length)];
      const labels = [...kept.map((axis) => stack[axis + rank - own.length]!), ...last];
      return { tensor: dims.length === tensor.rank ? tensor : tf.reshape(tensor, dims), labels };
    };
    const left = labelled(a!, stackA, stackB, [...rows, 'inner']);
    const right = labelled(b!, stackB, stackA, ['inner', ...columns]);
    const order = [...stack, ...rows, ...columns];
    return [inOrder(tf, labelledProduct(tf, left, right, new Set(order)), order).tensor];
  },
};

/** The axes before an input's matrix with those of the output, aligned at the end; a broadcast one stays alone. */
function tieStacks(context: NodeContext, input: number): readonly Relation[] {
  const rank = context.inputDims(input).length - 2;
  const others = context.inputDims(1 - input);
  const out = context.outputDims(0);
  // A vector on the other side leaves the output without its row or column.
  const outRank = out.length - 2 + (others.length === 1 ? 1 : 0);
  return Array.from({ length: Math.max(rank, 0) }, (_, axis) => axis).flatMap((axis) => {
    const outAxis = axis + outRank - rank;
    const isWhole = context.inputDims(input)[axis] === out[outAxis];
    return isWhole ? [tie(inputAxis(context, input, axis), outputAxis(context, 0, outAxis))] : [];
  });
}
