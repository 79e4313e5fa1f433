/** @file Nets around operators that move elements. */
import { makeIntegers } from '../../../src/graph/make.js';
import { DataType } from '../../../src/onnx/dataType.js';
import type { NodeProto } from '../../../src/onnx/messages.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { inputOf, integers, type ModelSketch, modelOf, node, positive } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, rows, SAME, type Weights } from './lawNet.js';

/** Conv (6 channels on 4 × 4) → nodes from 'a' to 'b' → mean over space → Gemm. */
function pooled(nodes: readonly NodeProto[], weights: Weights, width: number, sketch: Partial<ModelSketch> = {}) {
  return modelOf({
    inputs: { x: ['N', 3, 4, 4] },
    weights: { w1: [6, 3, 3, 3], f: [width, 2], ...weights },
    nodes: [
      node('Conv', ['x', 'w1'], 'a', SAME),
      ...nodes,
      node('ReduceMean', ['b'], 'm', { axes: [2, 3], keepdims: 0 }),
      node('Gemm', ['m', 'f'], 'y'),
    ],
    outputs: ['y'],
    ...sketch,
  });
}

const short = (value: number) => makeIntegers('', [value], [1], DataType.INT32);
const ends = integers([Number.MAX_SAFE_INTEGER]);
const channelAxis = integers([1]);

/** The second half of the channels goes one way, the first another; the bounds are calculated as chunk(2, 1) does. */
const chunked = [
  node('Shape', ['a'], 'd'),
  node('Gather', ['d', 'one'], 'c'),
  node('Add', ['c', 'one'], 'c1'),
  node('Div', ['c1', 'two'], 'half'),
  node('Mul', ['half', 'one'], 'lowEnd'),
  node('Slice', ['a', 'zero', 'lowEnd', 'one'], 'low'),
  node('Mul', ['half', 'two'], 'highEnd'),
  node('Slice', ['a', 'lowEnd', 'highEnd', 'one'], 'high'),
];
const chunkWeights = { zero: integers([0]), one: integers([1]), two: integers([2]) };

const transposes = [
  free(
    'Transpose@1',
    'there and back',
    image([node('Transpose', ['a'], 't', { perm: [0, 2, 3, 1] }), one('Transpose', { perm: [0, 3, 1, 2] }, ['t'])]),
  ),
  free(
    'Transpose@1',
    'that shuffles channels of two groups',
    image(
      [
        node('Reshape', ['a', 'apart'], 'r'),
        node('Transpose', ['r'], 't', { perm: [0, 2, 1, 3, 4] }),
        node('Reshape', ['t', 'together'], 'b'),
      ],
      { apart: integers([-1, 2, 3, 4, 4]), together: integers([0, -1, 4, 4]) },
    ),
    ['a (3): a'],
  ),
];

