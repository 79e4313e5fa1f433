import { type AttributeSketch, node, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

function gemm(
  title: string,
  x: readonly number[],
  w: readonly number[],
  c: readonly number[] | undefined,
  attributes: Readonly<Record<string, AttributeSketch>> = {},
  opset = 17,
): OpCase {
  return {
    record: 'Gemm@7',
    title,
    opset,
    node: node('Gemm', c === undefined ? ['x', 'w'] : ['x', 'w', 'c'], 'y', attributes),
    inputs: { x },
    weights: c === undefined ? { w } : { w, c },
  };
}

function matMul(title: string, x: readonly number[], w: readonly number[]): OpCase {
  return {
    record: 'MatMul@1',
    title,
    opset: 17,
    node: node('MatMul', ['x', 'w'], 'y'),
    inputs: { x },
    weights: { w },
  };
}

/** A product of activations. */
function einsum(title: string, equation: string, shapes: readonly (readonly number[])[], untrainable?: string): OpCase {
  const inputs = Object.fromEntries(shapes.map((dims, i) => [`x${i}`, dims]));
  return {
    record: 'Einsum@12',
    title: `${equation} ${title}`.trim(),
    opset: 17,
    node: node('Einsum', Object.keys(inputs), 'y', { equation }),
    inputs,
    ...(untrainable === undefined ? {} : { untrainable }),
  };
}

const weights: Readonly<Record<string, WeightSketch>> = { w: [4, 2] };

export const denseCases: readonly OpCase[] = [
  gemm('without C', [3, 4], [4, 2], undefined),
  gemm('with a row', [3, 4], [4, 2], [2]),
  gemm('with a row of two axes', [3, 4], [4, 2], [1, 2]),
  gemm('with a column', [3, 4], [4, 2], [3, 1]),
  gemm('with a whole C', [3, 4], [4, 2], [3, 2]),
  gemm('with a scalar', [3, 4], [4, 2], []),
  gemm('with C of one element', [3, 4], [4, 2], [1]),
  gemm('transB', [3, 4], [2, 4], [2], { transB: 1 }),
  gemm('transA', [4, 3], [4, 2], [2], { transA: 1 }),
  gemm('both transposed', [4, 3], [2, 4], [2], { transA: 1, transB: 1 }),
  gemm('alpha and beta', [3, 4], [4, 2], [2], { alpha: { float: 0.5 }, beta: { float: -2 } }),
  gemm('beta of 0', [3, 4], [4, 2], [2], { beta: { float: 0 } }),
  gemm('of opset 7', [3, 4], [4, 2], [2], {}, 7),
  { ...gemm('of activations', [], [], []), inputs: { x: [3, 4], w: [4, 2], c: [3, 1] }, weights: {} },
  gemm('of one by one', [1, 1], [1, 1], [1]),
  matMul('of matrices', [3, 4], [4, 2]),
  matMul('of a batch', [2, 3, 4], [4, 2]),
  matMul('of a batch of batches', [2, 1, 3, 4], [4, 2]),
  matMul('of a vector', [4], [4, 2]),
  matMul('with a vector', [3, 4], [4]),
  matMul('of two vectors', [4], [4]),
  matMul('of a vector with a stack', [4], [2, 3, 4, 5]),
  matMul('of a stack with a vector', [2, 3, 5, 4], [4]),
  matMul('of two stacks', [2, 3, 4], [2, 4, 2]),
  matMul('of two stacks of stacks', [2, 3, 5, 4], [2, 3, 4, 2]),
  matMul('of a matrix with a stack', [3, 4], [2, 3, 4, 2]),
  matMul('broadcast on the left', [1, 3, 4], [2, 4, 2]),
  matMul('broadcast on the right', [2, 3, 4], [1, 4, 2]),
  matMul('broadcast on both sides', [2, 1, 3, 4], [1, 5, 4, 2]),
  matMul('broadcast over fewer axes', [2, 3, 2, 4], [3, 4, 2]),
  matMul('broadcast over fewer axes, one of 1', [2, 3, 2, 4], [1, 4, 2]),
  matMul('of stacks of 1', [1, 1, 3, 4], [1, 4, 2]),
  { ...matMul('of activations', [2, 3, 4], []), inputs: { x: [2, 1, 3, 4], w: [3, 4, 2] }, weights: {} },
  { ...matMul('of opset 9', [3, 4], [4, 2]), opset: 9, weights },
  { ...matMul('of opset 1', [3, 4], [4, 2]), opset: 7, weights },
  einsum('', 'bhid,bhjd->bhij', [
    [2, 3, 4, 5],
    [2, 3, 2, 5],
  ]),
  einsum('', 'bhij,bhjd->bihd', [
    [2, 3, 4, 5],
    [2, 3, 5, 2],
  ]),
  einsum('', 'bij,kj->bik', [
    [2, 3, 4],
    [5, 4],
  ]),
  einsum('a stack on one side', 'bij,bjk->ki', [
    [2, 3, 4],
    [2, 4, 5],
  ]),
  einsum('of the first operand transposed', 'bji,bjk->bik', [
    [2, 4, 3],
    [2, 4, 5],
  ]),
  einsum('elementwise', 'ij,ji->ij', [
    [3, 4],
    [4, 3],
  ]),
  einsum('an outer product', 'i,jk->kij', [[3], [2, 4]]),
  einsum('a sum that one operand has alone', 'ijk,kl->il', [
    [2, 3, 4],
    [4, 5],
  ]),
  einsum('to a scalar', 'ij,ij->', [
    [3, 4],
    [3, 4],
  ]),
  einsum('a sum', 'ijk->j', [[2, 3, 4]]),
  einsum('a transposition', 'ijk->kij', [[2, 3, 4]]),
  einsum('implicit', ' zb, ba ', [
    [3, 4],
    [4, 2],
  ]),
  einsum('implicit, capitals first', 'iB,Ba', [
    [3, 4],
    [4, 2],
  ]),
  einsum('implicit', '...ij,jk', [
    [2, 5, 3, 4],
    [4, 2],
  ]),
  einsum('', '...ij,...jk->...ik', [
    [2, 5, 3, 4],
    [2, 5, 4, 2],
  ]),
  einsum('an ellipsis in the middle', 'i...j,j->...i', [[2, 5, 3, 4], [4]]),
  einsum('an ellipsis over nothing', '...ij,...jk->...ik', [
    [3, 4],
    [4, 2],
  ]),
  einsum('of three', 'ij,jk,kl->il', [
    [2, 3],
    [3, 4],
    [4, 5],
  ]),
  einsum('of three that share a sum', 'bi,bj,bk->ijk', [
    [2, 3],
    [2, 4],
    [2, 5],
  ]),
  einsum('with a scalar', 'ij,->ji', [[3, 4], []]),
  einsum('', 'bii->bi', [[2, 3, 3]], "its equation 'bii->bi' takes a diagonal"),
  einsum(
    '',
    '...ij,...jk',
    [
      [1, 3, 4],
      [2, 4, 2],
    ],
    'it broadcasts axes of one name',
  ),
];
