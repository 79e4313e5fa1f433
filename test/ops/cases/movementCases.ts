/** @file Operators that move elements: take, repeat, cut out, put in. */
import { DataType } from '../../../src/onnx/dataType.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { type AttributeSketch, floats, integers, node, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

type Attributes = Readonly<Record<string, AttributeSketch>>;
interface Sketch {
  readonly opset?: number;
  readonly attributes?: Attributes;
  /** Constant inputs behind the data, in order. */
  readonly constants?: readonly (readonly number[] | WeightSketch)[];
  readonly outputs?: readonly string[];
  readonly untrainable?: string;
}

/** An operator on 'x' with constant inputs; lists of numbers are int64. */
function on(record: string, title: string, x: readonly number[], sketch: Sketch): OpCase {
  const { opset = 17, attributes = {}, constants = [], outputs = ['y'], untrainable } = sketch;
  const weights = Object.fromEntries(
    constants.map((constant, i) => [`c${i}`, Array.isArray(constant) ? integers(constant as number[]) : constant]),
  ) as Readonly<Record<string, WeightSketch>>;
  return {
    record,
    title,
    opset,
    node: node(record.split('@')[0]!, ['x', ...Object.keys(weights)], outputs, attributes),
    inputs: { x },
    weights,
    ...(untrainable === undefined ? {} : { untrainable }),
  };
}

const transposes = [
  ...[[2, 0, 1], [0, 2, 1], undefined].map((perm) =>
    on('Transpose@1', perm === undefined ? 'reversed' : `by ${perm.join(', ')}`, [2, 3, 4], {
      attributes: perm === undefined ? {} : { perm },
    }),
  ),
  on('Transpose@1', 'of a vector', [3], { opset: 7 }),
  on('Transpose@1', 'of five axes', [2, 1, 3, 2, 2], { attributes: { perm: [0, 3, 4, 1, 2] } }),
];

const squeezes = [
  on('Squeeze@1', 'of named axes', [1, 3, 1, 2], { opset: 9, attributes: { axes: [0, 2] } }),
  on('Squeeze@1', 'of negative axes', [1, 3, 1], { opset: 11, attributes: { axes: [-1] } }),
  on('Squeeze@1', 'of all axes that are 1 wide', [1, 3, 1], { opset: 9 }),
  on('Squeeze@13', 'of named axes', [1, 3, 1, 2], { constants: [[-2]] }),
  on('Squeeze@13', 'of all axes that are 1 wide', [1, 3, 1], {}),
  on('Unsqueeze@1', 'at two places', [3, 2], { opset: 9, attributes: { axes: [0, 3] } }),
  on('Unsqueeze@1', 'at a negative place', [3, 2], { opset: 11, attributes: { axes: [-1] } }),
  on('Unsqueeze@13', 'at two places', [3, 2], { constants: [[-1, 1]] }),
  on('Unsqueeze@13', 'of a scalar', [], { constants: [[0]] }),
];

const expands = [
  on('Expand@8', 'of an axis that is 1 wide', [2, 1, 3], { constants: [[2, 4, 3]] }),
  on('Expand@8', 'to more axes', [3], { constants: [[2, 4, 1]] }),
  on('Expand@8', 'to fewer numbers than axes', [2, 1, 3], { constants: [[4, 1]] }),
  on('Expand@8', 'to what it is', [2, 3], { constants: [[1, 1]], opset: 9 }),
  on('Expand@8', 'of a scalar', [], { constants: [[2, 2]] }),
];

const tiles = [
  on('Tile@6', 'along two axes', [2, 3], { constants: [[2, 3]] }),
  on('Tile@6', 'of an axis that is 1 wide', [2, 1, 3], { constants: [[1, 4, 1]], opset: 9 }),
  on('Tile@6', 'once', [2, 3], { constants: [[1, 1]] }),
  on('Tile@6', 'of four axes', [2, 1, 3, 2], { constants: [[1, 2, 2, 1]] }),
];

