import { type AttributeSketch, node, positive, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

type Sketches = Readonly<Record<string, WeightSketch>>;
const EPSILON = { epsilon: { float: 0.01 } };

/** A node that reads 'x' and the weights, in their order. */
function normalize(
  type: string,
  since: number,
  opset: number,
  title: string,
  x: readonly number[],
  weights: Sketches = {},
  attributes: Readonly<Record<string, AttributeSketch>> = {},
  outputs: readonly string[] = ['y'],
): OpCase {
  return {
    record: `${type}@${since}`,
    title,
    opset,
    node: node(type, ['x', ...Object.keys(weights)], outputs, attributes),
    inputs: { x },
    weights,
  };
}

const gain = (...dims: readonly number[]): Sketches => ({ s: positive(dims) });
const gainAndOffset = (...dims: readonly number[]): Sketches => ({ s: positive(dims), b: dims });

const layer = (title: string, x: readonly number[], weights: Sketches, attributes = {}, outputs = ['y'], opset = 17) =>
  normalize('LayerNormalization', 1, opset, title, x, weights, { ...EPSILON, ...attributes }, outputs);
const simplified = (title: string, x: readonly number[], weights: Sketches, attributes = {}, outputs = ['y']) =>
  normalize('SimplifiedLayerNormalization', 1, 17, title, x, weights, { ...EPSILON, ...attributes }, outputs);
const rms = (title: string, x: readonly number[], weights: Sketches, attributes = {}) =>
  normalize('RMSNormalization', 23, 23, title, x, weights, { ...EPSILON, ...attributes });
const group = (since: number, title: string, x: readonly number[], weights: Sketches, groups: number) =>
  normalize('GroupNormalization', since, since, title, x, weights, { ...EPSILON, num_groups: groups });

const MICROSOFT = 'com.microsoft';

/** A fused sum and normalisation of 'x' and 'z'. */
function skip(
  type: string,
  title: string,
  inputs: readonly string[],
  outputs: readonly string[],
  z: readonly number[] = [2, 3, 4],
): OpCase {
  const all: Sketches = { s: positive([4]), b: [4], c: [4] };
  return {
    record: `${MICROSOFT}.${type}@1`,
    title,
    opset: 17,
    node: node(type, ['x', 'z', ...inputs], outputs, EPSILON, MICROSOFT),
    inputs: { x: [2, 3, 4], z },
    weights: Object.fromEntries(Object.entries(all).filter(([name]) => inputs.includes(name))),
  };
}

export const moreNormalizationCases: readonly OpCase[] = [
  layer('over the last axis', [2, 3, 4], gainAndOffset(4)),
  layer('without an offset', [2, 4], gain(4)),
  layer('over two axes', [2, 3, 4], gainAndOffset(3, 4), { axis: 1 }),
  layer('from axis -2 on', [2, 3, 4], gainAndOffset(3, 4), { axis: -2 }),
  layer('over all axes', [3, 4], gainAndOffset(3, 4), { axis: 0 }),
  layer('with its statistics', [2, 3, 4], gainAndOffset(4), { stash_type: 1 }, ['y', 'mean', 'inverse']),
  layer('with its mean', [2, 3, 4], gainAndOffset(4), {}, ['y', 'mean']),
  layer('of opset 11', [2, 3, 4], gainAndOffset(4), {}, ['y'], 11),
  { ...layer('with the default ε', [3, 8], gainAndOffset(8)), node: node('LayerNormalization', ['x', 's', 'b'], 'y') },
  simplified('over the last axis', [2, 3, 4], gain(4)),
  simplified('over two axes', [2, 3, 4], gain(3, 4), { axis: 1 }),
  simplified('with its deviation', [2, 3, 4], gain(4), {}, ['y', 'inverse']),
  rms('over the last axis', [2, 3, 4], gain(4)),
  rms('over two axes', [2, 3, 4], gain(3, 4), { axis: -2 }),
  ...[6, 22].map((opset) =>
    normalize('InstanceNormalization', 6, opset, `at opset ${opset}`, [2, 3, 2, 2], gainAndOffset(3), EPSILON),
  ),
  normalize('InstanceNormalization', 6, 17, 'of rank 3', [2, 3, 5], gainAndOffset(3)),
  normalize('InstanceNormalization', 6, 17, 'of rank 5', [1, 2, 2, 2, 2], gainAndOffset(2)),
  group(18, 'in two groups', [2, 4, 2, 2], gainAndOffset(2), 2),
  group(18, 'in one group', [2, 4, 3], gainAndOffset(1), 1),
  group(18, 'of single channels', [2, 3, 4], gainAndOffset(3), 3),
  group(21, 'in two groups', [2, 4, 2, 2], gainAndOffset(4), 2),
  group(21, 'in one group', [2, 4, 3], gainAndOffset(4), 1),
  group(21, 'of single channels', [2, 3, 4], gainAndOffset(3), 3),
  ...[1, 22].flatMap((opset) => [
    normalize('LpNormalization', 1, opset, `by the last axis at opset ${opset}`, [2, 3, 4]),
    normalize('LpNormalization', 1, opset, `with p = 1 at opset ${opset}`, [2, 3, 4], {}, { axis: 1, p: 1 }),
  ]),
  normalize('LpNormalization', 1, 17, 'by axis -3', [2, 3, 4], {}, { axis: -3, p: 2 }),
  ...[9, 13].map((opset) => normalize('MeanVarianceNormalization', 9, opset, `at opset ${opset}`, [2, 3, 2, 2])),
  normalize('MeanVarianceNormalization', 9, 17, 'over space and channels', [2, 3, 4], {}, { axes: [1, -1] }),
  skip('SkipLayerNormalization', 'of two', ['s', 'b'], ['y']),
  skip('SkipLayerNormalization', 'with a bias', ['s', 'b', 'c'], ['y']),
  skip('SkipLayerNormalization', 'without an offset', ['s', '', 'c'], ['y']),
  skip('SkipLayerNormalization', 'that gives all', ['s', 'b'], ['y', 'mean', 'inverse', 'sum']),
  skip('SkipLayerNormalization', 'with a broadcast skip', ['s'], ['y'], [1, 3, 4]),
  skip('SkipSimplifiedLayerNormalization', 'of two', ['s'], ['y']),
  skip('SkipSimplifiedLayerNormalization', 'with a bias', ['s', 'c'], ['y']),
];
