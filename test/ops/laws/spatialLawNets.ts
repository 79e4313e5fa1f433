import { floats, integers, modelOf, node, type WeightSketch } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, SAME, type Weights } from './lawNet.js';

const twice = floats([1, 1, 2, 2]);

/** PyTorch's way to resize: the batch and the channels from the shape, the size from the file. */
const bySizes = (size: readonly number[], batch = true) =>
  image(
    [
      node('Shape', ['a'], 'd'),
      node('Slice', ['d', 'zero', batch ? 'two' : 'one'], 'lead'),
      node('Concat', ['lead', 'size'], 'sizes', { axis: 0 }),
      one('Resize', { mode: 'linear' }, ['a', '', '', 'sizes']),
    ],
    { zero: integers([0]), one: integers([1]), two: integers([2]), size: integers(size) },
  );

/** A batch of one, so that sizes may name all dimensions. */
const oneImage = (sizes: readonly number[]) =>
  modelOf({
    inputs: { x: [1, 3, 4, 4] },
    weights: { w1: [6, 3, 1, 1], w2: [2, 6, 1, 1], sizes: integers(sizes) },
    nodes: [node('Conv', ['x', 'w1'], 'a'), one('Resize', {}, ['a', '', '', 'sizes']), node('Conv', ['b', 'w2'], 'y')],
    outputs: ['y'],
  });

const padNet = (pads: readonly number[], attributes = {}, channels = 6, opset = 17) =>
  image([one('Pad', attributes, ['a', 'pads'])], { pads: integers(pads) }, opset, channels);

/** A shortcut whose missing channels are zeros (ResNet's option A). */
const shortcut = (byAttribute: boolean): LawNet['model'] =>
  image(
    [
      byAttribute ? node('Pad', ['a'], 'p', { pads: [0, 1, 0, 0, 0, 2, 0, 0] }) : node('Pad', ['a', 'pads'], 'p'),
      node('Conv', ['a', 'v'], 'c', SAME),
      one('Add', {}, ['p', 'c']),
    ],
    { v: [9, 6, 3, 3], ...(byAttribute ? {} : { pads: integers([0, 1, 0, 0, 0, 2, 0, 0]) }) },
    byAttribute ? 9 : 17,
    9,
  );

const sampled = (weights: Weights, sampler: Parameters<typeof one>): LawNet['model'] =>
  image([one(...sampler)], weights as Readonly<Record<string, WeightSketch>>, 20);