const splits = [
  on('Split@1', 'into equal parts', [2, 6], { opset: 11, attributes: { axis: 1 }, outputs: ['y', 'z', 'u'] }),
  on('Split@1', 'into named sizes', [6, 2], { opset: 9, attributes: { split: [1, 5] }, outputs: ['y', 'z'] }),
  on('Split@1', 'along a negative axis', [2, 5], {
    opset: 11,
    attributes: { axis: -1, split: [2, 3] },
    outputs: ['y', 'z'],
  }),
  on('Split@13', 'into equal parts', [4, 3], { outputs: ['y', 'z'] }),
  on('Split@13', 'into sizes from an input', [2, 5, 2], {
    attributes: { axis: 1 },
    constants: [[1, 3, 1]],
    outputs: ['y', 'z', 'u'],
  }),
  on('Split@13', 'with a smaller last part', [2, 5], {
    opset: 18,
    attributes: { axis: 1, num_outputs: 2 },
    outputs: ['y', 'z'],
  }),
];

const ENDLESS = [Number.MAX_SAFE_INTEGER];
const slices = [
  on('Slice@1', 'of two axes', [4, 5, 2], {
    opset: 9,
    attributes: { starts: [1, -3], ends: [3, 2 ** 31 - 1], axes: [0, 1] },
  }),
  on('Slice@1', 'without axes', [4, 5], { opset: 7, attributes: { starts: [1], ends: [-1] } }),
  on('Slice@10', 'to the end', [2, 5], { constants: [[2], ENDLESS, [1]] }),
  on('Slice@10', 'from the end', [2, 5], { constants: [[-3], [-1], [-1]], opset: 10 }),
  on('Slice@10', 'without axes', [4, 5], {
    constants: [
      [1, 0],
      [3, 2],
    ],
    opset: 11,
  }),
  on('Slice@10', 'backwards', [2, 5], { constants: [[-1], [-Number.MAX_SAFE_INTEGER], [1], [-1]] }),
  on('Slice@10', 'in steps', [2, 7, 3], {
    constants: [
      [1, 2],
      [7, 0],
      [1, 2],
      [2, -1],
    ],
  }),
  on('Slice@10', 'of everything', [2, 3], { constants: [[0], [9], [0]] }),
];

const gathers = [
  on('Gather@1', 'of some positions', [2, 4, 3], { attributes: { axis: 1 }, constants: [[3, 0, 3, -2]] }),
  on('Gather@1', 'of one position', [2, 4], { attributes: { axis: -1 }, constants: [integers([2], [])] }),
  on('Gather@1', 'by a table', [5, 2], { constants: [integers([4, 0, 1, 1, -5, 2], [2, 3])], opset: 11 }),
  {
    ...on('Gather@1', 'of words', [5, 2], {}),
    node: node('Gather', ['x', 'i'], 'y'),
    inputs: { x: [5, 2], i: integers([4, 0, -1, 1], [2, 2]) },
  },
  on('GatherElements@11', 'along the first axis', [3, 2], { constants: [integers([0, 2, -1, 1], [2, 2])] }),
  on('GatherElements@11', 'along the last axis', [2, 3], {
    attributes: { axis: 1 },
    constants: [integers([2, 2, 0, 1], [2, 2])],
  }),
  on('GatherElements@11', 'of fewer rows', [3, 2, 2], {
    attributes: { axis: 1 },
    constants: [integers([1, 0, 1, 0], [2, 1, 2])],
  }),
  on('GatherND@11', 'of elements', [2, 3], { constants: [integers([0, 1, 1, -1], [2, 2])] }),
  on('GatherND@11', 'of rows', [3, 2, 2], { constants: [integers([2, 0], [2, 1])], opset: 12 }),
  on('GatherND@11', 'in batches', [2, 3, 2], {
    attributes: { batch_dims: 1 },
    constants: [integers([1, 2], [2, 1])],
  }),
  {
    ...on('GatherND@11', 'by fed indices', [2, 3], {}),
    node: node('GatherND', ['x', 'i'], 'y'),
    inputs: { x: [2, 3], i: integers([0, 1], [1, 2]) },
    untrainable: 'its indices are calculated from the data',
  },
];

