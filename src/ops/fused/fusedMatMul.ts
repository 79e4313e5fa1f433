import type { Tensor } from '@tensorflow/tfjs-core';
import { contraction } from '../dense/contraction.js';
import { matMul } from '../dense/matMul.js';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';

interface FusedMatMulAttributes {
  readonly alpha: number;
  readonly transA: boolean;
  readonly transB: boolean;
  /** Whether the axes before the matrices are permuted, too. */
  readonly isStackTransposed: boolean;
}

/**
 * FusedMatMul: `Y = α·A′·B′` with A′ [..., M, K], B′ [..., K, N], Y [..., M, N]; the last two axes of A and B are
 * swapped where `transA`, `transB` say so.
 *
 * MACs: Π … · M · N · K.
 */
export const fusedMatMul: OpDef<FusedMatMulAttributes> = {
  type: 'FusedMatMul',
  domain: 'com.microsoft',
  since: 1,
  inputs: ['data', 'weight'],
  attributes: (raw) => ({
    alpha: raw.float('alpha', 1),
    transA: raw.integer('transA', 0) !== 0,
    transB: raw.integer('transB', 0) !== 0,
    isStackTransposed: [raw.integer('transBatchA', 0), raw.integer('transBatchB', 0)].some((flag) => flag !== 0),
  }),
  isLinear: true,
  macs: (context, { transA }) => [
    {
      coefficient: 1,
      axes: [
        ...context.outputDims(0).map((_, axis) => outputAxis(context, 0, axis)),
        inputAxis(context, 0, transA && context.inputDims(0).length > 1 ? -2 : -1),
      ],
    },
  ],
  channels: (context, { transA, transB, isStackTransposed }) => {
    const ranks = [0, 1].map((input) => context.inputDims(input).length);
    if (isStackTransposed || ranks.some((rank) => rank < 2)) return [];
    return [
      contraction(context, { input: 0, axis: transA ? -2 : -1 }, { input: 1, axis: transB ? -1 : -2 }),
      tie(inputAxis(context, 0, transA ? -1 : -2), outputAxis(context, 0, -2)),
      tie(inputAxis(context, 1, transB ? -2 : -1), outputAxis(context, 0, -1)),
      ...tieStacks(context, 0),
      ...tieStacks(context, 1),
    ];
  },
  lower: (tf, [a, b], { alpha, transA, transB, isStackTransposed }, context) => {
    if (isStackTransposed) return { untrainable: 'the axes before its matrices are transposed' };
    const product = matMul.lower(tf, [swapped(tf, a!, transA), swapped(tf, b!, transB)], undefined, context);
    return 'untrainable' in product || alpha === 1 ? product : product.map((y) => tf.mul(y, alpha));
  },
};

/** The axes before an input's matrix with those of the output, aligned at the end; a broadcast one stays alone. */
function tieStacks(context: NodeContext, input: number): readonly Relation[] {
  const dims = context.inputDims(input).slice(0, -2);
  const out = context.outputDims(0).slice(0, -2);
  return dims.flatMap((dim, axis) => {
    const outAxis = axis + out.length - dims.length;
    return dim === out[outAxis] ? [tie(inputAxis(context, input, axis), outputAxis(context, 0, outAxis))] : [];
  });
}

/** The last two axes swapped; a vector has none to swap. */
function swapped(tf: Tf, x: Tensor, isSwapped: boolean): Tensor {
  if (!isSwapped || x.rank < 2) return x;
  const last = x.rank - 1;
  return tf.transpose(x, [...x.shape.slice(0, -2).keys(), last, last - 1]);
}
