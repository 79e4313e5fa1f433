import { contraction } from '../dense/contraction.js';
import { matMul } from '../dense/matMul.js';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';

interface FusedMatMulAttributes {
  readonly alpha: number;
  /** Of A and of B. */
  readonly sides: readonly Side[];
}

/** How the axes of an input are permuted before it is multiplied. */
interface Side {
  /** Whether its last two axes are swapped, at the end. */
  readonly isSwapped: boolean;
  /** Whether its first axis goes behind those of the stack. */
  readonly isStackLast: boolean;
}

/**
 * FusedMatMul: `Y = α·A′·B′` with A′ [..., M, K], B′ [..., K, N], Y [..., M, N]; the last two axes of A and B are
 * swapped where `transA`, `transB` say so, after the first was put behind the stack, [M, ..., K] → [..., M, K], where
 * `transBatchA`, `transBatchB` do.
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
    sides: (['A', 'B'] as const).map((side) => ({
      isSwapped: raw.integer(`trans${side}`, 0) !== 0,
      isStackLast: raw.integer(`transBatch${side}`, 0) !== 0,
    })),
  }),
  isLinear: true,
  macs: (context, { sides }) => [
    {
      coefficient: 1,
      axes: [
        ...context.outputDims(0).map((_, axis) => outputAxis(context, 0, axis)),
        inputAxis(context, 0, arranged(context.inputDims(0).length, sides[0]!).at(-1)!),
      ],
    },
  ],
  channels: (context, { sides }) => {
    const ranks = [0, 1].map((input) => context.inputDims(input).length);
    if (ranks.some((rank) => rank < 2)) return [];
    const [a, b] = sides.map((side, input) => arranged(ranks[input]!, side));
    return [
      contraction(context, { input: 0, axis: a!.at(-1)! }, { input: 1, axis: b!.at(-2)! }),
      tie(inputAxis(context, 0, a!.at(-2)!), outputAxis(context, 0, -2)),
      tie(inputAxis(context, 1, b!.at(-1)!), outputAxis(context, 0, -1)),
      ...tieStacks(context, 0, a!),
      ...tieStacks(context, 1, b!),
    ];
  },
  lower: (tf, inputs, { alpha, sides }, context) => {
    const [a, b] = inputs.map((x, input) => tf.transpose(x!, arranged(x!.rank, sides[input]!)));
    const product = matMul.lower(tf, [a, b], undefined, context);
    return 'untrainable' in product || alpha === 1 ? product : product.map((y) => tf.mul(y, alpha));
  },
};

/** The axes of an input in the order of the stack and the matrices that are multiplied; a vector has one. */
function arranged(rank: number, { isSwapped, isStackLast }: Side): number[] {
  const axes = [...Array(rank).keys()];
  if (rank < 2) return axes;
  const [rows] = axes.splice(isStackLast ? 0 : -2, 1);
  const last = axes.pop()!;
  return [...axes, ...(isSwapped ? [last, rows!] : [rows!, last])];
}

/** The axes before an input's matrix with those of the output, aligned at the end; a broadcast one stays alone. */
function tieStacks(context: NodeContext, input: number, axes: readonly number[]): readonly Relation[] {
  const stack = axes.slice(0, -2);
  const out = context.outputDims(0).slice(0, -2);
  return stack.flatMap((axis, i) => {
    const outAxis = i + out.length - stack.length;
    return context.inputDims(input)[axis] === out[outAxis]
      ? [tie(inputAxis(context, input, axis), outputAxis(context, 0, outAxis))]
      : [];
  });
}