function scattering(
  record: string,
  title: string,
  dims: { readonly x: readonly number[]; readonly u: readonly number[] },
  indices: WeightSketch,
  sketch: Sketch = {},
): OpCase {
  const made = on(record, title, dims.x, sketch);
  return {
    ...made,
    node: node(record.split('@')[0]!, ['x', 'i', 'u'], 'y', sketch.attributes),
    inputs: dims,
    weights: { i: indices },
  };
}

const scatters = [
  scattering('Scatter@9', 'along the last axis', { x: [2, 4], u: [2, 2] }, integers([1, 3, 0, 2], [2, 2]), {
    opset: 10,
    attributes: { axis: 1 },
  }),
  scattering('ScatterElements@11', 'along the first axis', { x: [3, 2], u: [2, 2] }, integers([2, 0, -3, 1], [2, 2])),
  scattering('ScatterElements@11', 'along a negative axis', { x: [1, 4], u: [1, 2] }, integers([1, 3], [1, 2]), {
    attributes: { axis: -1 },
  }),
  scattering('ScatterElements@11', 'that adds', { x: [1, 4], u: [1, 2] }, integers([1, 1], [1, 2]), {
    attributes: { axis: 1, reduction: 'add' },
    untrainable: "it joins updates by 'add'",
  }),
  scattering('ScatterND@11', 'of rows', { x: [4, 2], u: [2, 2] }, integers([3, 1], [2, 1])),
  scattering('ScatterND@11', 'of elements', { x: [2, 3], u: [2] }, integers([0, 1, 1, 2], [2, 2]), { opset: 11 }),
];

const fed = (
  record: string,
  inputs: OpCase['inputs'],
  sketch: Sketch & { readonly names?: readonly string[] } = {},
) => ({
  ...on(record, 'of fed numbers', [1], sketch),
  node: node(record.split('@')[0]!, sketch.names ?? Object.keys(inputs), 'y', sketch.attributes),
  inputs,
});

const makers: readonly OpCase[] = [
  {
    ...on('ConstantOfShape@9', 'of a number', [], {}),
    node: node('ConstantOfShape', ['s'], 'y', { value: { tensor: floats([2.5]) } }),
    inputs: {},
    weights: { s: integers([2, 3]) },
  },
  {
    ...on('ConstantOfShape@9', 'without a number', [], { opset: 9 }),
    node: node('ConstantOfShape', ['s'], 'y'),
    inputs: {},
    weights: { s: integers([2]) },
  },
  {
    ...on('Range@11', 'of floats', [], {}),
    node: node('Range', ['s', 'l', 'd'], 'y'),
    inputs: {},
    weights: { s: floats([1], []), l: floats([3], []), d: floats([0.5], []) },
  },
  {
    ...on('Range@11', 'backwards', [], {}),
    node: node('Range', ['s', 'l', 'd'], 'y'),
    inputs: {},
    weights: { s: integers([5], []), l: integers([0], []), d: integers([-2], []) },
  },
  ...[-1, 0, 1].map(
    (axis): OpCase => ({
      record: 'OneHot@9',
      title: `along axis ${axis}`,
      opset: 11,
      node: node('OneHot', ['i', 'd', 'v'], 'y', { axis }),
      inputs: { i: integers([2, 0, -1, 3], [2, 2]) },
      weights: { d: integers([3], []), v: floats([-0.5, 2]) },
    }),
  ),
  ...[0, 1, -1].map((k) => on('EyeLike@9', `on diagonal ${k}`, [3, 4], { attributes: { k }, opset: 9 })),
  on('Trilu@14', 'upper', [2, 3, 4], {}),
  on('Trilu@14', 'lower, with a diagonal', [3, 4], {
    attributes: { upper: 0 },
    constants: [integers([1], [])],
  }),
  on('Trilu@14', 'upper, with a diagonal', [3, 3], { constants: [integers([-1], [])] }),
  on('ReverseSequence@10', 'of sequences', [3, 2], {
    constants: [[2, 3]],
    untrainable: 'it reverses sequences of different lengths',
  }),
  on('Shape@1', 'of data', [1, 3, 2], { untrainable: 'widths have no gradient' }),
  on('Size@1', 'of data', [1, 3, 2], { untrainable: 'widths have no gradient' }),
  {
    ...on('Constant@1', 'of integers', [], { untrainable: 'it is read as it is stored' }),
    node: node('Constant', [], 'y', { value_ints: [1, 2] }),
    inputs: {},
  },
];

