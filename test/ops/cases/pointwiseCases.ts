/** @file Operators on each element by itself. */
import { DataType } from '../../../src/onnx/dataType.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { type AttributeSketch, floats, integers, node } from '../../support/modelOf.js';
import { type OpCase, spaced } from './opCase.js';

type Attributes = Readonly<Record<string, AttributeSketch>>;

/** Truth values as a tensor. */
export function truths(values: readonly number[], dims: readonly number[] = [values.length]) {
  return createTensor('', DataType.BOOL, dims, Uint8Array.from(values));
}

/** A case of one input; `range` moves the values into the domain, or across the kinks. */
function point(
  type: string,
  since: number,
  opset: number,
  title: string,
  range: { readonly scale?: number; readonly offset?: number } = {},
  attributes: Attributes = {},
  dims: readonly number[] = [2, 3, 2],
): OpCase {
  const record = `${type}@${since}`;
  return { record, title, opset, node: node(type, ['x'], 'y', attributes), inputs: { x: spaced(dims, range) } };
}

/** Type, opset of the record, an early opset that ONNX Runtime has kernels for, and where the function is smooth. */
const plain: readonly (readonly [string, number, number, { readonly scale?: number; readonly offset?: number }?])[] = [
  ['Tanh', 1, 7],
  ['Abs', 1, 7],
  ['Neg', 1, 7],
  ['Exp', 1, 7],
  ['Log', 1, 7, { offset: 1 }],
  ['Sqrt', 1, 7, { offset: 1 }],
  ['Reciprocal', 1, 7, { offset: 1 }],
  ['Erf', 9, 9],
  ['Sin', 7, 7],
  ['Cos', 7, 7],
  ['Tan', 7, 7],
  ['Asin', 7, 7],
  ['Acos', 7, 7],
  ['Atan', 7, 7],
  ['Sinh', 9, 9],
  ['Cosh', 9, 9],
  ['Asinh', 9, 9],
  ['Acosh', 9, 9, { offset: 2 }],
  ['Atanh', 9, 9],
  ['Ceil', 1, 7, { scale: 7 }],
  ['Floor', 1, 7, { scale: 7 }],
  ['Round', 11, 11, { scale: 7 }],
  ['Sign', 9, 9],
  ['Softplus', 1, 7, { scale: 4 }],
  ['Softsign', 1, 7],
  ['HardSwish', 14, 14, { scale: 7 }],
  ['Mish', 18, 18, { scale: 4 }],
];

const half = { float: 0.5 };
const activations: readonly OpCase[] = [
  ...[{}, { alpha: half }].flatMap((attributes) => [
    point('Elu', 1, 7, JSON.stringify(attributes), {}, attributes),
    point('Celu', 12, 12, JSON.stringify(attributes), {}, attributes),
    point('LeakyRelu', 1, 16, JSON.stringify(attributes), {}, attributes),
    point('ThresholdedRelu', 10, 10, JSON.stringify(attributes), { scale: 3, offset: 0.05 }, attributes),
  ]),
  point('Elu', 1, 17, 'far out', { scale: 300 }, { alpha: half }),
  {
    ...point('Celu', 12, 17, 'of a negative alpha', {}, { alpha: { float: -1 } }),
    untrainable: 'its alpha is not positive',
  },
  point('Selu', 6, 7, 'by default'),
  point('Selu', 6, 22, 'with alpha and gamma', {}, { alpha: half, gamma: { float: 2 } }),
  point('Shrink', 9, 9, 'by default', { scale: 3, offset: 0.01 }),
  point('Shrink', 9, 17, 'with bias and lambd', {}, { bias: half, lambd: { float: 0.2 } }),
  point('HardSigmoid', 1, 7, 'by default', { scale: 17 }),
  point('HardSigmoid', 1, 22, 'with alpha and beta', {}, { alpha: { float: 2 }, beta: half }),
  point('Swish', 24, 24, 'by default', { scale: 4 }),
  point('Swish', 24, 24, 'with alpha', {}, { alpha: { float: 1.7 } }),
  point('Gelu', 20, 20, 'by default', { scale: 2 }),
  point('Gelu', 20, 20, 'by tanh', { scale: 2 }, { approximate: 'tanh' }),
];

