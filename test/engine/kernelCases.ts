import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { composedCases } from './composedCases.js';
import { groupedCases } from './groupedCases.js';
import { volumeCases } from './volumeCases.js';

/** An input of a kernel: a shape (filled with seeded numbers in [-1, 1)) or the numbers themselves. */
export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype?: 'float32' | 'int32' | 'bool';
  readonly values?: readonly number[];
  /** maps the seeded numbers into the kernel's domain */
  readonly range?: readonly [number, number];
  /** the position matters for the result, so the test must not replace the numbers by repeated ones */
  readonly fixed?: boolean;
}

/** One call of one kernel. */
export interface KernelCase {
  readonly inputs?: Readonly<Record<string, InputSpec>>;
  /** the kernel takes a list */
  readonly list?: readonly InputSpec[];
  readonly attributes?: NamedAttrMap;
  readonly tolerance?: number;
  /**
   * Expect the transpose of this linear kernel, as a matrix over the input of the given name, applied to `dy`.
   * For gradients that the cpu backend gets wrong: its AvgPoolGrad forgets that padding is not counted, its
   * resizing gradients know no half pixels, and swap height and width.
   */
  readonly transposeOf?: { readonly kernel: string; readonly input: string; readonly attributes: NamedAttrMap };
}

const image: InputSpec = { shape: [2, 6, 5, 3] };
const matrix: InputSpec = { shape: [3, 4] };
const specials: InputSpec = { shape: [6], values: [NaN, Infinity, -Infinity, 0, 1.5, -2.5] };
const withNaN: InputSpec = { shape: [4], values: [NaN, 0, 1.5, -2.5] };
const whole: InputSpec = { shape: [2, 5], dtype: 'int32', values: [-7, -3, -1, 0, 1, 2, 3, 5, 7, 9] };
const flags: InputSpec = { shape: [2, 4], dtype: 'bool', values: [1, 0, 1, 1, 0, 0, 1, 0] };

/** x over several ranks, and the numbers floats are bad at. */
function unary(range: readonly [number, number] = [-3, 3], attributes: NamedAttrMap = {}): KernelCase[] {
  return [
    { inputs: { x: { ...image, range } }, attributes },
    { inputs: { x: { ...matrix, range } }, attributes },
    { inputs: { x: { shape: [], range } }, attributes },
    { inputs: { x: withNaN }, attributes },
  ];
}

function unaryWithSpecials(range?: readonly [number, number], attributes: NamedAttrMap = {}): KernelCase[] {
  return [...unary(range, attributes), { inputs: { x: specials }, attributes }];
}

const onWhole = (attributes: NamedAttrMap = {}): KernelCase => ({ inputs: { x: whole }, attributes });

/** Pairs of operands: equal shapes, a vector over the last axis, a scalar, both sides broadcast. */
function binary(a: Partial<InputSpec> = {}, b: Partial<InputSpec> = {}, withWhole = true): KernelCase[] {
  const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
    [image.shape, image.shape],
    [image.shape, [3]],
    [[3], image.shape],
    [image.shape, []],
    [
      [2, 1, 3],
      [4, 1],
    ],
    [
      [1, 1],
      [1, 1, 1],
    ],
    [[2, 6, 1, 3], image.shape],
  ];
  const cases: KernelCase[] = shapes.map(([left, right]) => ({
    inputs: { a: { ...a, shape: left }, b: { ...b, shape: right } },
  }));
  cases.push({ inputs: { a: withNaN, b: { shape: [4], values: [1, 0, NaN, 2] } } });
  if (withWhole) {
    cases.push({
      inputs: {
        a: { shape: [6], dtype: 'int32', values: [-7, 7, -7, 7, 0, 5] },
        b: { shape: [6], dtype: 'int32', values: [2, 2, 3, 3, 4, 5] },
      },
    });
  }
  return cases;
}

const logical: KernelCase[] = [
  { inputs: { a: flags, b: { ...flags, values: [1, 1, 0, 1, 0, 1, 0, 0] } } },
  { inputs: { a: flags, b: { shape: [4], dtype: 'bool', values: [0, 1, 1, 0] } } },
];

