import { modelOf, node } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, SAME } from './lawNet.js';

const HALVES = { kernel_shape: [2, 2], strides: [2, 2] };

/** Conv → one operator → Conv over one axis or three. */
const along = (type: string, spatial: number, attributes = {}) => {
  const dims = (size: number) => Array<number>(spatial).fill(size);
  return modelOf({
    inputs: { x: ['N', 3, ...dims(4)] },
    weights: { w1: [6, 3, ...dims(1)], w2: [2, 6, ...dims(1)] },
    nodes: [node('Conv', ['x', 'w1'], 'a'), one(type, attributes), node('Conv', ['b', 'w2'], 'y')],
    outputs: ['y'],
  });
};

export const poolingLawNets: readonly LawNet[] = [
  ...['MaxPool@1', 'AveragePool@1', 'LpPool@2'].flatMap((record) => {
    const type = record.split('@')[0]!;
    return [
      free(record, 'strided', image([one(type, { kernel_shape: [2, 2], strides: [2, 2] })])),
      free(record, 'padded', image([one(type, { kernel_shape: [3, 3], ...SAME, strides: [2, 2] })])),
      free(record, 'over one axis', along(type, 1, { kernel_shape: [2] })),
      free(record, 'over three axes', along(type, 3, { kernel_shape: [2, 1, 3] })),
    ];
  }),
  pins(
    'MaxPool@1',
    'whose indices are read',
    image([
      node('MaxPool', ['a'], ['p', 'i'], { kernel_shape: [2, 2], strides: [2, 2] }),
      one('MaxUnpool', HALVES, ['p', 'i']),
    ]),
    ['a', 1, "node 'p' (MaxPool): keeps this axis as it is"],
  ),
  free(
    'MaxPool@1',
    'whose indices nobody reads',
    image([node('MaxPool', ['a'], ['b', 'indices'], { kernel_shape: [2, 2] })]),
  ),
  pins(
    'MaxUnpool@9',
    'of channels',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { v: [6, 3, 1, 1], u: [6, 6, 1, 1], w2: [2, 6, 1, 1] },
      nodes: [
        node('Conv', ['x', 'v'], 'a'),
        node('MaxPool', ['a'], ['p', 'i'], HALVES),
        node('Conv', ['p', 'u'], 'c'),
        one('MaxUnpool', HALVES, ['c', 'i']),
        node('Conv', ['b', 'w2'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['c', 1, "node 'b' (MaxUnpool): its indices count over all channels"],
  ),
  ...['GlobalAveragePool@1', 'GlobalMaxPool@1', 'GlobalLpPool@2'].flatMap((record) => {
    const type = record.split('@')[0]!;
    return [
      free(record, 'of an image', image([one(type)])),
      free(record, 'over one axis', along(type, 1)),
      free(record, 'over three axes', along(type, 3)),
    ];
  }),
];
