/** @file Nets around reductions and what looks along an axis: norms over channels can be cut, choices among them not. */
import type { ModelProto, NodeProto } from '../../../src/onnx/messages.js';
import { floats, integers, modelOf, node, type WeightSketch } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, rows, SAME, type Weights } from './lawNet.js';

const KINDS = ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'SumSquare', 'L1', 'L2', 'LogSum', 'LogSumExp'];

const reductions = KINDS.flatMap((kind): readonly LawNet[] => {
  const type = `Reduce${kind}`;
  const since = kind === 'Sum' ? 13 : 18;
  // Positive and near 1, for logarithms and products.
  const before = [node('Sigmoid', ['a'], 'g'), node('Add', ['g', 'half'], 'p')];
  const half = { half: floats([0.5], []) };
  const over = (axes: readonly number[], attributes = {}, channels = 6) =>
    image([...before, one(type, { axes, ...attributes }, ['p'])], half, 12, channels);
  const overInput = (axes: readonly number[], channels = 6, opset = since) =>
    image([...before, one(type, {}, ['p', 'axes'])], { ...half, axes: integers(axes) }, opset, channels);
  return [
    free(`${type}@1`, 'over space', over([-2, 3])),
    free(`${type}@1`, 'over the channels', over([1], {}, 1)),
    free(`${type}@${since}`, 'over space', overInput([2, -1])),
    free(`${type}@${since}`, 'over the channels', overInput([-3], 1, 20)),
    free(
      `${type}@${since}`,
      'over nothing',
      image([...before, one(type, { noop_with_empty_axes: 1 }, ['p'])], half, since),
    ),
    free(
      `${type}@${since}`,
      'over the channels, dropping them, then all',
      modelOf({
        inputs: { x: ['N', 3, 4, 4] },
        weights: { w1: [6, 3, 3, 3], axes: integers([1]), rest: integers([1, 2]), ...half },
        nodes: [
          node('Conv', ['x', 'w1'], 'a', SAME),
          ...before,
          node(type, ['p', 'axes'], 'r', { keepdims: 0 }),
          node(type, ['r', 'rest'], 'y', { keepdims: 0 }),
        ],
        outputs: ['y'],
        opset: since,
      }),
    ),
  ];
});

/** LayerNorm over the last axis as exporters decompose it before opset 17. */
function decomposedNorm(from: string, to: string): readonly NodeProto[] {
  const name = (part: string) => `${to}_${part}`;
  return [
    node('ReduceMean', [from], name('mean'), { axes: [-1] }),
    node('Sub', [from, name('mean')], name('centred')),
    node('Pow', [name('centred'), 'two'], name('squares')),
    node('ReduceMean', [name('squares')], name('variance'), { axes: [-1] }),
    node('Add', [name('variance'), 'epsilon'], name('moved')),
    node('Sqrt', [name('moved')], name('deviation')),
    node('Div', [name('centred'), name('deviation')], name('normal')),
    node('Mul', [name('normal'), 'gain'], name('scaled')),
    node('Add', [name('scaled'), 'shift'], to),
  ];
}

const normWeights: Readonly<Record<string, WeightSketch>> = {
  two: floats([2], []),
  epsilon: floats([1e-3], []),
  gain: { dims: [6], from: 0.5, to: 1.5 },
  shift: [6],
};

/** Tokens [N, 4, 5] → MatMul (6 columns) → nodes from 'a' to 'b' → MatMul. */
function tokens(nodes: readonly NodeProto[], weights: Weights = {}, opset = 14): ModelProto {
  return modelOf({
    inputs: { x: ['N', 4, 5] },
    weights: { f1: [5, 6], f2: [6, 2], ...weights },
    nodes: [node('MatMul', ['x', 'f1'], 'a'), ...nodes, node('MatMul', ['b', 'f2'], 'y')],
    outputs: ['y'],
    opset,
  });
}

const norms: readonly LawNet[] = [
  free('ReduceMean@1', 'in a decomposed LayerNorm', tokens(decomposedNorm('a', 'b'), normWeights)),
  free(
    'ReduceMean@1',
    'in two decomposed LayerNorms with a residual',
    tokens(
      [
        ...decomposedNorm('a', 'n'),
        node('MatMul', ['n', 'm'], 'c'),
        node('Add', ['c', 'a'], 'r'),
        ...decomposedNorm('r', 'b'),
      ],
      { ...normWeights, m: [6, 6] },
    ),
    ['a (6): a, c'],
  ),
  free(
    'ReduceL2@1',
    'in an L2 normalisation of channels',
    image(
      [node('ReduceL2', ['a'], 'n', { axes: [1] }), node('Clip', ['n', 'least'], 'm'), one('Div', {}, ['a', 'm'])],
      { least: floats([1e-6], []) },
    ),
  ),
  free(
    'ReduceSum@13',
    'of a softmax by hand, over positions',
    tokens([node('Exp', ['a'], 'e'), node('ReduceSum', ['e', 'axes'], 's'), one('Div', {}, ['e', 's'])], {
      axes: integers([1]),
    }),
  ),
  free(
    'ReduceMean@18',
    'in an RMS norm by hand',
    rows(
      [
        node('Mul', ['a', 'a'], 'q'),
        node('ReduceMean', ['q', 'axes'], 'v'),
        node('Add', ['v', 'epsilon'], 'e'),
        node('Sqrt', ['e'], 'r'),
        node('Reciprocal', ['r'], 'i'),
        one('Mul', {}, ['a', 'i']),
      ],
      { axes: integers([-1]), epsilon: floats([1e-3], []) },
      18,
    ),
  ),
];