function reduction(extra: Partial<InputSpec> = {}, axisName = 'axis'): KernelCase[] {
  const x: InputSpec = { ...image, ...extra };
  const attributes = (axis: number | number[], keepDims: boolean): NamedAttrMap => ({ [axisName]: axis, keepDims });
  return [
    { inputs: { x }, attributes: attributes([1, 2], false) },
    { inputs: { x }, attributes: attributes([0, 1, 2], true) },
    { inputs: { x }, attributes: attributes(3, false) },
    { inputs: { x }, attributes: attributes(-2, true) },
    { inputs: { x }, attributes: attributes([0, 1, 2, 3], false) },
    { inputs: { x: { ...extra, shape: [4] } }, attributes: attributes([], false) },
  ];
}

const wholeReduction: KernelCase = { inputs: { x: whole }, attributes: { axis: [1], keepDims: false } };
const flagReduction: KernelCase[] = [
  { inputs: { x: flags }, attributes: { axis: [1], keepDims: false } },
  { inputs: { x: flags }, attributes: { axis: [0], keepDims: true } },
  { inputs: { x: { ...flags, shape: [2, 2, 2] } }, attributes: { axis: [0, 2], keepDims: false } },
];

interface ConvShape {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly y: readonly number[];
  readonly attributes: NamedAttrMap;
}

const convShapes: readonly ConvShape[] = [
  { x: [2, 6, 5, 3], filter: [3, 3, 3, 4], y: [2, 6, 5, 4], attributes: { strides: 1, pad: 'same' } },
  { x: [2, 6, 5, 3], filter: [3, 2, 3, 4], y: [2, 4, 4, 4], attributes: { strides: [1, 1], pad: 'valid' } },
  { x: [2, 6, 5, 3], filter: [3, 3, 3, 4], y: [2, 3, 3, 4], attributes: { strides: 2, pad: 'same' } },
  { x: [2, 7, 6, 2], filter: [3, 3, 2, 4], y: [2, 3, 2, 4], attributes: { strides: 2, pad: 'valid' } },
  { x: [2, 7, 6, 2], filter: [1, 1, 2, 3], y: [2, 7, 6, 3], attributes: { strides: 1, pad: 'same' } },
  { x: [2, 7, 6, 2], filter: [1, 1, 2, 3], y: [2, 4, 3, 3], attributes: { strides: 2, pad: 'same' } },
  { x: [1, 5, 5, 2], filter: [3, 3, 2, 2], y: [1, 9, 9, 2], attributes: { strides: 1, pad: 3 } },
  { x: [2, 9, 8, 1], filter: [5, 3, 1, 4], y: [2, 3, 3, 4], attributes: { strides: 2, pad: 'valid' } },
  { x: [2, 9, 8, 1], filter: [5, 3, 1, 4], y: [2, 9, 8, 4], attributes: { strides: 1, pad: 'same' } },
  {
    x: [1, 6, 6, 2],
    filter: [3, 3, 2, 2],
    y: [1, 3, 4, 2],
    attributes: {
      strides: 2,
      pad: [
        [0, 0],
        [1, 0],
        [2, 1],
        [0, 0],
      ],
    },
  } as unknown as ConvShape,
];

const channelsFirst: ConvShape = {
  x: [2, 3, 6, 5],
  filter: [3, 3, 3, 4],
  y: [2, 4, 6, 5],
  attributes: { strides: 1, pad: 'same', dataFormat: 'NCHW' },
};

const depthwiseShapes: readonly ConvShape[] = [
  { x: [2, 6, 5, 3], filter: [3, 3, 3, 1], y: [2, 6, 5, 3], attributes: { strides: 1, pad: 'same' } },
  { x: [2, 6, 5, 3], filter: [3, 3, 3, 2], y: [2, 6, 5, 6], attributes: { strides: 1, pad: 'same' } },
  { x: [2, 6, 5, 3], filter: [3, 3, 3, 1], y: [2, 3, 3, 3], attributes: { strides: 2, pad: 'same' } },
  { x: [2, 7, 6, 2], filter: [3, 2, 2, 2], y: [2, 5, 5, 4], attributes: { strides: 1, pad: 'valid' } },
  { x: [2, 7, 6, 2], filter: [2, 3, 2, 1], y: [2, 3, 2, 2], attributes: { strides: 2, pad: 'valid' } },
];