const squeezes = [
  free(
    'Unsqueeze@13',
    'and Squeeze of data',
    rows([node('Unsqueeze', ['a', 'ax'], 'u'), one('Squeeze', {}, ['u', 'ax'])], { ax: integers([-1]) }),
  ),
  free(
    'Squeeze@13',
    'of no named axis, where channels may become one',
    modelOf({
      inputs: { x: [2, 5] },
      weights: { f1: [5, 3], f2: [3, 2], ax: integers([1]) },
      nodes: [
        node('Gemm', ['x', 'f1'], 'a'),
        node('Unsqueeze', ['a', 'ax'], 'u'),
        node('Squeeze', ['u'], 'b'),
        node('Gemm', ['b', 'f2'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a (3): a'],
  ),
  free(
    'Squeeze@1',
    'of no named axis, where channels may become one',
    modelOf({
      inputs: { x: [2, 5] },
      weights: { f1: [5, 3], f2: [3, 2] },
      nodes: [
        node('Gemm', ['x', 'f1'], 'a'),
        node('Unsqueeze', ['a'], 'u', { axes: [-1] }),
        node('Squeeze', ['u'], 'b'),
        node('Gemm', ['b', 'f2'], 'y'),
      ],
      outputs: ['y'],
      opset: 11,
    }),
    ['a (3): a'],
  ),
  pins(
    'Squeeze@13',
    'of no named axis, beside a free one',
    modelOf({
      inputs: { x: ['N', 5] },
      weights: { f1: [5, 3], f2: [3, 2], ax: integers([1]) },
      nodes: [
        node('Gemm', ['x', 'f1'], 'a'),
        node('Unsqueeze', ['a', 'ax'], 'u'),
        node('Squeeze', ['u'], 's'),
        node('MatMul', ['s', 'f2'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a', 1, "node 's' (Squeeze): Squeeze drops axes by their width"],
  ),
];

const slices = [
  ...[9, 17].map((opset) => {
    const attributes = { starts: [1], ends: [5], axes: [1] };
    const take = opset < 10 ? one('Slice', attributes) : one('Slice', {}, ['a', 'l', 'h', 'ax']);
    const weights = opset < 10 ? {} : { l: integers([-5]), h: integers([-1]), ax: channelAxis };
    return free(`Slice@${opset < 10 ? 1 : 10}`, 'of inner channels', image([take], weights, opset, 4), [
      'a (2): a',
      'a (4): a',
    ]);
  }),
  free('Slice@1', 'to the end', image([one('Slice', { starts: [2], ends: [2 ** 31 - 1], axes: [1] })], {}, 9, 4), [
    'a (2): a',
    'a (4): a',
  ]),
  free(
    'Slice@10',
    'backwards',
    image(
      [one('Slice', {}, ['a', 'l', 'h', 'ax', 'st'])],
      { l: integers([4]), h: integers([-Number.MAX_SAFE_INTEGER]), ax: channelAxis, st: integers([-1]) },
      17,
      5,
    ),
    ['a (5): a', 'a (1): a'],
  ),
  free(
    'Slice@10',
    'by bounds of 32 bits',
    image([one('Slice', {}, ['a', 'l', 'h', 'ax'])], { l: short(1), h: short(4), ax: short(1) }, 17, 3),
    ['a (3): a', 'a (3): a'],
  ),
  pins(
    'Slice@10',
    'in steps',
    image(
      [one('Slice', {}, ['a', 'l', 'h', 'ax', 'st'])],
      { l: integers([0]), h: ends, ax: channelAxis, st: integers([2]) },
      17,
      3,
    ),
    ['a', 1, "node 'b' (Slice): takes positions in steps of 2"],
  ),
  free(
    'Slice@10',
    'into halves that are calculated',
    image([...chunked, node('Relu', ['high'], 'r'), one('Concat', { axis: 1 }, ['r', 'low'])], chunkWeights),
    ['a (3): a', 'a (3): a'],
  ),
  free(
    'Slice@10',
    'of rows, columns and channels at once',
    image(
      [one('Slice', {}, ['a', 'l', 'h', 'ax'])],
      { l: integers([1, 0, 1]), h: integers([3, 9, 6]), ax: integers([2, 0, 1]) },
      17,
      5,
    ),
    ['a (1): a', 'a (5): a'],
  ),
  free(
    'Slice@10',
    'within the blocks of a flattened axis',
    modelOf({
      inputs: { x: ['N', 3, 2, 2] },
      weights: { w1: [3, 3, 1, 1], f: [10, 2], l: integers([1]), h: integers([11]), ax: channelAxis },
      nodes: [
        node('Conv', ['x', 'w1'], 'a'),
        node('Flatten', ['a'], 'flat'),
        node('Slice', ['flat', 'l', 'h', 'ax'], 'part'),
        node('Gemm', ['part', 'f'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a (3): a'],
  ),
  free(
    'Slice@10',
    'at the blocks of a flattened axis',
    modelOf({
      inputs: { x: ['N', 3, 2, 2] },
      weights: { w1: [4, 3, 1, 1], f: [8, 2], l: integers([4]), h: integers([-4]), ax: channelAxis },
      nodes: [
        node('Conv', ['x', 'w1'], 'a'),
        node('Flatten', ['a'], 'flat'),
        node('Slice', ['flat', 'l', 'h', 'ax'], 'part'),
        node('Gemm', ['part', 'f'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a (2): a', 'a (2): a'],
  ),
];

const splitNodes = (attributes = {}, inputs: readonly string[] = ['a']) => [
  node('Split', inputs, ['p', 'q'], { axis: 1, ...attributes }),
  node('Relu', ['q'], 'r'),
  one('Concat', { axis: 1 }, ['r', 'p', 'r']),
];
const splits = [
  free('Split@1', 'into equal parts', image(splitNodes(), {}, 11, 9), ['a (3): a', 'a (3): a']),
  free('Split@1', 'into named sizes', image(splitNodes({ split: [2, 4] }), {}, 11, 10), ['a (2): a', 'a (4): a']),
  free('Split@13', 'into equal parts', image(splitNodes(), {}, 17, 9), ['a (3): a', 'a (3): a']),
  free('Split@13', 'by num_outputs', image(splitNodes({ num_outputs: 2, axis: -3 }), {}, 18, 9), [
    'a (3): a',
    'a (3): a',
  ]),
  free('Split@13', 'into sizes from an input', image(splitNodes({}, ['a', 's']), { s: integers([5, 1]) }, 17, 7), [
    'a (5): a',
    'a (1): a',
  ]),
  free(
    'Split@13',
    'whose parts are added',
    image([node('Split', ['a'], ['p', 'q'], { axis: 1 }), one('Add', {}, ['p', 'q'])], {}, 17, 3),
    ['a (3): a'],
  ),
];

const gathers = [
  free(
    'Gather@1',
    'of channels',
    image([one('Gather', { axis: 1 }, ['a', 'i'])], { i: integers([5, 3, -5, 3]) }, 17, 4),
    ['a (3): a', 'a (3): a'],
  ),
  pins(
    'Gather@1',
    'of one channel',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w1: [6, 3, 3, 3], i: integers([2], []), f: [4, 2] },
      nodes: [
        node('Conv', ['x', 'w1'], 'a', SAME),
        node('Gather', ['a', 'i'], 'g', { axis: 1 }),
        node('MatMul', ['g', 'f'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a', 1, "node 'g' (Gather): picks positions of it"],
  ),
  free(
    'Gather@1',
    'of words',
    modelOf({
      inputs: {},
      typedInputs: [inputOf('x', ['N', 4], DataType.INT64)],
      weights: { words: [9, 5], f: [5, 2] },
      nodes: [node('Gather', ['words', 'x'], 'a'), node('MatMul', ['a', 'f'], 'y')],
      outputs: ['y'],
    }),
    ['a (5): a'],
  ),
  free(
    'Gather@1',
    'of a row, which leaves others unread',
    rows([node('Gather', ['t', 'i'], 'g'), one('Add', {}, ['a', 'g'])], { t: [3, 6], i: integers([2]) }),
    ['a (6): a, g', 'g (2): g'],
  ),
  free(
    'GatherElements@11',
    'along another axis',
    modelOf({
      inputs: { x: [2, 3] },
      weights: { w: [3, 4], i: integers([1, 0, 1, 1, 0, 0, 1, 0], [2, 4]), f: [4, 2] },
      nodes: [node('Gemm', ['x', 'w'], 'a'), node('GatherElements', ['a', 'i'], 'b'), node('Gemm', ['b', 'f'], 'y')],
      outputs: ['y'],
    }),
    ['a (4): a'],
  ),
  pins(
    'GatherElements@11',
    'along the channels',
    modelOf({
      inputs: { x: [2, 3] },
      weights: { w: [3, 4], i: integers([1, 0, 1, 1], [2, 2]), f: [2, 2] },
      nodes: [
        node('Gemm', ['x', 'w'], 'a'),
        node('GatherElements', ['a', 'i'], 'b', { axis: 1 }),
        node('Gemm', ['b', 'f'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a', 1, "node 'b' (GatherElements): picks positions of it"],
    ['b (2): b'],
  ),
  free(
    'GatherND@11',
    'of rows',
    modelOf({
      inputs: { x: [3, 3] },
      weights: { w: [3, 4], i: integers([2, 0], [2, 1]), f: [4, 2] },
      nodes: [node('Gemm', ['x', 'w'], 'a'), node('GatherND', ['a', 'i'], 'b'), node('Gemm', ['b', 'f'], 'y')],
      outputs: ['y'],
    }),
    ['a (4): a'],
  ),
];

const scatterNet = (type: string, indices: Weights[string], updates: readonly number[], attributes = {}, opset = 17) =>
  modelOf({
    inputs: { x: [3, 3] },
    weights: { w: [3, 4], i: indices, u: updates, f: [4, 2] },
    nodes: [
      node('MatMul', ['x', 'w'], 'a'),
      node(type, ['a', 'i', 'u'], 'b', attributes),
      node('MatMul', ['b', 'f'], 'y'),
    ],
    outputs: ['y'],
    opset,
  });
const places = integers([1, 0, 2, 1], [1, 4]);
const scatters = [
  free('Scatter@9', 'into rows', scatterNet('Scatter', places, [1, 4], {}, 10), ['a (4): a']),
  free('ScatterElements@11', 'into rows', scatterNet('ScatterElements', places, [1, 4], { reduction: 'add' }), [
    'a (4): a',
  ]),
  pins(
    'ScatterElements@11',
    'into channels',
    scatterNet('ScatterElements', integers([1, 0, 2], [3, 1]), [3, 1], { axis: 1 }),
    ['a', 1, "node 'b' (ScatterElements): replaces positions of it"],
  ),
  free('ScatterND@11', 'of rows', scatterNet('ScatterND', integers([2, 0], [2, 1]), [2, 4]), ['a (4): a']),
];

/** A token of one position is put before the rows of a Gemm, for as many samples as there are. */
const token = (target: readonly NodeProto[]) =>
  modelOf({
    inputs: { x: ['N', 3, 5] },
    weights: {
      f1: [5, 6],
      f2: [6, 2],
      cls: [1, 1, 6],
      zero: integers([0]),
      ones: integers([1, 1]),
      width: integers([1, 6]),
    },
    nodes: [
      node('MatMul', ['x', 'f1'], 'a'),
      node('Shape', ['x'], 'd'),
      node('Gather', ['d', 'zero'], 'n'),
      ...target,
      node('Expand', ['cls', 's'], 'e'),
      node('Concat', ['e', 'a'], 'b', { axis: 1 }),
      node('MatMul', ['b', 'f2'], 'y'),
    ],
    outputs: ['y'],
  });

const repeats = [
  free('Expand@8', 'of a token by ones', token([node('Concat', ['n', 'ones'], 's', { axis: 0 })])),
  free('Expand@8', 'of a token by its width', token([node('Concat', ['n', 'width'], 's', { axis: 0 })])),
  free(
    'Expand@8',
    'of one number to channels',
    pooled(
      [node('Expand', ['g', 's'], 'e'), one('Mul', {}, ['a', 'e'])],
      { g: positive([1]), s: integers([6, 1, 1]) },
      6,
    ),
  ),
  free('Tile@6', 'of channels', image([one('Tile', {}, ['a', 'r'])], { r: integers([1, 2, 1, 1]) }, 17, 12)),
  free(
    'Tile@6',
    'of one position to channels',
    pooled(
      [node('Tile', ['g', 'r'], 'e'), one('Mul', {}, ['a', 'e'])],
      { g: positive([1, 1, 1]), r: integers([6, 1, 1]) },
      6,
    ),
  ),
  free(
    'ConstantOfShape@9',
    'of the batch and a width',
    rows(
      [
        node('Shape', ['a'], 'd'),
        node('Gather', ['d', 'zero'], 'n'),
        node('Concat', ['n', 'six'], 's', { axis: 0 }),
        node('ConstantOfShape', ['s'], 'c', {
          value: { tensor: createTensor('', DataType.FLOAT, [1], new Uint8Array(new Float32Array([2]).buffer)) },
        }),
        one('Add', {}, ['a', 'c']),
      ],
      { zero: integers([0]), six: integers([6]) },
    ),
  ),
  free(
    'ConstantOfShape@9',
    'of the width itself',
    rows([node('Shape', ['a'], 'd'), node('ConstantOfShape', ['d'], 'c'), one('Add', {}, ['a', 'c'])], {}),
  ),
];

const counting = [
  pins(
    'Range@11',
    'of numbers',
    rows([node('Range', ['zero', 'end', 'step'], 'r'), one('Add', {}, ['a', 'r'])], {
      zero: createTensor('', DataType.FLOAT, [], new Uint8Array(new Float32Array([0]).buffer)),
      end: createTensor('', DataType.FLOAT, [], new Uint8Array(new Float32Array([6]).buffer)),
      step: createTensor('', DataType.FLOAT, [], new Uint8Array(new Float32Array([1]).buffer)),
    }),
    ['a', 1, "node 'r' (Range): counts along it"],
  ),
  pins(
    'OneHot@9',
    'of words',
    modelOf({
      inputs: {},
      typedInputs: [inputOf('x', ['N'], DataType.INT64)],
      weights: {
        depth: integers([4], []),
        values: createTensor('', DataType.FLOAT, [2], new Uint8Array(new Float32Array([0, 1]).buffer)),
        f1: [4, 2],
      },
      nodes: [node('OneHot', ['x', 'depth', 'values'], 'a'), node('MatMul', ['a', 'f1'], 'y')],
      outputs: ['y'],
    }),
    ['a', 1, "node 'a' (OneHot): counts along it"],
  ),
  pins(
    'EyeLike@9',
    'of a square',
    modelOf({
      inputs: { x: [3, 4] },
      weights: { f1: [4, 5], f2: [5, 2] },
      nodes: [
        node('Gemm', ['x', 'f1'], 'a'),
        node('EyeLike', ['a'], 'e'),
        node('Add', ['a', 'e'], 'b'),
        node('Gemm', ['b', 'f2'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a', 1, "node 'e' (EyeLike): is 1 where its two axes meet"],
  ),
  free('Trilu@14', 'of space', image([one('Trilu')])),
  pins('Trilu@14', 'of channels', rows([one('Trilu')]), ['a', 1, "node 'b' (Trilu): keeps a triangle of it"]),
  free(
    'ReverseSequence@10',
    'of states',
    modelOf({
      inputs: { x: [4, 2, 5] },
      weights: { f1: [5, 6], f2: [6, 2], lengths: integers([3, 4]) },
      nodes: [
        node('MatMul', ['x', 'f1'], 'a'),
        node('ReverseSequence', ['a', 'lengths'], 'b'),
        node('MatMul', ['b', 'f2'], 'y'),
      ],
      outputs: ['y'],
    }),
  ),
  pins(
    'Size@1',
    'of channels',
    rows([node('Size', ['a'], 'n'), node('Cast', ['n'], 'c', { to: DataType.FLOAT }), one('Div', {}, ['a', 'c'])]),
    ['a', 1, "node 'b' (Div): its input 'c' is calculated from the width"],
  ),
  free(
    'Reshape@5',
    'of both sides into other factors',
    modelOf({
      inputs: { x: [2, 6, 3] },
      weights: { w: [3, 8], s: integers([2, 2, 12, 2]), v: [2, 5] },
      nodes: [node('MatMul', ['x', 'w'], 'a'), node('Reshape', ['a', 's'], 'b'), node('MatMul', ['b', 'v'], 'y')],
      outputs: ['y'],
    }),
    ['a (2): a'],
  ),
  free(
    'Reshape@5',
    'that takes heads along into the batch',
    modelOf({
      inputs: { x: ['N', 3, 5] },
      weights: { w: [5, 8], s: integers([3, -1, 4]), back: integers([-1, 8]), v: [8, 2] },
      nodes: [
        node('Transpose', ['x'], 't', { perm: [1, 0, 2] }),
        node('MatMul', ['t', 'w'], 'a'),
        node('Reshape', ['a', 's'], 'heads'),
        node('Relu', ['heads'], 'r'),
        node('Reshape', ['r', 'back'], 'b'),
        node('MatMul', ['b', 'v'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a (4): a'],
  ),
  pins(
    'Reshape@5',
    'that puts channels before the batch',
    modelOf({
      inputs: { x: ['N', 5] },
      weights: { w: [5, 8], s: integers([4, -1, 2]), v: [2, 2] },
      nodes: [node('MatMul', ['x', 'w'], 'a'), node('Reshape', ['a', 's'], 'b'), node('MatMul', ['b', 'v'], 'y')],
      outputs: ['y'],
    }),
    ['a', 1, "node 'b' (Reshape): mixes it with the batch"],
  ),
];

export const movementLawNets: readonly LawNet[] = [
  ...transposes,
  ...squeezes,
  ...slices,
  ...splits,
  ...gathers,
  ...scatters,
  ...repeats,
  ...counting,
];
