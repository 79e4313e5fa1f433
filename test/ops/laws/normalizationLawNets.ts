/** @file For normalisations, nets whose channels run through them. */
import type { ModelProto, NodeProto } from '../../../src/onnx/messages.js';
import { modelOf, node, positive } from '../../support/modelOf.js';
import { free, image, type LawNet, one, pins, rows, type Weights } from './lawNet.js';

/** Tokens [N, 5, 6] from a product 'a', nodes from 'a' to 'b', and a second product. */
function tokens(nodes: readonly NodeProto[], weights: Weights, opset = 17): ModelProto {
  return modelOf({
    inputs: { x: ['N', 5, 4] },
    weights: { w1: [4, 6], w2: [6, 2], ...weights },
    nodes: [node('MatMul', ['x', 'w1'], 'a'), ...nodes, node('MatMul', ['b', 'w2'], 'y')],
    outputs: ['y'],
    opset,
  });
}

const gain: Weights = { s: positive([6]) };
const gainAndOffset: Weights = { ...gain, o: [6] };
const layer = (attributes = {}) => one('LayerNormalization', attributes, ['a', 's', 'o']);
const group = (groups: number) => one('GroupNormalization', { num_groups: groups }, ['a', 's', 'o']);
const microsoft = (type: string, inputs: readonly string[], outputs: string | readonly string[] = 'b') =>
  node(type, inputs, outputs, {}, 'com.microsoft');

/** Two products 'a' and 'c' of the same width, for the sums before a normalisation. */
const tower = node('MatMul', ['x', 'v1'], 'c');
const towerWeights: Weights = { v1: [4, 6] };
const BOTH = ['a (6): a, c'];

export const normalizationLawNets: readonly LawNet[] = [
  free('LayerNormalization@1', 'of rows', rows([layer()], gainAndOffset)),
  free('LayerNormalization@1', 'of tokens', tokens([layer()], gainAndOffset)),
  free('LayerNormalization@1', 'of tokens at opset 12', tokens([layer()], gainAndOffset, 12)),
  free('LayerNormalization@1', 'over two axes', tokens([layer({ axis: -2 })], { s: positive([5, 6]), o: [6] })),
  free('LayerNormalization@1', 'with one gain for all', tokens([layer()], { s: positive([1, 1]), o: [6] })),
  free('LayerNormalization@1', 'over space', image([layer({ axis: 2 })], { s: positive([4, 4]), o: [4, 4] })),
  free(
    'LayerNormalization@1',
    'over channels and space',
    image([layer({ axis: 1 })], { s: positive([6, 4, 4]), o: [6, 1, 1] }),
  ),
  free(
    'LayerNormalization@1',
    'whose mean is added',
    tokens([node('LayerNormalization', ['a', 's', 'o'], ['n', 'm']), one('Add', {}, ['n', 'm'])], gainAndOffset),
  ),
  free(
    'LayerNormalization@1',
    'on a residual stream',
    tokens(
      [
        node('LayerNormalization', ['a', 's'], 'n'),
        node('MatMul', ['n', 'up'], 'h'),
        node('Relu', ['h'], 'r'),
        node('MatMul', ['r', 'down'], 'd'),
        node('Add', ['a', 'd'], 'q'),
        one('LayerNormalization', {}, ['q', 's2', 'o']),
      ],
      { ...gainAndOffset, s2: positive([6]), up: [6, 8], down: [8, 6] },
    ),
    ['a (6): a, d', 'h (8): h'],
  ),
  free(
    'SimplifiedLayerNormalization@1',
    'of tokens',
    tokens([one('SimplifiedLayerNormalization', {}, ['a', 's'])], gain),
  ),
  free('RMSNormalization@23', 'of tokens', tokens([one('RMSNormalization', {}, ['a', 's'])], gain, 23)),
  ...[9, 22].map((opset) =>
    free(
      'InstanceNormalization@6',
      `at opset ${opset}`,
      image([one('InstanceNormalization', {}, ['a', 's', 'o'])], gainAndOffset, opset),
    ),
  ),
  free('GroupNormalization@18', 'in two groups', image([group(2)], { s: positive([2]), o: [2] }, 18), ['a (3): a']),
  free('GroupNormalization@18', 'in one group', image([group(1)], { s: positive([1]), o: [1] }, 18)),
  free('GroupNormalization@18', 'of single channels', image([group(6)], gainAndOffset, 18)),
  free('GroupNormalization@21', 'in two groups', image([group(2)], gainAndOffset, 21), ['a (3): a']),
  free('GroupNormalization@21', 'in three groups', image([group(3)], gainAndOffset, 21), ['a (2): a']),
  free('GroupNormalization@21', 'in one group', image([group(1)], gainAndOffset, 21)),
  free('GroupNormalization@21', 'of single channels', image([group(6)], gainAndOffset, 21)),
  free('LpNormalization@1', 'of rows', rows([one('LpNormalization')])),
  free('LpNormalization@1', 'of the channels of an image', image([one('LpNormalization', { axis: 1, p: 1 })])),
  free('LpNormalization@1', 'along the width', image([one('LpNormalization')])),
  pins('MeanVarianceNormalization@9', 'of each channel', image([one('MeanVarianceNormalization')]), [
    'a',
    1,
    "node 'b' (MeanVarianceNormalization): ONNX Runtime does not tell the shape of its output",
  ]),
  free(
    'com.microsoft.SkipLayerNormalization@1',
    'of two towers',
    tokens([tower, microsoft('SkipLayerNormalization', ['a', 'c', 's', 'o', 'bias'])], {
      ...towerWeights,
      ...gainAndOffset,
      bias: [6],
    }),
    BOTH,
  ),
  free(
    'com.microsoft.SkipLayerNormalization@1',
    'whose sum goes on',
    tokens(
      [
        tower,
        microsoft('SkipLayerNormalization', ['a', 'c', 's'], ['n', '', '', 'q']),
        microsoft('SkipLayerNormalization', ['n', 'q', 's', 'o']),
      ],
      { ...towerWeights, ...gainAndOffset },
    ),
    BOTH,
  ),
  free(
    'com.microsoft.SkipSimplifiedLayerNormalization@1',
    'of two towers',
    tokens([tower, microsoft('SkipSimplifiedLayerNormalization', ['a', 'c', 's'])], { ...towerWeights, ...gain }),
    BOTH,
  ),
];