type ConvInputs = (shape: ConvShape) => { inputs: Record<string, InputSpec>; attributes?: NamedAttrMap };

function conv(shapes: readonly ConvShape[], inputs: ConvInputs, dilations = true): KernelCase[] {
  return shapes.map((shape) => {
    const own = inputs(shape);
    const attributes = {
      dataFormat: 'NHWC',
      ...(dilations ? { dilations: 1 } : {}),
      ...shape.attributes,
      ...own.attributes,
    };
    return { inputs: own.inputs, attributes };
  });
}

const dilated = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: [2, 2] };
const convInputs: ConvInputs = ({ x, filter }) => ({ inputs: { x: { shape: x }, filter: { shape: filter } } });
const byFilter: ConvInputs = ({ x, y, filter }) => ({
  inputs: { x: { shape: x }, dy: { shape: y } },
  attributes: { filterShape: [...filter] },
});
const byInput: ConvInputs = ({ x, y, filter }) => ({
  inputs: { dy: { shape: y }, filter: { shape: filter } },
  attributes: { inputShape: [...x] },
});

interface PoolShape {
  readonly y: readonly number[];
  readonly attributes: NamedAttrMap;
}

/** Pools of [2, 6, 5, 3]. */
const poolShapes: readonly PoolShape[] = [
  { y: [2, 3, 2, 3], attributes: { filterSize: 2, strides: 2, pad: 'valid' } },
  { y: [2, 3, 3, 3], attributes: { filterSize: 2, strides: 2, pad: 'same' } },
  { y: [2, 3, 3, 3], attributes: { filterSize: 3, strides: 2, pad: 'same' } },
  { y: [2, 6, 5, 3], attributes: { filterSize: 3, strides: 1, pad: 1 } },
  { y: [2, 1, 1, 3], attributes: { filterSize: [6, 5], strides: 1, pad: 'valid' } },
  { y: [2, 3, 5, 3], attributes: { filterSize: [2, 1], strides: [2, 1], pad: 'valid' } },
  { y: [2, 2, 2, 3], attributes: { filterSize: 2, strides: 3, pad: 'same' } },
  { y: [2, 2, 2, 3], attributes: { filterSize: 3, strides: 2, pad: 'valid' } },
];

const pools: KernelCase[] = poolShapes.map(({ attributes }) => ({ inputs: { x: image }, attributes }));

const channels: InputSpec = { shape: [3] };
const variance: InputSpec = { shape: [3], range: [0.5, 2] };

const resizes: readonly NamedAttrMap[] = [
  { size: [12, 10], alignCorners: false, halfPixelCenters: false },
  { size: [4, 9], alignCorners: true, halfPixelCenters: false },
  { size: [9, 3], alignCorners: false, halfPixelCenters: true },
];

const resizeGradients = (kernel: string): KernelCase[] =>
  resizes.map((attributes) => ({
    inputs: {
      images: { shape: [2, 6, 5, 3], fixed: true },
      dy: { shape: [2, ...(attributes.size as number[]), 3] },
    },
    attributes,
    transposeOf: { kernel, input: 'images', attributes },
  }));

