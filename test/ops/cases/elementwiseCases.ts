import { floats, integers, node, positive, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3, 2],
    [2, 3, 2],
  ],
  [
    [2, 3, 2, 2],
    [3, 1, 1],
  ],
  [
    [3, 1],
    [2, 3, 4],
  ],
  [
    [2, 1, 3],
    [1, 4, 1],
  ],
  [[2, 3], []],
  [[], [2, 3]],
];

const binary = ['Add', 'Mul'].flatMap((type) =>
  pairs.map(
    ([a, b]): OpCase => ({
      record: `${type}@7`,
      title: `[${a.join(', ')}] with [${b.join(', ')}]`,
      opset: a.length === 0 ? 7 : 17,
      node: node(type, ['a', 'b'], 'y'),
      inputs: { a, b },
    }),
  ),
);

const unary = ['Relu', 'Sigmoid', 'Identity'].flatMap((type) =>
  [[2, 3, 2, 2], [5], []].map(
    (x): OpCase => ({
      record: `${type}@1`,
      title: `of [${x.join(', ')}]`,
      opset: x.length === 1 ? 7 : 17,
      node: node(type, ['x'], 'y'),
      inputs: { x },
    }),
  ),
);

function clip(title: string, inputs: readonly string[], weights: Readonly<Record<string, WeightSketch>>): OpCase {
  return { record: 'Clip@11', title, opset: 17, node: node('Clip', inputs, 'y'), inputs: { x: [2, 3, 4] }, weights };
}

const low = floats([-0.31], []);
const high = floats([0.36], []);
const clips: readonly OpCase[] = [
  clip('on both sides', ['x', 'low', 'high'], { low, high }),
  clip('from below', ['x', 'low'], { low }),
  clip('from above', ['x', '', 'high'], { high }),
  clip('without limits', ['x'], {}),
  clip('with limits that cross', ['x', 'high', 'low'], { low, high }),
  { ...clip('of opset 11', ['x', 'low', 'high'], { low, high }), opset: 11 },
  {
    ...clip('with a limit that is fed', ['x', 'limit'], {}),
    inputs: { x: [2, 3], limit: [] },
    untrainable: 'its limits are calculated from the data',
  },
  ...[{}, { min: { float: -0.31 }, max: { float: 0.36 } }, { max: { float: 0.36 } }].map(
    (attributes): OpCase => ({
      record: 'Clip@6',
      title: `with ${Object.keys(attributes).join(' and ') || 'no limits'}`,
      opset: 10,
      node: node('Clip', ['x'], 'y', attributes),
      inputs: { x: [2, 3, 4] },
    }),
  ),
];

const dropouts: readonly OpCase[] = [
  {
    record: 'Dropout@7',
    title: 'outside training',
    opset: 9,
    node: node('Dropout', ['x'], 'y', { ratio: { float: 0.3 } }),
    inputs: { x: [2, 5] },
  },
  {
    record: 'Dropout@7',
    title: 'without a ratio',
    opset: 11,
    node: node('Dropout', ['x'], 'y'),
    inputs: { x: [2, 5] },
  },
  {
    record: 'Dropout@12',
    title: 'outside training',
    opset: 13,
    node: node('Dropout', ['x', 'ratio'], 'y', { seed: 3 }),
    inputs: { x: [2, 5] },
    weights: { ratio: floats([0.3], []) },
  },
  {
    record: 'Dropout@12',
    title: 'without a ratio',
    opset: 17,
    node: node('Dropout', ['x'], 'y'),
    inputs: { x: [2, 5] },
  },
];

const norms: readonly OpCase[] = [
  [2, 3, 2, 2],
  [4, 3],
  [2, 3, 4],
  [1, 2, 2, 1, 2],
].flatMap((x) =>
  [9, 15].map(
    (opset): OpCase => ({
      record: 'BatchNormalization@7',
      title: `of [${x.join(', ')}] at opset ${opset}`,
      opset,
      node: node('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'], 'y', { epsilon: { float: 0.01 } }),
      inputs: { x },
      weights: { scale: positive([x[1]!]), shift: [x[1]!], mean: [x[1]!], variance: positive([x[1]!]) },
    }),
  ),
);

const softmaxes: readonly OpCase[] = [
  ...[1, 0, 2, -1].map(
    (axis): OpCase => ({
      record: 'Softmax@1',
      title: `from axis ${axis}`,
      opset: axis < 0 ? 11 : 9,
      node: node('Softmax', ['x'], 'y', { axis }),
      inputs: { x: [2, 3, 2] },
    }),
  ),
  {
    record: 'Softmax@1',
    title: 'without an axis',
    opset: 12,
    node: node('Softmax', ['x'], 'y'),
    inputs: { x: [2, 3, 2] },
  },
  ...[1, 0, -1, -2].map(
    (axis): OpCase => ({
      record: 'Softmax@13',
      title: `over axis ${axis}`,
      opset: 13,
      node: node('Softmax', ['x'], 'y', { axis }),
      inputs: { x: [2, 3, 2] },
    }),
  ),
  {
    record: 'Softmax@13',
    title: 'without an axis',
    opset: 17,
    node: node('Softmax', ['x'], 'y'),
    inputs: { x: [2, 3, 2] },
  },
];

const axes = integers([2, -3]);
const means: readonly OpCase[] = [
  ...[{ axes: [2, 3] }, { axes: [-1], keepdims: 0 }, { axes: [1, -1], keepdims: 0 }, {}, { keepdims: 0 }].map(
    (attributes): OpCase => ({
      record: 'ReduceMean@1',
      title: JSON.stringify(attributes),
      opset: attributes.axes?.some((axis) => axis < 0) ? 13 : 9,
      node: node('ReduceMean', ['x'], 'y', attributes),
      inputs: { x: [2, 3, 2, 2] },
    }),
  ),
  {
    record: 'ReduceMean@18',
    title: 'over axes from an input',
    opset: 18,
    node: node('ReduceMean', ['x', 'axes'], 'y'),
    inputs: { x: [2, 3, 2, 2] },
    weights: { axes },
  },
  {
    record: 'ReduceMean@18',
    title: 'dropping the axes',
    opset: 18,
    node: node('ReduceMean', ['x', 'axes'], 'y', { keepdims: 0 }),
    inputs: { x: [2, 3, 2, 2] },
    weights: { axes },
  },
  {
    record: 'ReduceMean@18',
    title: 'over all axes',
    opset: 18,
    node: node('ReduceMean', ['x'], 'y'),
    inputs: { x: [2, 3, 2] },
  },
  {
    record: 'ReduceMean@18',
    title: 'over none',
    opset: 18,
    node: node('ReduceMean', ['x'], 'y', { noop_with_empty_axes: 1 }),
    inputs: { x: [2, 3, 2] },
  },
];

export const elementwiseCases = [...binary, ...unary, ...clips, ...dropouts];
export const normalizationCases = [...norms, ...softmaxes, ...means];