/** Conv (6 channels on 4 × 4) → nodes from 'a' to 'y'. */
function head(nodes: readonly NodeProto[], weights: Weights = {}, opset = 17): ModelProto {
  return modelOf({
    inputs: { x: ['N', 3, 4, 4] },
    weights: { w1: [6, 3, 3, 3], ...weights },
    nodes: [node('Conv', ['x', 'w1'], 'a', SAME), ...nodes],
    outputs: ['y'],
    opset,
  });
}

const positions: readonly LawNet[] = ['ArgMax', 'ArgMin'].flatMap((type) => [
  pins(`${type}@1`, 'over the channels', head([node(type, ['a'], 'y', { axis: -3, keepdims: 0 })]), [
    'a',
    1,
    `node 'y' (${type}): ${type} gives positions on it`,
  ]),
  free(`${type}@1`, 'over space', image([node(type, ['a'], 'i', { axis: 3 }), one('Cast', { to: 1 }, ['i'])])),
  free(
    `${type}@1`,
    'over space, dropping it',
    head(
      [
        node(type, ['a'], 'i', { axis: -1, keepdims: 0, select_last_index: 1 }),
        node('Cast', ['i'], 'f', { to: 1 }),
        node('ReduceMean', ['f'], 'm', { axes: [2], keepdims: 0 }),
        node('MatMul', ['m', 'f2'], 'y'),
      ],
      { f2: [6, 2] },
    ),
  ),
]);

const k = { k: integers([2]) };
const tops: readonly LawNet[] = [
  free('TopK@1', 'over space', image([node('TopK', ['a'], ['b', 'i'], { k: 2, axis: 3 })], {}, 9)),
  pins('TopK@1', 'over the channels', image([node('TopK', ['a'], ['b', 'i'], { k: 2, axis: 1 })], {}, 9, 2), [
    'a',
    1,
    "node 'b' (TopK): TopK orders what is on it",
  ]),
  free('TopK@10', 'over space', image([node('TopK', ['a', 'k'], ['b', 'i'], { largest: 0 })], k)),
  pins('TopK@10', 'over the channels', image([node('TopK', ['a', 'k'], ['b', 'i'], { axis: -3 })], k, 17, 2), [
    'a',
    1,
    "node 'b' (TopK): TopK orders what is on it",
  ]),
];

const softs = [
  ['LogSoftmax', 'normalises over it'],
  ['Hardmax', 'looks for the largest on it'],
].flatMap(([type, does]) => [
  pins(`${type}@1`, 'from the channels on', image([one(type!)], {}, 11), [
    'a',
    1,
    `node 'b' (${type}): ${type} ${does}`,
  ]),
  free(`${type}@1`, 'over the last axis', image([one(type!, { axis: -1 })], {}, 12)),
  pins(`${type}@13`, 'over the channels', rows([one(type!)]), ['a', 1, `node 'b' (${type}): ${type} ${does}`]),
  free(`${type}@13`, 'over the last axis', image([one(type!)])),
]);

/** Numbers that a seed repeats, or no proof could compare two runs. */
const seed = { seed: { float: 1 } };
const keeps = (type: string) => `node 'r' (${type}): ${type} draws a number for every element`;
const draws: readonly LawNet[] = [
  ...['RandomNormal', 'RandomUniform'].flatMap((type) => [
    pins(
      `${type}@1`,
      'added to channels',
      image([node(type, [], 'r', { ...seed, shape: [1, 6, 4, 4] }), one('Add', {}, ['a', 'r'])]),
      ['a', 1, keeps(type)],
    ),
    pins(
      `${type}Like@1`,
      'added to channels',
      image([node(`${type}Like`, ['a'], 'r', seed), one('Add', {}, ['a', 'r'])]),
      ['a', 1, keeps(`${type}Like`)],
    ),
    pins(
      `${type}Like@1`,
      'in the shape of a constant',
      image([node(`${type}Like`, ['c'], 'r', seed), one('Add', {}, ['a', 'r'])], { c: [6, 1, 1] }),
      ['a', 1, keeps(`${type}Like`)],
    ),
  ]),
  pins(
    'Bernoulli@15',
    'as a mask',
    image([node('Sigmoid', ['a'], 'p'), node('Bernoulli', ['p'], 'r', seed), one('Mul', {}, ['a', 'r'])]),
    ['a', 1, keeps('Bernoulli')],
  ),
  pins(
    'Multinomial@7',
    'of channels',
    rows([node('Multinomial', ['a'], 'r', { ...seed, sample_size: 6 }), one('Cast', { to: 1 }, ['r'])]),
    ['a', 1, keeps('Multinomial')],
  ),
];

export const reductionLawNets: readonly LawNet[] = [...reductions, ...norms, ...positions, ...tops, ...softs, ...draws];