/** At least one case for every kernel of the registry. */
export const kernelCases: Readonly<Record<string, readonly KernelCase[]>> = {
  ...composedCases,
  ...groupedCases,
  ...volumeCases,
  Abs: [...unaryWithSpecials(), onWhole()],
  Acos: unary([-1, 1]),
  Acosh: unary([1, 4]),
  Add: binary(),
  AddN: [{ list: [image, image, image] }, { list: [{ shape: [3] }, { shape: [3] }] }],
  All: flagReduction,
  Any: flagReduction,
  ArgMax: [
    { inputs: { x: image }, attributes: { axis: 3 } },
    { inputs: { x: image }, attributes: { axis: 1 } },
    { inputs: { x: whole }, attributes: { axis: 0 } },
  ],
  ArgMin: [
    { inputs: { x: image }, attributes: { axis: -1 } },
    { inputs: { x: whole }, attributes: { axis: 1 } },
  ],
  Asin: unary([-1, 1]),
  Asinh: unary(),
  Atan: unary(),
  Atan2: [
    ...binary({}, {}, false),
    {
      inputs: {
        a: { shape: [5], values: [0, 1, -1, 0, 0], fixed: true },
        b: { shape: [5], values: [0, 0, 0, -1, 1], fixed: true },
      },
    },
  ],
  Atanh: unary([-0.9, 0.9]),
  AvgPool: pools,
  AvgPoolGrad: poolShapes.map(({ y, attributes }) => ({
    inputs: { dy: { shape: y }, input: { ...image, fixed: true } },
    attributes,
    transposeOf: { kernel: 'AvgPool', input: 'x', attributes },
  })),
  BatchMatMul: [
    {
      inputs: { a: { shape: [2, 3, 4] }, b: { shape: [2, 4, 5] } },
      attributes: { transposeA: false, transposeB: false },
    },
    {
      inputs: { a: { shape: [2, 4, 3] }, b: { shape: [2, 4, 5] } },
      attributes: { transposeA: true, transposeB: false },
    },
    {
      inputs: { a: { shape: [2, 3, 4] }, b: { shape: [2, 5, 4] } },
      attributes: { transposeA: false, transposeB: true },
    },
    {
      inputs: { a: { shape: [2, 4, 3] }, b: { shape: [2, 5, 4] } },
      attributes: { transposeA: true, transposeB: true },
    },
    {
      inputs: { a: { shape: [1, 3, 4] }, b: { shape: [3, 4, 5] } },
      attributes: { transposeA: false, transposeB: false },
    },
    {
      inputs: { a: { shape: [2, 3, 4, 2] }, b: { shape: [2, 3, 2, 4] } },
      attributes: { transposeA: false, transposeB: false },
    },
  ],
  Cast: [
    { inputs: { x: { ...image, range: [-5, 5] } }, attributes: { dtype: 'int32' } },
    { inputs: { x: { shape: [4], values: [0, -0.5, 2, 0] } }, attributes: { dtype: 'bool' } },
    { inputs: { x: whole }, attributes: { dtype: 'bool' } },
    { inputs: { x: flags }, attributes: { dtype: 'float32' } },
    { inputs: { x: flags }, attributes: { dtype: 'int32' } },
    { inputs: { x: whole }, attributes: { dtype: 'float32' } },
  ],
  Ceil: unaryWithSpecials(),
  ClipByValue: [
    ...unaryWithSpecials([-3, 3], { clipValueMin: -1, clipValueMax: 0.5 }),
    onWhole({ clipValueMin: -2, clipValueMax: 4 }),
  ],
  Concat: [
    { list: [image, image], attributes: { axis: 3 } },
    { list: [image, { shape: [2, 6, 2, 3] }, { shape: [2, 6, 0, 3] }], attributes: { axis: 2 } },
    { list: [whole, { ...whole, shape: [1, 5], values: [1, 2, 3, 4, 5] }], attributes: { axis: 0 } },
    { list: [flags, flags], attributes: { axis: -1 } },
  ],
  Conv2D: [
    ...conv([...convShapes, channelsFirst], convInputs),
    { inputs: { x: image, filter: { shape: [3, 3, 3, 4] } }, attributes: dilated },
  ],
  Conv2DBackpropFilter: conv([...convShapes, channelsFirst], byFilter, false),
  Conv2DBackpropInput: conv([...convShapes, channelsFirst], byInput, false),
  Cos: unary(),
  Cosh: unary(),
  Cumsum: [
    { inputs: { x: matrix }, attributes: { axis: 1, exclusive: false, reverse: false } },
    { inputs: { x: image }, attributes: { axis: 2, exclusive: true, reverse: false } },
    { inputs: { x: whole }, attributes: { axis: 0, exclusive: true, reverse: true } },
  ],
  DepthwiseConv2dNative: [
    ...conv(depthwiseShapes, convInputs),
    { inputs: { x: image, filter: { shape: [3, 3, 3, 2] } }, attributes: dilated },
  ],
  DepthwiseConv2dNativeBackpropFilter: conv(depthwiseShapes, byFilter),
  DepthwiseConv2dNativeBackpropInput: conv(depthwiseShapes, byInput),
  Elu: unaryWithSpecials(),
  EluGrad: [
    { inputs: { dy: image, y: image } },
    { inputs: { dy: { shape: [3] }, y: { shape: [3], values: [0, -0.5, 2] } } },
  ],
  Equal: [
    ...binary(),
    ...logical,
    {
      inputs: {
        a: { shape: [3], values: [1, 2, NaN], fixed: true },
        b: { shape: [3], values: [1, 3, NaN], fixed: true },
      },
    },
  ],
  Erf: unary(),
  Exp: [...unaryWithSpecials(), onWhole()],
  ExpandDims: [
    { inputs: { input: image }, attributes: { dim: 0 } },
    { inputs: { input: image }, attributes: { dim: 4 } },
    { inputs: { input: matrix }, attributes: { dim: -2 } },
  ],
  Expm1: [...unary(), { inputs: { x: { shape: [4], values: [1e-6, -1e-6, 1e-4, -1e-3] } } }],
  Fill: [
    { attributes: { shape: [2, 3], value: 2.5, dtype: 'float32' } },
    { attributes: { shape: [], value: 7, dtype: 'int32' } },
  ],
  Floor: unaryWithSpecials(),
  FloorDiv: [
    ...binary({}, { range: [0.5, 2] }),
    {
      inputs: { a: { shape: [2], dtype: 'int32', values: [3, -3] }, b: { shape: [2], dtype: 'int32', values: [0, 0] } },
    },
  ],
  FusedBatchNorm: [
    {
      inputs: { x: image, mean: channels, variance, scale: channels, offset: channels },
      attributes: { varianceEpsilon: 1e-3 },
    },
    { inputs: { x: image, mean: channels, variance }, attributes: { varianceEpsilon: 1e-3 } },
    {
      inputs: { x: image, mean: image, variance: { ...image, range: [0.5, 2] }, scale: image, offset: image },
      attributes: { varianceEpsilon: 1e-3 },
    },
  ],
  FusedBatchNormGradV3: [image, { shape: [7, 3] }, { shape: [2, 3, 2, 4, 3] }].map((x) => ({
    inputs: { dy: x, x, scale: channels, mean: channels, variance },
    attributes: { epsilon: 1e-3 },
  })),
  FusedBatchNormV3: [image, { shape: [7, 3] }, { shape: [2, 3, 2, 4, 3] }, { ...image, range: [30, 31] as const }].map(
    (x) => ({
      inputs: { x, scale: channels, offset: channels },
      attributes: { epsilon: 1e-3 },
    }),
  ),
  GatherNd: [
    { inputs: { params: image, indices: { shape: [2, 2], dtype: 'int32', values: [1, 5, 0, 2], fixed: true } } },
    { inputs: { params: matrix, indices: { shape: [3, 1], dtype: 'int32', values: [2, 0, 2], fixed: true } } },
  ],
  GatherV2: [
    {
      inputs: { x: image, indices: { shape: [3], dtype: 'int32', values: [2, 0, 2] } },
      attributes: { axis: 3, batchDims: 0 },
    },
    {
      inputs: { x: image, indices: { shape: [2, 2], dtype: 'int32', values: [2, 0, 1, 5] } },
      attributes: { axis: 1, batchDims: 0 },
    },
    {
      inputs: { x: image, indices: { shape: [2, 3], dtype: 'int32', values: [2, 0, 1, 4, 4, 0] } },
      attributes: { axis: 2, batchDims: 1 },
    },
  ],
  Greater: binary(),
  GreaterEqual: binary(),
  Identity: [...unary(), onWhole()],
  IsFinite: [...unaryWithSpecials(), onWhole()],
  IsInf: [...unaryWithSpecials(), onWhole()],
  IsNan: [...unaryWithSpecials(), onWhole()],
  LayerNormalization: [
    { inputs: { x: image, scale: channels, offset: channels }, attributes: { axis: 3, epsilon: 1e-3 } },
    { inputs: { x: { ...image, fixed: true }, scale: channels }, attributes: { axis: 3, epsilon: 1e-3 } },
    {
      inputs: { x: { shape: [2, 3, 4], range: [30, 31] }, scale: { shape: [3, 4] }, offset: { shape: [3, 4] } },
      attributes: { axis: 1, epsilon: 1e-3 },
    },
    { inputs: { x: { shape: [7] }, scale: { shape: [7] } }, attributes: { axis: 0, epsilon: 1e-3 } },
  ],
  LayerNormalizationGrad: [
    { axis: 2, dims: [2, 3, 4] },
    { axis: 1, dims: [2, 3, 4] },
    { axis: 0, dims: [6] },
  ].map(({ axis, dims }) => {
    const statistic = dims.map((dim, i) => (i < axis ? dim : 1));
    return {
      inputs: {
        dy: { shape: dims },
        x: { shape: dims, fixed: axis === 0 },
        scale: { shape: dims.slice(axis) },
        mean: { shape: statistic },
        inverseDeviation: { shape: statistic, range: [0.5, 2] },
      },
      attributes: { axis, epsilon: 1e-3 },
    };
  }),
  LeakyRelu: unaryWithSpecials([-3, 3], { alpha: 0.1 }),
  Less: binary(),
  LessEqual: binary(),
  LinSpace: [{ attributes: { start: 1, stop: 3, num: 5 } }],
  Log: unary([0.1, 5]),
  Log1p: [...unary([-0.5, 5]), { inputs: { x: { shape: [5], values: [1e-6, -1e-6, 1e-4, Infinity, -1] } } }],
  LogicalAnd: logical,
  LogicalNot: [{ inputs: { x: flags } }],
  LogicalOr: logical,
  Max: [
    ...reduction({}, 'reductionIndices'),
    { inputs: { x: whole }, attributes: { reductionIndices: 1, keepDims: false } },
  ],
  Maximum: binary(),
  MaxPool: pools,
  // Small integers, so that a window has its maximum at several places.
  // The last one has windows of padding alone.
  MaxPoolGrad: [...poolShapes, { y: [2, 9, 8, 3], attributes: { filterSize: 2, strides: 1, pad: 2 } }].flatMap(
    ({ y, attributes }) =>
      [image, { ...image, values: Array.from({ length: 180 }, (_, i) => (i * 7) % 3) }].map((input) => ({
        inputs: { dy: { shape: y }, input, output: { shape: y } },
        attributes,
      })),
  ),
  Mean: [...reduction(), wholeReduction],
  Min: [...reduction(), wholeReduction],
  Minimum: binary(),
  MirrorPad: [
    {
      inputs: { x: matrix },
      attributes: pads(
        [
          [1, 2],
          [2, 1],
        ],
        { mode: 'reflect' },
      ),
    },
    {
      inputs: { x: image },
      attributes: pads(
        [
          [0, 0],
          [1, 2],
          [2, 0],
          [0, 0],
        ],
        { mode: 'symmetric' },
      ),
    },
  ],
  Mod: binary({ range: [-5, 5] }, { range: [0.5, 2] }),
  Multiply: [...binary(), { inputs: { a: image, b: { shape: [2, 1, 1, 3] } } }],
  Neg: [...unaryWithSpecials(), onWhole()],
  NotEqual: [...binary(), ...logical],
  OneHot: [
    {
      inputs: { indices: { shape: [4], dtype: 'int32', values: [0, 2, 1, 5] } },
      attributes: { depth: 3, onValue: 1, offValue: 0, dtype: 'float32' },
    },
    {
      inputs: { indices: { shape: [2, 2], dtype: 'int32', values: [0, 2, -1, 1] } },
      attributes: { depth: 4, onValue: 5, offValue: -1, dtype: 'float32' },
    },
  ],
  OnesLike: [...unary(), onWhole()],
  Pack: [
    { list: [image, image], attributes: { axis: 0 } },
    { list: [matrix, matrix, matrix], attributes: { axis: 2 } },
    { list: [whole, whole], attributes: { axis: 1 } },
  ],
  PadV2: [
    {
      inputs: { x: image },
      attributes: pads(
        [
          [0, 0],
          [1, 2],
          [0, 3],
          [0, 1],
        ],
        { constantValue: 0.5 },
      ),
    },
    {
      inputs: { x: whole },
      attributes: pads(
        [
          [1, 0],
          [0, 1],
        ],
        { constantValue: 3 },
      ),
    },
  ],
  Pow: [
    ...binary({ range: [0.2, 3] }, { range: [-2, 2] }, false),
    {
      inputs: {
        a: { shape: [3], dtype: 'int32', values: [2, 3, -2] },
        b: { shape: [3], dtype: 'int32', values: [3, 2, 3] },
      },
    },
  ],
  Prelu: [{ inputs: { x: image, alpha: { shape: [3] } } }, { inputs: { x: image, alpha: { shape: [] } } }],
  Prod: [...reduction(), wholeReduction],
  Range: [
    { attributes: { start: 0, stop: 5, step: 1, dtype: 'int32' } },
    { attributes: { start: 3, stop: -2, step: 1, dtype: 'float32' } },
    { attributes: { start: 0, stop: 1, step: 0.25, dtype: 'float32' } },
    { attributes: { start: 1, stop: 1, step: 1, dtype: 'float32' } },
  ],
  RealDiv: binary({}, { range: [0.5, 2] }, false),
  Reciprocal: unary([0.5, 2]),
  Relu: [...unaryWithSpecials(), onWhole()],
  Relu6: [...unaryWithSpecials([-3, 9]), onWhole()],
  Reshape: [
    { inputs: { x: image }, attributes: { shape: [2, 90] } },
    { inputs: { x: image }, attributes: { shape: [12, 15] } },
    { inputs: { x: image }, attributes: { shape: [2, 30, 3] } },
    { inputs: { x: image }, attributes: { shape: [2, 2, 3, 5, 3] } },
    { inputs: { x: image }, attributes: { shape: [1, 2, 6, 5, 1, 3] } },
    { inputs: { x: { shape: [2, 1, 1, 6] } }, attributes: { shape: [2, 6] } },
    { inputs: { x: { shape: [2, 1, 1, 6] } }, attributes: { shape: [2, 2, 3] } },
    { inputs: { x: { shape: [2, 3, 4] } }, attributes: { shape: [-1] } },
    { inputs: { x: { shape: [4] } }, attributes: { shape: [1, 1, 1, 4] } },
    { inputs: { x: { shape: [0, 3] } }, attributes: { shape: [3, 0] } },
  ],
  ResizeBilinear: resizes.map((attributes) => ({ inputs: { images: image }, attributes })),
  ResizeBilinearGrad: resizeGradients('ResizeBilinear'),
  ResizeNearestNeighbor: resizes.map((attributes) => ({ inputs: { images: image }, attributes })),
  ResizeNearestNeighborGrad: resizeGradients('ResizeNearestNeighbor'),
  Reverse: [
    { inputs: { x: image }, attributes: { dims: [1, 3] } },
    { inputs: { x: whole }, attributes: { dims: [0] } },
  ],
  Round: [...unaryWithSpecials(), { inputs: { x: { shape: [5], values: [0.5, 1.5, 2.5, -0.5, -1.5] } } }],
  Rsqrt: unary([0.5, 2]),
  Select: [
    { inputs: { condition: flags, t: { shape: [2, 4] }, e: { shape: [2, 4] } } },
    {
      inputs: { condition: { shape: [4], dtype: 'bool', values: [1, 0, 0, 1] }, t: { shape: [4] }, e: { shape: [4] } },
    },
    { inputs: { condition: flags, t: flags, e: { ...flags, values: [0, 1, 0, 1, 0, 1, 0, 1] } } },
  ],
  Selu: unaryWithSpecials(),
  Sigmoid: unaryWithSpecials(),
  Sign: unaryWithSpecials(),
  Sin: unary(),
  Sinh: unary(),
  Slice: [
    { inputs: { x: image }, attributes: { begin: [0, 1, 2, 0], size: [2, 3, -1, 2] } },
    { inputs: { x: whole }, attributes: { begin: [1], size: [1] } },
  ],
  Softmax: [
    { inputs: { logits: { ...matrix, range: [-3, 3] } }, attributes: { dim: 1 } },
    { inputs: { logits: image }, attributes: { dim: 3 } },
  ],
  SoftmaxCrossEntropyWithLogits: [
    { inputs: { features: matrix, labels: matrix }, attributes: { axis: 1 } },
    { inputs: { features: { ...image, range: [40, 90], fixed: true }, labels: image }, attributes: { axis: 3 } },
    { inputs: { features: image, labels: { ...image, dtype: 'int32' } }, attributes: { axis: 1 } },
  ],
  Softplus: [...unary(), { inputs: { x: { shape: [4], values: [-100, -20, 20, 100] } } }],
  SplitV: [
    { inputs: { x: image }, attributes: { numOrSizeSplits: [2, 1, 3], axis: 1 } },
    { inputs: { x: image }, attributes: { numOrSizeSplits: 3, axis: 3 } },
    { inputs: { x: whole }, attributes: { numOrSizeSplits: [1, -1], axis: 1 } },
  ],
  Sqrt: unary([0, 4]),
  Square: [...unaryWithSpecials(), onWhole()],
  SquaredDifference: binary(),
  Step: unaryWithSpecials([-3, 3], { alpha: 0.3 }).concat(unaryWithSpecials([-3, 3], { alpha: 0 })),
  StridedSlice: [
    { inputs: { x: image }, attributes: strided([0, 1, 0, 0], [2, 6, 5, 3], [1, 2, 3, 1]) },
    { inputs: { x: matrix }, attributes: strided([2, 3], [0, 0], [-1, -2]) },
    { inputs: { x: matrix }, attributes: strided([-1, -1], [-4, -5], [-1, -1]) },
    { inputs: { x: matrix }, attributes: { ...strided([1, 0], [2, 4], [1, 1]), shrinkAxisMask: 1 } },
    { inputs: { x: matrix }, attributes: { ...strided([0, 0], [3, 4], [1, 1]), beginMask: 3, endMask: 3 } },
  ],
  Sub: binary(),
  Sum: [...reduction(), wholeReduction, ...flagReduction],
  Tan: unary([-1, 1]),
  Tanh: unaryWithSpecials(),
  Tile: [
    { inputs: { x: image }, attributes: { reps: [1, 2, 1, 3] } },
    { inputs: { x: { shape: [2, 1, 3] } }, attributes: { reps: [1, 4, 1] } },
    { inputs: { x: whole }, attributes: { reps: [2, 2] } },
  ],
  TopK: [{ inputs: { x: { ...matrix, fixed: true } }, attributes: { k: 2, sorted: true } }],
  Transpose: [
    { inputs: { x: image }, attributes: { perm: [3, 1, 0, 2] } },
    { inputs: { x: whole }, attributes: { perm: [1, 0] } },
  ],
  Unpack: [
    { inputs: { value: image }, attributes: { axis: 3 } },
    { inputs: { value: whole }, attributes: { axis: 0 } },
  ],
  UnsortedSegmentSum: [
    {
      inputs: { x: { shape: [5, 2] }, segmentIds: { shape: [5], dtype: 'int32', values: [0, 2, 0, -1, 1] } },
      attributes: { numSegments: 4 },
    },
  ],
  ZerosLike: [...unary(), onWhole()],
};

function pads(paddings: readonly (readonly [number, number])[], rest: NamedAttrMap): NamedAttrMap {
  return { paddings: paddings as unknown as number[], ...rest };
}

function strided(begin: number[], end: number[], strides: number[]): NamedAttrMap {
  return { begin, end, strides, beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
}