const QUANTISED = 'quantised numbers have no gradient';
const bytes = (values: readonly number[], dims: readonly number[]) =>
  createTensor('', DataType.INT8, dims, new Uint8Array(Int8Array.from(values).buffer));
const quantising: readonly OpCase[] = [
  on('QuantizeLinear@10', 'per tensor', [2, 3], { constants: [floats([0.1], [])], untrainable: QUANTISED, opset: 10 }),
  on('QuantizeLinear@10', 'per channel', [2, 3], {
    constants: [floats([0.1, 0.2, 0.3]), bytes([0, 1, 2], [3])],
    untrainable: QUANTISED,
  }),
  {
    ...fed('DequantizeLinear@10', {}, { untrainable: QUANTISED }),
    node: node('DequantizeLinear', ['x', 's', 'z'], 'y', { axis: 0 }),
    weights: { x: bytes([1, -2, 3, 4], [2, 2]), s: floats([0.1, 0.2]), z: bytes([0, 1], [2]) },
  },
  on('DynamicQuantizeLinear@11', 'of data', [2, 3], { outputs: ['y', 's', 'z'], untrainable: QUANTISED }),
];

const unsigned = (values: readonly number[], dims: readonly number[]) =>
  createTensor('', DataType.UINT8, dims, Uint8Array.from(values));
const one = (value: number) => floats([value], []);
const none = unsigned([3], []);
const products: readonly OpCase[] = [
  {
    ...fed('QLinearConv@10', {}, { untrainable: QUANTISED }),
    node: node('QLinearConv', ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], 'y'),
    weights: { x: unsigned([1, 2, 3, 4], [1, 1, 2, 2]), w: unsigned([5, 6], [2, 1, 1, 1]), s: one(0.5), z: none },
  },
  {
    ...fed('QLinearMatMul@10', {}, { untrainable: QUANTISED }),
    node: node('QLinearMatMul', ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], 'y'),
    weights: { x: unsigned([1, 2], [1, 2]), w: unsigned([5, 6], [2, 1]), s: one(0.5), z: none },
  },
  {
    ...fed('ConvInteger@10', {}, { untrainable: QUANTISED }),
    node: node('ConvInteger', ['x', 'w', 'z'], 'y'),
    weights: { x: unsigned([1, 2, 3, 4], [1, 1, 2, 2]), w: unsigned([5, 6], [2, 1, 1, 1]), z: none },
  },
  {
    ...fed('MatMulInteger@10', {}, { untrainable: QUANTISED }),
    node: node('MatMulInteger', ['x', 'w'], 'y'),
    weights: { x: unsigned([1, 2], [1, 2]), w: unsigned([5, 6], [2, 1]) },
  },
];

export const movementCases: readonly OpCase[] = [
  ...transposes,
  ...squeezes,
  ...expands,
  ...tiles,
  ...splits,
  ...slices,
  ...gathers,
  ...scatters,
  ...makers,
  ...quantising,
  ...products,
];
