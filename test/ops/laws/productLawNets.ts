/** @file Nets around products: of weights on either side, of activations, with names for their axes. */
import type { NodeProto } from '../../../src/onnx/messages.js';
import { type Dims, modelOf, node } from '../../support/modelOf.js';
import { free, type LawNet, pins, type Weights } from './lawNet.js';

/** Nodes from 'x' to 'y'. */
function net(x: Dims, weights: Weights, nodes: readonly NodeProto[], opset = 17) {
  return modelOf({ inputs: { x }, weights, nodes, outputs: ['y'], opset });
}

const einsum = (equation: string, inputs: readonly string[], output: string) =>
  node('Einsum', inputs, output, { equation });

export const productLawNets: readonly LawNet[] = [
  free(
    'MatMul@1',
    'of weights on the left',
    net(['N', 5, 4], { w: [6, 5], b: [6, 1], v: [2, 6] }, [
      node('MatMul', ['w', 'x'], 'a'),
      node('Add', ['a', 'b'], 'c'),
      node('Relu', ['c'], 'd'),
      node('MatMul', ['v', 'd'], 'y'),
    ]),
  ),
  free(
    'MatMul@1',
    'of activations, over their channels',
    net(['N', 5, 5], { wq: [5, 6], wk: [6, 5] }, [
      node('MatMul', ['x', 'wq'], 'q'),
      node('MatMul', ['wk', 'x'], 'k'),
      node('MatMul', ['q', 'k'], 'y'),
    ]),
    ['q (6): q, k'],
  ),
  free(
    'MatMul@1',
    'of activations, by their channels',
    net(['N', 4, 4], { w: [4, 6], v: [6, 3] }, [
      node('MatMul', ['x', 'w'], 'a'),
      node('MatMul', ['x', 'a'], 'b'),
      node('MatMul', ['b', 'v'], 'y'),
    ]),
  ),
  free(
    'MatMul@1',
    'of activations, of one value',
    net(['N', 5, 4], { w: [4, 6], v: [3, 5] }, [
      node('MatMul', ['x', 'w'], 'a'),
      einsum('nij->nji', ['a'], 'b'),
      node('MatMul', ['a', 'b'], 'c'),
      node('MatMul', ['v', 'c'], 'y'),
    ]),
  ),
  free(
    'MatMul@1',
    'of a stack of weights',
    net(['N', 1, 4, 5], { w: [3, 5, 6], v: [3, 6, 2], u: [1, 3, 2, 1] }, [
      node('MatMul', ['x', 'w'], 'a'),
      node('Relu', ['a'], 'b'),
      node('MatMul', ['b', 'v'], 'c'),
      node('MatMul', ['c', 'u'], 'd'),
      einsum('nhij->nij', ['d'], 'y'),
    ]),
    ['a (3): a, c, d', 'a (6): a', 'c (2): c'],
  ),
  free(
    'MatMul@1',
    'with a vector',
    net(['N', 5], { w: [5, 6], v: [6] }, [node('MatMul', ['x', 'w'], 'a'), node('MatMul', ['a', 'v'], 'y')]),
  ),
  free(
    'MatMul@1',
    'of a vector',
    net(['N', 5, 4], { w: [6, 5], v: [6] }, [node('MatMul', ['w', 'x'], 'a'), node('MatMul', ['v', 'a'], 'y')]),
  ),
  free(
    'MatMul@1',
    'at opset 9',
    net(['N', 5], { w: [5, 6], v: [6, 2] }, [node('MatMul', ['x', 'w'], 'a'), node('MatMul', ['a', 'v'], 'y')], 9),
  ),
  free(
    'Gemm@7',
    'of weights on the left',
    net([5, 4], { w: [6, 5], b: [6, 1], v: [6, 2] }, [
      node('Gemm', ['w', 'x', 'b'], 'a'),
      node('Relu', ['a'], 'c'),
      node('Gemm', ['v', 'c'], 'y', { transA: 1 }),
    ]),
  ),
  free(
    'Gemm@7',
    'of activations',
    net([4, 5], { w: [5, 6], v: [5, 6], b: [6] }, [
      node('Gemm', ['x', 'w', 'b'], 'a'),
      node('Gemm', ['x', 'v'], 'c'),
      node('Gemm', ['a', 'c'], 'y', { transB: 1 }),
    ]),
    ['a (6): a, c'],
  ),
  free(
    'Einsum@12',
    'of heads',
    net(['N', 4, 5], { w: [3, 5, 6], v: [3, 6, 2] }, [
      einsum('nti,hid->nhtd', ['x', 'w'], 'a'),
      node('Relu', ['a'], 'b'),
      einsum('nhtd,hdo->nto', ['b', 'v'], 'y'),
    ]),
    ['a (3): a', 'a (6): a'],
  ),
  free(
    'Einsum@12',
    'of activations',
    net(['N', 4, 5], { wq: [5, 6], wk: [5, 6], wv: [5, 3], wo: [3, 2] }, [
      einsum('...i,io', ['x', 'wq'], 'q'),
      einsum('...i,io->...o', ['x', 'wk'], 'k'),
      einsum('nti,iv->nvt', ['x', 'wv'], 'v'),
      einsum('nid,njd->nij', ['q', 'k'], 's'),
      node('Softmax', ['s'], 'p'),
      einsum('nij,nvj->niv', ['p', 'v'], 'a'),
      einsum('niv,vo->nio', ['a', 'wo'], 'y'),
    ]),
    ['q (6): q, k', 'v (3): v'],
  ),
  free(
    'Einsum@12',
    'of three factors',
    net(['N', 5], { w: [5, 6], v: [6, 4], u: [6, 2], t: [2, 3], s: [4, 3] }, [
      einsum('ni,ir->nr', ['x', 'w'], 'a'),
      einsum('nr,rj,rk->njk', ['a', 'v', 'u'], 'b'),
      node('MatMul', ['b', 't'], 'c'),
      einsum('nij->nji', ['c'], 'd'),
      node('MatMul', ['d', 's'], 'y'),
    ]),
    ['a (6): a, b', 'b (4): b', 'b (2): b'],
  ),
  free(
    'Einsum@12',
    'that sums over one operand alone',
    net(['N', 5], { w: [5, 6] }, [node('Gemm', ['x', 'w'], 'a'), einsum('nc->n', ['a'], 'y')]),
  ),
  pins(
    'Einsum@12',
    'of a diagonal',
    net(['N', 4, 5], { w: [5, 4] }, [node('MatMul', ['x', 'w'], 'a'), einsum('nii->ni', ['a'], 'y')]),
    ['a', 2, "node 'y' (Einsum): its equation 'nii->ni' takes a diagonal"],
  ),
];
