/** @file For the records of the first convolutional networks, a net around the operator, or why channels stop at it. */
import type { ModelProto, NodeProto } from '../../../src/onnx/messages.js';
import { floats, integers, modelOf, node, positive } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, rows, SAME, type Weights } from './lawNet.js';

/** Shape arithmetic that ends in a Reshape of the four channels' 4 × 4 to rows. */
function reshaped(nodes: readonly NodeProto[], weights: Weights, opset = 17): ModelProto {
  return modelOf({
    inputs: { x: ['N', 3, 4, 4] },
    weights: { w1: [6, 3, 3, 3], f1: [96, 2], ...weights },
    nodes: [
      node('Conv', ['x', 'w1'], 'a', SAME),
      ...nodes,
      node('Reshape', ['a', 's'], 'flat'),
      node('MatMul', ['flat', 'f1'], 'y'),
    ],
    outputs: ['y'],
    opset,
  });
}
const width = integers([96]);
const zero = integers([0]);
const scalarZero = integers([0], []);

export const coreLawNets: readonly LawNet[] = [
  free('Conv@1', 'in a row', image([one('Conv', SAME, ['a', 'v'])], { v: [5, 6, 3, 3] }, 17, 5), [
    'a (6): a',
    'b (5): b',
  ]),
  ...[9, 15].map((opset) =>
    free(
      'BatchNormalization@7',
      `at opset ${opset}`,
      image(
        [one('BatchNormalization', {}, ['a', 's', 'o', 'm', 'v'])],
        { s: positive([6]), o: [6], m: [6], v: positive([6]) },
        opset,
      ),
    ),
  ),
  free(
    'Add@7',
    'of two towers',
    image([node('Conv', ['x', 'v'], 'c'), one('Add', {}, ['c', 'a'])], { v: [6, 3, 1, 1] }),
    ['a (6): a, c'],
  ),
  free('Mul@7', 'by a gain per channel', image([one('Mul', {}, ['g', 'a'])], { g: [1, 6, 1, 1] })),
  free('Relu@1', 'of an image', image([one('Relu')])),
  free('Sigmoid@1', 'of rows', rows([one('Sigmoid')])),
  free('Identity@1', 'of an image', image([one('Identity')])),
  free('Clip@6', 'of an image', image([one('Clip', { min: { float: -0.2 }, max: { float: 0.4 } })], {}, 10)),
  free('Clip@11', 'of rows', rows([one('Clip', {}, ['a', 'l', 'h'])], { l: floats([-0.2], []), h: floats([0.4], []) })),
  free('Dropout@7', 'of rows', rows([one('Dropout', { ratio: { float: 0.4 } })], {}, 11)),
  free('Dropout@12', 'of rows', rows([one('Dropout')])),
  free(
    'Concat@4',
    'of three parts',
    image([node('Conv', ['x', 'v'], 'c'), one('Concat', { axis: 1 }, ['a', 'c', 'a'])], { v: [3, 3, 1, 1] }, 17, 15),
    ['a (6): a', 'c (3): c'],
  ),
  free(
    'Gemm@7',
    'in a row',
    rows([one('Gemm', { transB: 1, alpha: { float: 0.5 } }, ['a', 'v', 'c'])], { v: [6, 6], c: [6] }),
    ['a (6): a', 'b (6): b'],
  ),
  free('Gemm@7', 'with C of two axes', rows([one('Gemm', {}, ['a', 'v', 'c'])], { v: [6, 6], c: [1, 6] }), [
    'a (6): a',
    'b (6): b',
  ]),
  free('MatMul@1', 'in a row', rows([one('MatMul', {}, ['a', 'v'])], { v: [6, 6] }), ['a (6): a', 'b (6): b']),
  pins('Softmax@1', 'from the channels on', image([one('Softmax')], {}, 11), [
    'a',
    1,
    "node 'b' (Softmax): Softmax normalises over it",
  ]),
  free('Softmax@1', 'over the last axis', image([one('Softmax', { axis: 3 })], {}, 11)),
  pins('Softmax@13', 'over the channels', rows([one('Softmax')]), [
    'a',
    1,
    "node 'b' (Softmax): Softmax normalises over it",
  ]),
  free('Softmax@13', 'over the last axis', image([one('Softmax')])),
  free('ReduceMean@1', 'over space', image([one('ReduceMean', { axes: [2, 3] })])),
  free('ReduceMean@18', 'over space', image([one('ReduceMean', {}, ['a', 'axes'])], { axes: integers([-1, -2]) }, 18)),
  free(
    'ReduceMean@18',
    'that drops the axes',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w1: [6, 3, 3, 3], axes: integers([2, 3]), f1: [6, 2] },
      nodes: [
        node('Conv', ['x', 'w1'], 'a'),
        node('ReduceMean', ['a', 'axes'], 'b', { keepdims: 0 }),
        node('Gemm', ['b', 'f1'], 'y'),
      ],
      outputs: ['y'],
      opset: 18,
    }),
  ),
  free(
    'Flatten@1',
    'before a Gemm',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w1: [6, 3, 3, 3], f1: [96, 2] },
      nodes: [node('Conv', ['x', 'w1'], 'a', SAME), node('Flatten', ['a'], 'b'), node('Gemm', ['b', 'f1'], 'y')],
      outputs: ['y'],
    }),
  ),
  free('Reshape@5', 'with a literal width', reshaped([], { s: integers([-1, 96]) })),
  free('Constant@1', 'as a shape', reshaped([node('Constant', [], 's', { value_ints: [-1, 96] })], {}, 13)),
  free(
    'Shape@1',
    'and Gather, Unsqueeze by attribute',
    reshaped(
      [
        node('Shape', ['a'], 'd'),
        node('Gather', ['d', 'zero'], 'n'),
        node('Unsqueeze', ['n'], 'u', { axes: [0] }),
        node('Concat', ['u', 'width'], 's', { axis: 0 }),
      ],
      { zero: scalarZero, width },
      11,
    ),
  ),
  free(
    'Shape@1',
    'with start and end',
    reshaped([node('Shape', ['a'], 'n', { start: 0, end: 1 }), node('Concat', ['n', 'width'], 's', { axis: 0 })], {
      width,
    }),
  ),
  free(
    'Gather@1',
    'of a shape',
    reshaped(
      [node('Shape', ['a'], 'd'), node('Gather', ['d', 'zero'], 'n'), node('Concat', ['n', 'width'], 's', { axis: 0 })],
      { zero, width },
    ),
  ),
  free(
    'Slice@10',
    'of a shape',
    reshaped(
      [
        node('Shape', ['a'], 'd'),
        node('Slice', ['d', 'zero', 'end'], 'n'),
        node('Concat', ['n', 'width'], 's', { axis: 0 }),
      ],
      { zero, end: integers([-3]), width },
    ),
  ),
  free(
    'Unsqueeze@1',
    'of a width',
    reshaped(
      [
        node('Shape', ['a'], 'd'),
        node('Gather', ['d', 'zero'], 'n'),
        node('Unsqueeze', ['n'], 'u', { axes: [0] }),
        node('Concat', ['u', 'width'], 's', { axis: 0 }),
      ],
      { zero: scalarZero, width },
      11,
    ),
  ),
  free(
    'Unsqueeze@13',
    'of a literal',
    reshaped(
      [
        node('Shape', ['a'], 'd'),
        node('Gather', ['d', 'zero'], 'n'),
        node('Unsqueeze', ['literal', 'zero'], 'u'),
        node('Concat', ['n', 'u'], 's', { axis: 0 }),
      ],
      { zero, literal: integers([96], []) },
    ),
  ),
  free(
    'Squeeze@1',
    'there and back',
    reshaped(
      [
        node('Shape', ['a'], 'd'),
        node('Gather', ['d', 'zero'], 'n'),
        node('Squeeze', ['n'], 'q', { axes: [0] }),
        node('Unsqueeze', ['q'], 'u', { axes: [0] }),
        node('Concat', ['u', 'width'], 's', { axis: 0 }),
      ],
      { zero, width },
      11,
    ),
  ),
  free(
    'Squeeze@13',
    'there and back',
    reshaped(
      [
        node('Shape', ['a'], 'd'),
        node('Gather', ['d', 'zero'], 'n'),
        node('Squeeze', ['n', 'zero'], 'q'),
        node('Unsqueeze', ['q', 'zero'], 'u'),
        node('Concat', ['u', 'width'], 's', { axis: 0 }),
      ],
      { zero, width },
    ),
  ),
];
