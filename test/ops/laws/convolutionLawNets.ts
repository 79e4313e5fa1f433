import { type AttributeSketch, modelOf, node } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, SAME, type Weights } from './lawNet.js';

type Attributes = Readonly<Record<string, AttributeSketch>>;

/** Conv (6 channels on 4 × 4) → one operator → Conv. */
const between = (type: string, attributes: Attributes, weights: Weights, channels: number) =>
  image([one(type, attributes, ['a', ...Object.keys(weights)])], weights, 17, channels);

/** The same over one axis or three. */
const along = (type: string, spatial: number, attributes: Attributes, weights: Weights, channels: number) => {
  const dims = (size: number) => Array<number>(spatial).fill(size);
  return modelOf({
    inputs: { x: ['N', 3, ...dims(4)] },
    weights: { w1: [6, 3, ...dims(1)], w2: [2, channels, ...dims(1)], ...weights },
    nodes: [
      node('Conv', ['x', 'w1'], 'a'),
      one(type, attributes, ['a', ...Object.keys(weights)]),
      node('Conv', ['b', 'w2'], 'y'),
    ],
    outputs: ['y'],
  });
};

const grouped = ['a (3): a', 'b (2): b'];

export const convolutionLawNets: readonly LawNet[] = [
  free('Conv@1', 'in groups', between('Conv', { ...SAME, group: 2 }, { v: [4, 3, 3, 3], c: [4] }, 4), grouped),
  free('Conv@1', 'in groups of one output', between('Conv', { group: 2 }, { v: [2, 3, 1, 1] }, 2), [
    'a (3): a',
    'b (1): b',
  ]),
  free('Conv@1', 'depthwise', between('Conv', { ...SAME, group: 6 }, { v: [6, 1, 3, 3], c: [6] }, 6), ['a (6): a, b']),
  free('Conv@1', 'depthwise with a multiplier', between('Conv', { group: 6 }, { v: [12, 1, 3, 3], c: [12] }, 12), [
    'a (6): a, b',
  ]),
  free('Conv@1', 'dilated', between('Conv', { dilations: [2, 2] }, { v: [5, 6, 2, 2] }, 5), ['a (6): a', 'b (5): b']),
  free(
    'Conv@1',
    'in two kinds of groups, one after the other',
    image(
      [node('Conv', ['a', 'v'], 'g', { group: 2 }), one('Conv', { group: 3 }, ['g', 'u'])],
      { v: [12, 3, 1, 1], u: [6, 4, 1, 1] },
      17,
    ),
    ['a (3): a', 'g (2): g', 'b (2): b'],
  ),
  free(
    'Conv@1',
    'whose groups cut the blocks of a multiplier',
    image(
      [node('Conv', ['a', 'v'], 'd', { group: 6 }), one('Conv', { group: 4 }, ['d', 'u'])],
      { v: [12, 1, 1, 1], u: [4, 3, 1, 1] },
      17,
      4,
    ),
    ['a (1): a, d', 'b (1): b'],
  ),
  pins(
    'Conv@1',
    'depthwise on the input',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { v: [3, 1, 3, 3], w2: [2, 3, 1, 1] },
      nodes: [node('Conv', ['x', 'v'], 'b', { group: 3 }), node('Conv', ['b', 'w2'], 'y')],
      outputs: ['y'],
    }),
    ['b', 1, "graph input 'x'"],
  ),
  free(
    'Conv@1',
    'with a kernel that is calculated',
    {
      ...modelOf({
        inputs: { x: ['N', 3, 4, 4] },
        weights: { w1: [6, 3, 1, 1], v: [4, 3, 1, 1], w2: [2, 4, 1, 1] },
        nodes: [
          node('Conv', ['x', 'w1'], 'a'),
          node('Relu', ['v'], 'k'),
          node('Conv', ['a', 'k'], 'b', { group: 2 }),
          node('Conv', ['b', 'w2'], 'y'),
        ],
        outputs: ['y'],
      }),
    },
    ['a (3): a', 'k (2): k'],
  ),
  ...[1, 3].flatMap((spatial) => {
    const kernel = Array<number>(spatial).fill(2);
    return [
      free('Conv@1', `over ${spatial} axes`, along('Conv', spatial, {}, { v: [5, 6, ...kernel] }, 5), [
        'a (6): a',
        'b (5): b',
      ]),
      free(
        'ConvTranspose@1',
        `over ${spatial} axes, in groups`,
        along('ConvTranspose', spatial, { group: 2 }, { v: [6, 2, ...kernel] }, 4),
        grouped,
      ),
    ];
  }),
  free('ConvTranspose@1', 'strided', between('ConvTranspose', { strides: [2, 2] }, { v: [6, 5, 2, 2], c: [5] }, 5), [
    'a (6): a',
    'b (5): b',
  ]),
  free(
    'ConvTranspose@1',
    'in groups',
    between('ConvTranspose', { strides: [2, 2], group: 2 }, { v: [6, 2, 3, 3], c: [4] }, 4),
    grouped,
  ),
  free(
    'ConvTranspose@1',
    'depthwise',
    between('ConvTranspose', { strides: [2, 2], group: 6 }, { v: [6, 1, 4, 4], c: [6] }, 6),
    ['a (6): a, b'],
  ),
  free(
    'ConvTranspose@1',
    'depthwise with a multiplier',
    between('ConvTranspose', { group: 6 }, { v: [6, 2, 2, 2], c: [12] }, 12),
    ['a (6): a, b'],
  ),
  free(
    'ConvTranspose@1',
    'depthwise with a multiplier on the input',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { v: [3, 4, 2, 2], w2: [2, 12, 1, 1] },
      nodes: [node('ConvTranspose', ['x', 'v'], 'b', { group: 3 }), node('Conv', ['b', 'w2'], 'y')],
      outputs: ['y'],
    }),
    ['b (4): b'],
  ),
];
