/** @file Operators on several inputs with broadcasting. */
import { DataType } from '../../../src/onnx/dataType.js';
import type { TensorProto } from '../../../src/onnx/messages.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { type AttributeSketch, floats, integers, node, type WeightSketch } from '../../support/modelOf.js';
import { type OpCase, spaced } from './opCase.js';
import { truths } from './pointwiseCases.js';

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
  [[2, 3], []],
  [[], [2, 3]],
];

/** Values of b lie between those of a, so that no comparison is near to its kink, and away from 0. */
const arithmetic = (
  ['Sub', 'Div', 'Pow', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual', 'Equal'] as const
).flatMap((type) => {
  const since = type.endsWith('OrEqual') ? 12 : 7;
  return pairs.map(
    ([a, b], i): OpCase => ({
      record: `${type}@${since}`,
      title: `[${a.join(', ')}] with [${b.join(', ')}]`,
      opset: i === 0 ? (type === 'Equal' ? 11 : since === 7 ? 9 : since) : 17,
      node: node(type, ['a', 'b'], 'y'),
      inputs: { a: spaced(a, { offset: 1 }), b: spaced(b, { offset: 1.025, seed: 9 }) },
    }),
  );
});

const INTEGERS = 'it divides integers';
const call = (
  record: string,
  title: string,
  opset: number,
  inputs: Readonly<Record<string, TensorProto | readonly number[]>>,
  weights: Readonly<Record<string, WeightSketch>> = {},
  attributes: Readonly<Record<string, AttributeSketch>> = {},
): OpCase => ({
  record,
  title,
  opset,
  node: node(record.split('@')[0]!, [...Object.keys(inputs), ...Object.keys(weights)], 'y', attributes),
  inputs,
  weights,
});

const special: readonly OpCase[] = [
  { ...call('Div@7', 'of integers', 14, { a: integers([-7]), b: integers([2]) }), untrainable: INTEGERS },
  call('Equal@7', 'of integers', 17, { a: integers([1, 2, 3]), b: integers([3, 2, 1]) }),
  ...[2, 0.5, 1, 3, -1].map((exponent) =>
    call(
      'Pow@7',
      `to the power of ${exponent}`,
      15,
      { a: spaced([2, 5], { offset: 1 }) },
      { b: floats([exponent], []) },
    ),
  ),
  call('Pow@7', 'of what is negative, squared', 13, { a: [2, 5] }, { b: floats([2], []) }),
  call('Pow@7', 'to a trained exponent', 15, { a: spaced([2, 3], { offset: 1 }) }, { b: floats([2.5], [1]) }),
  ...[[2, 3], [1, 3], [2, 1], []].map((b) =>
    call(
      'Mod@10',
      `by [${b.join(', ')}] with the sign of the dividend`,
      b.length === 0 ? 10 : 17,
      { a: spaced([2, 3], { scale: 7 }), b: spaced(b, { offset: 1.3, seed: 9 }) },
      {},
      { fmod: 1 },
    ),
  ),
  { ...call('Mod@10', 'of integers', 13, { a: integers([-7]), b: integers([2]) }), untrainable: INTEGERS },
];

const variadic = ['Max', 'Min', 'Sum', 'Mean'].flatMap((type) => [
  call(`${type}@1`, 'of three', 8, {
    a: [2, 3, 2],
    b: spaced([3, 1], { offset: 0.0167, seed: 5 }),
    c: spaced([2], { offset: 0.033, seed: 8 }),
  }),
  call(`${type}@1`, 'of two', 17, { a: [2, 3], b: spaced([2, 3], { offset: 0.025, seed: 5 }) }),
  call(`${type}@1`, 'of one', 13, { a: [2, 3] }),
  call(`${type}@1`, 'of opset 6', 7, { a: [2, 3], b: spaced([2, 3], { offset: 0.025, seed: 5 }) }),
]);

const logic = ['And', 'Or', 'Xor'].flatMap((type) => [
  call(`${type}@7`, 'of matrices', 7, { a: truths([0, 0, 1, 1]), b: truths([0, 1, 0, 1]) }),
  call(`${type}@7`, 'with broadcasting', 17, { a: truths([0, 1], [2, 1]), b: truths([0, 1, 1]) }),
]);

/** BitShift is for unsigned integers alone. */
const bytes = (values: readonly number[]) => createTensor('', DataType.UINT8, [values.length], Uint8Array.from(values));

const BITS = 'it works on bits, which have no gradient';
const bits: readonly OpCase[] = [
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((type) => ({
    ...call(`${type}@18`, 'of integers', 18, { a: integers([6, 3]), b: integers([5]) }),
    untrainable: BITS,
  })),
  {
    ...call('BitShift@11', 'to the left', 11, { a: bytes([6, 3]), b: bytes([1, 2]) }, {}, { direction: 'LEFT' }),
    untrainable: BITS,
  },
];

const wheres: readonly OpCase[] = [
  call('Where@9', 'of equal shapes', 9, { c: truths([1, 0, 0, 1], [2, 2]), a: [2, 2], b: [2, 2] }),
  call('Where@9', 'with broadcasting', 17, { c: truths([1, 0], [2, 1, 1]), a: [3, 2], b: [1] }),
  call('Where@9', 'with a scalar', 16, { c: truths([1, 0, 1]), a: floats([-9], []), b: [2, 3] }),
];

const slopes: readonly OpCase[] = [
  call('PRelu@7', 'per channel', 9, { x: [2, 3, 2, 2] }, { slope: [3, 1, 1] }),
  call('PRelu@7', 'for all', 7, { x: [2, 3] }, { slope: [1] }),
  call('PRelu@7', 'per element', 16, { x: [2, 3] }, { slope: [2, 3] }),
];

export const broadcastCases: readonly OpCase[] = [
  ...arithmetic,
  ...special,
  ...variadic,
  ...logic,
  ...bits,
  ...wheres,
  ...slopes,
];