export const spatialLawNets: readonly LawNet[] = [
  free('Resize@11', 'by scales', image([one('Resize', {}, ['a', '', 's'])], { s: twice })),
  free(
    'Resize@11',
    'by scales of space alone',
    image([one('Resize', { axes: [2, 3] }, ['a', '', 's'])], { s: floats([2, 2]) }, 18),
  ),
  free('Resize@11', 'by sizes after the shape', bySizes([7, 7])),
  free('Resize@11', 'by sizes with the channels as a literal', bySizes([6, 7, 7], false)),
  free('Resize@11', 'by sizes of all axes', oneImage([1, 6, 5, 8])),
  free(
    'Resize@11',
    'to the size of another image',
    image(
      [
        node('AveragePool', ['a'], 'small', { kernel_shape: [2, 2], strides: [2, 2] }),
        node('Shape', ['a'], 'd'),
        node('Slice', ['d', 'two', 'four'], 'size'),
        node('Shape', ['small'], 'e'),
        node('Slice', ['e', 'zero', 'two'], 'lead'),
        node('Concat', ['lead', 'size'], 'sizes', { axis: 0 }),
        node('Resize', ['small', 'none', 'none', 'sizes'], 'r', { coordinate_transformation_mode: 'asymmetric' }),
        one('Add', {}, ['r', 'a']),
      ],
      { zero: integers([0]), two: integers([2]), four: integers([4]), none: floats([], [0]) },
      11,
    ),
  ),
  pins('Resize@11', 'of channels', image([one('Resize', {}, ['a', '', 's'])], { s: floats([1, 0.5, 1, 1]) }, 17, 3), [
    'a',
    1,
    "node 'b' (Resize): its length changes",
  ]),
  pins(
    'Resize@11',
    'of a region',
    image([one('Resize', { coordinate_transformation_mode: 'tf_crop_and_resize', mode: 'linear' }, ['a', 'r', 's'])], {
      r: floats([0, 0, 0, 0, 1, 1, 0.5, 0.5]),
      s: twice,
    }),
    ['a', 1, "node 'b' (Resize): its length changes"],
  ),
  free('Resize@10', 'by scales', image([one('Resize', { mode: 'linear' }, ['a', 's'])], { s: twice }, 10)),
  free('Upsample@9', 'by scales', image([one('Upsample', {}, ['a', 's'])], { s: twice }, 9)),
  free('Upsample@7', 'by scales', image([one('Upsample', { scales: { floats: [1, 1, 2, 3] } })], {}, 7)),
  ...['constant', 'reflect', 'edge'].flatMap((mode) => [
    free('Pad@11', `of space, ${mode}`, padNet([0, 0, 1, 0, 0, 0, 2, 1], { mode })),
    free('Pad@2', `of space, ${mode}`, image([one('Pad', { mode, pads: [0, 0, 1, 0, 0, 0, 2, 1] })], {}, 9)),
  ]),
  free(
    'Pad@11',
    'of space, by axes',
    image([one('Pad', {}, ['a', 'pads', '', 'axes'])], { pads: integers([1, 0, 0, 1]), axes: integers([-1, 2]) }, 18),
  ),
  free('Pad@11', 'of channels by zeros', shortcut(false), ['a (6): a, c', 'c (3): c']),
  free('Pad@2', 'of channels by zeros', shortcut(true), ['a (6): a, c', 'c (3): c']),
  free('Pad@11', 'of channels by zeros that nothing else gives', padNet([0, 1, 0, 0, 0, 2, 0, 0], {}, 9), [
    'a (6): a',
    'b (3): ',
  ]),
  pins('Pad@11', 'of channels by their like', padNet([0, 1, 0, 0, 0, 1, 0, 0], { mode: 'reflect' }, 8), [
    'a',
    1,
    "node 'b' (Pad): keeps this axis as it is",
  ]),
  pins('Pad@11', 'that crops channels', padNet([0, -1, 0, 0, 0, 0, 0, 0], {}, 5), [
    'a',
    1,
    "node 'b' (Pad): keeps this axis as it is",
  ]),
  ...['DCR', 'CRD'].map((mode) =>
    free(
      'DepthToSpace@1',
      mode,
      image(
        [node('Conv', ['a', 'v'], 'c'), one('DepthToSpace', { blocksize: 2, mode }, ['c'])],
        { v: [12, 6, 1, 1] },
        17,
        3,
      ),
      ['a (6): a', 'c (3): c'],
    ),
  ),
  free('SpaceToDepth@1', 'of blocks', image([one('SpaceToDepth', { blocksize: 2 })], {}, 17, 24)),
  free(
    'SpaceToDepth@1',
    'and back',
    image([node('SpaceToDepth', ['a'], 's', { blocksize: 2 }), one('DepthToSpace', { blocksize: 2 }, ['s'])]),
  ),
  free(
    'DepthToSpace@1',
    'of the blocks of one channel, taken apart another way',
    modelOf({
      inputs: { x: ['N', 3, 4, 4] },
      weights: { w1: [1, 3, 1, 1], v: [3, 1, 1, 1], w2: [2, 3, 1, 1] },
      nodes: [
        node('Conv', ['x', 'w1'], 'a'),
        node('SpaceToDepth', ['a'], 's', { blocksize: 2 }),
        node('DepthToSpace', ['s'], 'd', { blocksize: 2, mode: 'CRD' }),
        node('Conv', ['d', 'v'], 'b'),
        node('Conv', ['b', 'w2'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['a (1): a', 'b (3): b'],
  ),
  pins('LRN@1', 'over channels', image([one('LRN', { size: 3 })]), [
    'a',
    1,
    "node 'b' (LRN): normalises over neighbouring channels",
  ]),
  free(
    'GridSample@16',
    'by a grid',
    modelOf({
      inputs: { x: ['N', 3, 4, 4], g: ['N', 3, 3, 2] },
      weights: { w1: [6, 3, 1, 1], w2: [2, 6, 1, 1] },
      nodes: [node('Conv', ['x', 'w1'], 'a'), one('GridSample', {}, ['a', 'g']), node('Conv', ['b', 'w2'], 'y')],
      outputs: ['y'],
    }),
  ),
  free(
    'AffineGrid@20',
    'of one matrix',
    modelOf({
      inputs: { x: [1, 3, 4, 4] },
      weights: { w1: [6, 3, 1, 1], w2: [2, 6, 1, 1], f: [3, 6], size: integers([1, 6, 3, 3]), s: integers([1, 2, 3]) },
      nodes: [
        node('GlobalAveragePool', ['x'], 'p'),
        node('Flatten', ['p'], 'flat'),
        node('Gemm', ['flat', 'f'], 'h'),
        node('Reshape', ['h', 's'], 't'),
        node('AffineGrid', ['t', 'size'], 'g'),
        node('Conv', ['x', 'w1'], 'a'),
        one('GridSample', {}, ['a', 'g']),
        node('Conv', ['b', 'w2'], 'y'),
      ],
      outputs: ['y'],
      opset: 20,
    }),
  ),
  free(
    'RoiAlign@10',
    'of regions',
    sampled({ r: floats([0, 0, 3, 3, 1, 1, 2, 3], [2, 4]), i: integers([0, 0]) }, [
      'RoiAlign',
      { output_height: 2, output_width: 2 },
      ['a', 'r', 'i'],
    ]),
  ),
  free(
    'MaxRoiPool@1',
    'of regions',
    sampled({ r: floats([0, 0, 0, 3, 3], [1, 5]) }, ['MaxRoiPool', { pooled_shape: [2, 2] }, ['a', 'r']]),
  ),
];
