import type { Tensor2D } from '@tensorflow/tfjs-core';
import { biasAddend } from '../addend.js';
import { hasInput, inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';
import { contraction } from './contraction.js';

interface GemmAttributes {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

/**
 * Gemm: `Y = α·A′·B′ + β·C` with A′ [M, K], B′ [K, N], Y [M, N]; C is broadcast.
 *
 * MACs: M · N · K.
 */
export const gemm: OpDef<GemmAttributes> = {
  type: 'Gemm',
  domain: '',
  since: 7,
  inputs: ['data', 'weight', 'bias'],
  attributes: (raw) => ({
    alpha: raw.float('alpha', 1),
    beta: raw.float('beta', 1),
    transA: raw.integer('transA', 0) !== 0,
    transB: raw.integer('transB', 0) !== 0,
  }),
  macs: (context, { transA }) => [
    {
      coefficient: 1,
      axes: [outputAxis(context, 0, 0), outputAxis(context, 0, 1), inputAxis(context, 0, transA ? 0 : 1)],
    },
  ],
  channels: (context, { transA, transB }) => {
    const relations: Relation[] = [
      tie(inputAxis(context, 0, transA ? 1 : 0), outputAxis(context, 0, 0)),
      tie(inputAxis(context, 1, transB ? 0 : 1), outputAxis(context, 0, 1)),
      contraction(context, { input: 0, axis: transA ? 0 : 1 }, { input: 1, axis: transB ? 1 : 0 }),
    ];
    if (!hasInput(context, 2)) return relations;
    const bias = context.inputDims(2);
    const out = context.outputDims(0);
    bias.forEach((dim, axis) => {
      const outAxis = axis + 2 - bias.length;
      if (dim === out[outAxis]) relations.push(tie(inputAxis(context, 2, axis), outputAxis(context, 0, outAxis)));
    });
    return relations;
  },
  isLinear: true,
  addsToOutput: (context, { beta }) => biasAddend(context, 2, 1, beta),
  channelAxis: (_, { transA }) => (transA ? undefined : 1),
  lower: (tf, [a, b, c], { alpha, beta, transA, transB }) => {
    const product = tf.matMul(a as Tensor2D, b as Tensor2D, transA, transB);
    const scaled = alpha === 1 ? product : tf.mul(product, alpha);
    if (c === undefined || beta === 0) return [scaled];
    return [tf.add(scaled, beta === 1 ? c : tf.mul(c, beta))];
  },
};
