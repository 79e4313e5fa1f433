/** @file Reductions, and what looks along an axis. */
import { type AttributeSketch, floats, integers, node } from '../../support/modelOf.js';
import { type OpCase, spaced } from './opCase.js';

const REDUCTIONS = ['Sum', 'Max', 'Min', 'Prod', 'SumSquare', 'L1', 'L2', 'LogSum', 'LogSumExp'];

const reductions = REDUCTIONS.flatMap((kind): readonly OpCase[] => {
  const type = `Reduce${kind}`;
  const inputSince = kind === 'Sum' ? 13 : 18;
  // A logarithm asks for positive sums; a product of many is more than central differences can follow.
  const x = spaced([2, 3, 2, 2], kind === 'LogSum' || kind === 'Prod' ? { offset: 1 } : {});
  return [
    ...[{ axes: [2, 3] }, { axes: [-1], keepdims: 0 }, { axes: [1, -1], keepdims: 0 }, {}, { keepdims: 0 }].map(
      (attributes): OpCase => ({
        record: `${type}@1`,
        title: JSON.stringify(attributes),
        opset: attributes.axes?.some((axis) => axis < 0) ? 12 : 9,
        node: node(type, ['x'], 'y', attributes),
        inputs: { x },
      }),
    ),
    ...[{}, { keepdims: 0 }].map(
      (attributes): OpCase => ({
        record: `${type}@${inputSince}`,
        title: `over axes from an input ${JSON.stringify(attributes)}`,
        opset: inputSince,
        node: node(type, ['x', 'axes'], 'y', attributes),
        inputs: { x },
        weights: { axes: integers([2, -3]) },
      }),
    ),
    {
      record: `${type}@${inputSince}`,
      title: 'over all axes',
      opset: 20,
      node: node(type, ['x'], 'y'),
      inputs: { x },
    },
    {
      record: `${type}@${inputSince}`,
      title: 'over a list of none, which is all',
      opset: 20,
      node: node(type, ['x', 'axes'], 'y'),
      inputs: { x },
      weights: { axes: integers([]) },
    },
    {
      record: `${type}@${inputSince}`,
      title: 'over none',
      opset: 20,
      node: node(type, ['x'], 'y', { noop_with_empty_axes: 1 }),
      inputs: { x },
    },
  ];
});

const more: readonly OpCase[] = [
  {
    record: 'ReduceL2@1',
    title: 'of zeros',
    opset: 9,
    node: node('ReduceL2', ['x'], 'y', { axes: [1] }),
    inputs: { x: floats([0, 0, 0, 3, 4, 0], [2, 3]) },
  },
];

function arg(
  type: string,
  title: string,
  opset: number,
  attributes: Readonly<Record<string, AttributeSketch>>,
): OpCase {
  return {
    record: `${type}@1`,
    title,
    opset,
    node: node(type, ['x'], 'y', attributes),
    inputs: { x: floats([3, 1, 1, 3, 2, 3, 0, 0, 5, 5, 4, 4], [2, 3, 2]) },
  };
}

const args = ['ArgMax', 'ArgMin'].flatMap((type) => [
  arg(type, 'by default', 7, {}),
  arg(type, 'over axis 1', 11, { axis: 1 }),
  arg(type, 'over the last axis, dropping it', 13, { axis: -1, keepdims: 0 }),
  arg(type, 'that takes the last', 13, { axis: 1, select_last_index: 1 }),
]);

const CHOOSES = 'it chooses elements, and tf.js has no gradient for that';
const positions: readonly OpCase[] = [
  {
    record: 'TopK@1',
    title: 'of two',
    opset: 9,
    node: node('TopK', ['x'], ['y', 'i'], { k: 2, axis: 1 }),
    inputs: { x: [2, 3] },
    untrainable: CHOOSES,
  },
  {
    record: 'TopK@10',
    title: 'of the two smallest',
    opset: 11,
    node: node('TopK', ['x', 'k'], ['y', 'i'], { largest: 0, sorted: 1 }),
    inputs: { x: [2, 3] },
    weights: { k: integers([2]) },
    untrainable: CHOOSES,
  },
];

const softs = ['LogSoftmax', 'Hardmax'].flatMap((type) => [
  ...[1, 0, 2, -1].map(
    (axis): OpCase => ({
      record: `${type}@1`,
      title: `from axis ${axis}`,
      opset: axis < 0 ? 11 : 9,
      node: node(type, ['x'], 'y', { axis }),
      inputs: { x: [2, 3, 2] },
    }),
  ),
  { record: `${type}@1`, title: 'by default', opset: 12, node: node(type, ['x'], 'y'), inputs: { x: [2, 3, 2] } },
  ...[1, 0, -1, -2].map(
    (axis): OpCase => ({
      record: `${type}@13`,
      title: `over axis ${axis}`,
      opset: 13,
      node: node(type, ['x'], 'y', { axis }),
      inputs: { x: [2, 3, 2] },
    }),
  ),
  { record: `${type}@13`, title: 'by default', opset: 17, node: node(type, ['x'], 'y'), inputs: { x: [2, 3, 2] } },
]);

const RANDOM = 'it draws random numbers';
const draws: readonly OpCase[] = [
  ...['RandomNormal', 'RandomUniform'].flatMap((type): readonly OpCase[] => [
    {
      record: `${type}@1`,
      title: 'of a shape',
      opset: 17,
      node: node(type, [], 'y', { shape: [2, 3] }),
      inputs: {},
      untrainable: RANDOM,
    },
    {
      record: `${type}Like@1`,
      title: 'of an input',
      opset: 17,
      node: node(`${type}Like`, ['x'], 'y'),
      inputs: { x: [2, 3] },
      untrainable: RANDOM,
    },
  ]),
  {
    record: 'Bernoulli@15',
    title: 'of probabilities',
    opset: 15,
    node: node('Bernoulli', ['x'], 'y'),
    inputs: { x: spaced([2, 2], { offset: 0.5 }) },
    untrainable: RANDOM,
  },
  {
    record: 'Multinomial@7',
    title: 'of logits',
    opset: 7,
    node: node('Multinomial', ['x'], 'y', { sample_size: 3 }),
    inputs: { x: [2, 3] },
    untrainable: RANDOM,
  },
];

export const reductionCases: readonly OpCase[] = [...reductions, ...more, ...args, ...positions, ...softs, ...draws];