const odd = floats([Number.NaN, 1, Number.POSITIVE_INFINITY, -2, Number.NEGATIVE_INFINITY, 0]);
const tests: readonly OpCase[] = [
  { record: 'IsNaN@9', title: 'of all kinds', opset: 9, node: node('IsNaN', ['x'], 'y'), inputs: { x: odd } },
  ...[{}, { detect_positive: 0 }, { detect_negative: 0 }, { detect_positive: 0, detect_negative: 0 }].map(
    (attributes, i): OpCase => ({
      record: 'IsInf@10',
      title: JSON.stringify(attributes),
      opset: i === 0 ? 20 : 10,
      node: node('IsInf', ['x'], 'y', attributes),
      inputs: { x: odd },
    }),
  ),
  {
    record: 'Not@1',
    title: 'of truth values',
    opset: 7,
    node: node('Not', ['x'], 'y'),
    inputs: { x: truths([1, 0, 0, 1], [2, 2]) },
  },
  {
    record: 'BitwiseNot@18',
    title: 'of integers',
    opset: 18,
    node: node('BitwiseNot', ['x'], 'y'),
    inputs: { x: integers([1, -5]) },
    untrainable: 'it works on bits, which have no gradient',
  },
];

const cast = (title: string, x: OpCase['inputs'][string], to: number): OpCase => ({
  record: 'Cast@6',
  title,
  opset: 17,
  node: node('Cast', ['x'], 'y', { to }),
  inputs: { x },
});

const casts: readonly OpCase[] = [
  cast('to double', [2, 3], DataType.DOUBLE),
  cast('to int32', spaced([3, 4], { scale: 7 }), DataType.INT32),
  cast('to int64', spaced([3, 4], { scale: 7 }), DataType.INT64),
  cast('to truth values', floats([0, 1, -0.5, 0]), DataType.BOOL),
  cast('of integers', integers([-3, 4]), DataType.FLOAT),
  cast('of integers to shorter ones', integers([-3, 4]), DataType.INT32),
  cast('of truth values', truths([1, 0]), DataType.FLOAT),
  { ...cast('to strings', [2], DataType.STRING), untrainable: 'it gives no numbers' },
  { ...cast('at opset 9', [2, 3], DataType.FLOAT), opset: 9 },
  {
    record: 'CastLike@15',
    title: 'to integers',
    opset: 15,
    node: node('CastLike', ['x', 'like'], 'y'),
    inputs: { x: spaced([3, 4], { scale: 7 }) },
    weights: { like: integers([1, 2]) },
  },
  {
    record: 'CastLike@15',
    title: 'to the same',
    opset: 19,
    node: node('CastLike', ['x', 'like'], 'y', { saturate: 1 }),
    inputs: { x: [2, 2] },
    weights: { like: [5] },
  },
];

const sums = (['', 'exclusive', 'reverse', 'both'] as const).flatMap((kind) =>
  [0, 1, -1].map(
    (axis): OpCase => ({
      record: 'CumSum@11',
      title: `along axis ${axis} ${kind}`,
      opset: axis === 0 ? 11 : 17,
      node: node('CumSum', ['x', 'axis'], 'y', {
        exclusive: kind === 'exclusive' || kind === 'both' ? 1 : 0,
        reverse: kind === 'reverse' || kind === 'both' ? 1 : 0,
      }),
      inputs: { x: [2, 3, 2] },
      weights: { axis: integers([axis], []) },
    }),
  ),
);

export const pointwiseCases: readonly OpCase[] = [
  ...plain.flatMap(([type, since, early, range]) => [
    point(type, since, early, `at opset ${early}`, range),
    point(type, since, 22, 'of a scalar', range, {}, []),
  ]),
  ...activations,
  ...tests,
  ...casts,
  ...sums,
  {
    record: 'CumSum@11',
    title: 'along an axis that is fed',
    opset: 17,
    node: node('CumSum', ['x', 'axis'], 'y'),
    inputs: { x: [2, 3], axis: integers([1], []) },
    untrainable: 'its axis is calculated from the data',
  },
];
