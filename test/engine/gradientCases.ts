/**
 * @file tf.logSoftmax and tf.losses bring gradients of their own, made of the kernels here.
 */
import * as tf from '@tensorflow/tfjs-core';

/** A differentiable function and the point to differentiate it at. */
export interface GradientCase {
  readonly of: (...inputs: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];
  /** shapes of the inputs, filled with seeded numbers in the range */
  readonly shapes: readonly (readonly number[])[];
  readonly range?: readonly [number, number];
}

const image = [1, 4, 4, 2];
const volume = [1, 3, 4, 2, 2];
const plain = [[2, 3]];
const broadcasts = [
  [2, 3],
  [1, 3],
];

function unary(of: (x: tf.Tensor) => tf.Tensor, range: readonly [number, number] = [0.2, 0.9]): GradientCase[] {
  return [
    { of, shapes: plain, range },
    { of, shapes: [[2, 2, 2, 3]], range },
  ];
}

/** On both sides of zero. */
const signed = (of: (x: tf.Tensor) => tf.Tensor): GradientCase[] => [
  { of, shapes: plain, range: [0.2, 2] },
  { of, shapes: plain, range: [-2, -0.2] },
];

function binary(
  of: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  range: readonly [number, number] = [0.3, 2],
): GradientCase[] {
  return [
    { of, shapes: broadcasts, range },
    { of, shapes: [[3], [2, 1]], range },
    { of, shapes: [[2, 3], []], range },
  ];
}

const asFloat = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32');
const ids = (values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
const as5D = (x: tf.Tensor): tf.Tensor5D => x as tf.Tensor5D;
const as4D = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

/** Flat kernels: their results do not move, whatever is done to the input. */
const comparison = (of: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): GradientCase[] => [
  { of: (a, b) => tf.mul(asFloat(of(a, tf.sub(b, 9))), a), shapes: broadcasts },
];
const test = (of: (x: tf.Tensor) => tf.Tensor): GradientCase[] => [
  { of: (x) => tf.mul(asFloat(of(x)), x), shapes: plain, range: [0.2, 0.4] },
];

const dilated = (filter: number[], of: typeof tf.conv2d | typeof tf.depthwiseConv2d): GradientCase => ({
  of: (x, w) => of(as4D(x), as4D(w), 1, 'same', 'NHWC', [2, 2]),
  shapes: [[1, 5, 6, 2], filter],
});

const conv = (strides: number, pad: 'same' | 'valid', filter: number[]): GradientCase => ({
  of: (x, w) => tf.conv2d(as4D(x), as4D(w), strides, pad),
  shapes: [image, filter],
});

const groupedConv = (x: tf.Tensor, filter: tf.Tensor, attributes: object): tf.Tensor =>
  tf.engine().runKernel<tf.Tensor>('GroupedConv', { x, filter }, attributes as tf.NamedAttrMap);

/** At least one case for every gradient of the registry. */
export const gradientCases: Readonly<Record<string, readonly GradientCase[]>> = {
  Abs: signed(tf.abs),
  Acos: unary(tf.acos),
  Acosh: unary(tf.acosh, [1.5, 3]),
  Add: binary(tf.add),
  AddN: [{ of: (a, b) => tf.addN([a, b, a]), shapes: [[3], [3]] }],
  ArgMax: [{ of: (x) => tf.mul(asFloat(tf.argMax(x, 1)), tf.sum(x, 1)), shapes: plain }],
  ArgMin: [{ of: (x) => tf.mul(asFloat(tf.argMin(x, 1)), tf.sum(x, 1)), shapes: plain }],
  Asin: unary(tf.asin),
  Asinh: unary(tf.asinh),
  Atan: unary(tf.atan),
  Atan2: binary(tf.atan2),
  Atanh: unary(tf.atanh, [0.1, 0.8]),
  AvgPool: [
    { of: (x) => tf.avgPool(as4D(x), 2, 2, 'valid'), shapes: [image] },
    { of: (x) => tf.avgPool(as4D(x), 3, 2, 'same'), shapes: [image] },
    { of: (x) => tf.avgPool(as4D(x), 4, 1, 'valid'), shapes: [image] },
  ],
  AvgPool3D: [
    { of: (x) => tf.avgPool3d(as5D(x), 2, 2, 'valid'), shapes: [volume] },
    { of: (x) => tf.avgPool3d(as5D(x), 3, 1, 'same'), shapes: [volume] },
    { of: (x) => tf.avgPool3d(as5D(x), 2, 1, 2), shapes: [[1, 2, 1, 2, 2]] },
  ],
  BatchMatMul: [
    {
      of: (a, b) => tf.matMul(a, b),
      shapes: [
        [2, 3],
        [3, 4],
      ],
    },
    {
      of: (a, b) => tf.matMul(a, b, true, true),
      shapes: [
        [2, 3, 2],
        [2, 4, 3],
      ],
    },
    {
      of: (a, b) => tf.matMul(a, b, true, false),
      shapes: [
        [3, 2],
        [3, 4],
      ],
    },
    {
      of: (a, b) => tf.matMul(a, b, false, true),
      shapes: [
        [1, 2, 3],
        [2, 4, 3],
      ],
    },
  ],
  BatchToSpaceND: [{ of: (x) => tf.batchToSpaceND(x, [2], [[0, 1]]), shapes: [[2, 2, 2]] }],
  Cast: [{ of: (x) => tf.cast(x, 'float32'), shapes: plain }],
  Ceil: test(tf.ceil),
  ClipByValue: [{ of: (x) => tf.clipByValue(x, -0.3, 0.4), shapes: plain, range: [-1, 1] }],
  Concat: [
    {
      of: (a, b) => tf.concat([a, b], 1),
      shapes: [
        [2, 3],
        [2, 2],
      ],
    },
  ],
  Conv2D: [
    conv(1, 'same', [3, 3, 2, 3]),
    conv(1, 'valid', [2, 3, 2, 2]),
    conv(2, 'same', [3, 3, 2, 2]),
    conv(2, 'valid', [1, 1, 2, 3]),
    dilated([3, 3, 2, 2], tf.conv2d),
    dilated([5, 5, 2, 2], tf.conv2d),
    {
      of: (x, w) => tf.conv2d(as4D(tf.transpose(x, [0, 3, 1, 2])), as4D(w), 1, 'same', 'NCHW'),
      shapes: [image, [3, 3, 2, 2]],
    },
  ],
  Conv2DBackpropInput: [
    { of: (dy, w) => tf.conv2dTranspose(as4D(dy), as4D(w), [1, 8, 8, 3], 2, 'same'), shapes: [image, [3, 3, 3, 2]] },
  ],
  Conv3D: [
    { of: (x, w) => tf.conv3d(as5D(x), as5D(w), 1, 'same'), shapes: [volume, [2, 2, 2, 2, 2]] },
    { of: (x, w) => tf.conv3d(as5D(x), as5D(w), 2, 'valid'), shapes: [volume, [2, 1, 2, 2, 1]] },
    {
      of: (x, w) => tf.conv3d(as5D(x), as5D(w), 1, 'same', 'NDHWC', [1, 2, 2]),
      shapes: [volume, [2, 2, 2, 2, 1]],
    },
  ],
  Cos: unary(tf.cos),
  Cosh: unary(tf.cosh),
  Cumsum: [
    { of: (x) => tf.cumsum(x, 1), shapes: plain },
    { of: (x) => tf.cumsum(x, 0, true, true), shapes: plain },
  ],
  DepthwiseConv2dNative: [
    { of: (x, w) => tf.depthwiseConv2d(as4D(x), as4D(w), 1, 'same'), shapes: [image, [3, 3, 2, 1]] },
    { of: (x, w) => tf.depthwiseConv2d(as4D(x), as4D(w), 2, 'same'), shapes: [image, [3, 3, 2, 2]] },
    dilated([3, 3, 2, 1], tf.depthwiseConv2d),
    dilated([3, 2, 2, 2], tf.depthwiseConv2d),
  ],
  Elu: signed(tf.elu),
  Equal: comparison(tf.equal),
  Erf: unary(tf.erf),
  Exp: unary(tf.exp),
  ExpandDims: [{ of: (x) => tf.expandDims(x, 1), shapes: plain }],
  Expm1: unary(tf.expm1),
  Floor: test(tf.floor),
  FloorDiv: [
    {
      of: (a, b) => tf.mul(asFloat(tf.floorDiv(tf.add(a, 1), b)), tf.add(a, b)),
      shapes: [[3], [3]],
      range: [0.6, 0.61],
    },
  ],
  FusedBatchNormV3: [image, [5, 2], [2, 2, 3, 2, 2]].map((shape) => ({
    of: (x, scale, offset) =>
      tf
        .engine()
        .runKernel<tf.Tensor[]>('FusedBatchNormV3', { x, scale, offset } as tf.NamedTensorMap, { epsilon: 0.1 })[0]!,
    shapes: [shape, [2], [2]],
  })),
  FusedBatchNorm: [
    {
      of: (x, mean, variance, offset, scale) =>
        tf.batchNorm4d(
          as4D(x),
          mean as tf.Tensor1D,
          tf.abs(variance) as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          0.1,
        ),
      shapes: [image, [2], [2], [2], [2]],
      range: [0.3, 1],
    },
    {
      of: (x) => {
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        return tf.batchNorm4d(
          as4D(x),
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          tf.zeros<tf.Rank.R1>([2]),
          tf.tensor1d([2, 3]),
          0.1,
        );
      },
      shapes: [image],
    },
  ],
  GatherNd: [
    {
      of: (x) =>
        tf.gatherND(
          x,
          tf.tensor2d(
            [
              [1, 0],
              [0, 2],
              [1, 0],
            ],
            [3, 2],
            'int32',
          ),
        ),
      shapes: plain,
    },
  ],
  GatherV2: [
    { of: (x) => tf.gather(x, ids([2, 0, 2]), 1), shapes: plain },
    { of: (x) => tf.gather(x, tf.tensor2d([1, 0, 1, 1], [2, 2], 'int32'), 0), shapes: plain },
    { of: (x) => tf.gather(x, tf.tensor2d([1, 0, 2, 2], [2, 2], 'int32'), 1, 1), shapes: [[2, 3, 2]] },
  ],
  Greater: comparison(tf.greater),
  GreaterEqual: comparison(tf.greaterEqual),
  GroupedConv: [
    {
      of: (x, filter) =>
        groupedConv(x, filter, {
          group: 2,
          strides: [2, 1],
          dilations: [1, 2],
          padding: [
            [1, 1],
            [0, 2],
          ],
        }),
      shapes: [
        [1, 5, 6, 4],
        [3, 2, 2, 2],
      ],
    },
  ],
  Identity: [{ of: (x) => tf.clone(x), shapes: plain }],
  IsFinite: test(tf.isFinite),
  IsInf: test(tf.isInf),
  IsNan: test(tf.isNaN),
  LRN: [
    { of: (x) => tf.localResponseNormalization(as4D(x), 1, 1.5, 0.8, 0.6), shapes: [[1, 2, 2, 4]] },
    { of: (x) => tf.localResponseNormalization(as4D(x), 5, 2, 1, 0.5), shapes: [[1, 2, 2, 3]] },
  ],
  LayerNormalization: [
    { axis: 1, shape: [5, 4] },
    { axis: 1, shape: [2, 3, 4] },
    { axis: 2, shape: [2, 3, 4] },
  ].map(({ axis, shape }) => ({
    of: (x, scale, offset) =>
      tf.engine().runKernel<tf.Tensor[]>('LayerNormalization', { x, scale, offset } as tf.NamedTensorMap, {
        axis,
        epsilon: 0.1,
      })[0]!,
    shapes: [shape, shape.slice(axis), shape.slice(axis)],
  })),
  LeakyRelu: signed((x) => tf.leakyRelu(x, 0.2)),
  Less: comparison(tf.less),
  LessEqual: comparison(tf.lessEqual),
  Log: unary(tf.log),
  Log1p: unary(tf.log1p),
  LogicalAnd: comparison((a, b) => tf.logicalAnd(tf.greater(a, b), tf.greater(b, a))),
  LogicalNot: test((x) => tf.logicalNot(tf.greater(x, 5))),
  LogicalOr: comparison((a, b) => tf.logicalOr(tf.greater(a, b), tf.greater(b, a))),
  Max: [
    { of: (x) => tf.max(x, 1), shapes: plain },
    { of: (x) => tf.max(x, [0, 2], true), shapes: [[2, 3, 2]] },
  ],
  MaxPool3D: [
    { of: (x) => tf.maxPool3d(as5D(x), 2, 2, 'valid'), shapes: [volume] },
    { of: (x) => tf.maxPool3d(as5D(x), 2, 1, 'same'), shapes: [volume] },
    { of: (x) => tf.maxPool3d(as5D(x), [3, 4, 2], 1, 'valid'), shapes: [volume] },
  ],
  Maximum: binary(tf.maximum),
  MaxPool: [
    { of: (x) => tf.maxPool(as4D(x), 2, 2, 'valid'), shapes: [image] },
    { of: (x) => tf.maxPool(as4D(x), 3, 1, 'same'), shapes: [image] },
  ],
  Mean: [
    { of: (x) => tf.mean(x), shapes: plain },
    { of: (x) => tf.mean(x, [1, 2]), shapes: [image] },
    { of: (x) => tf.mean(x, 0, true), shapes: plain },
  ],
  Min: [{ of: (x) => tf.min(x, 0), shapes: plain }],
  Minimum: binary(tf.minimum),
  MirrorPad: (['reflect', 'symmetric'] as const).map((mode) => ({
    of: (x: tf.Tensor) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [0, 2],
        ],
        mode,
      ),
    shapes: [[2, 4]],
  })),
  Mod: [{ of: (a, b) => tf.mod(tf.add(a, 2.6), tf.add(b, 0.5)), shapes: [[3], [3]], range: [0.5, 0.6] }],
  Multiply: binary(tf.mul),
  Neg: unary(tf.neg),
  NotEqual: comparison(tf.notEqual),
  OneHot: [{ of: (x) => tf.mul(tf.oneHot(ids([1, 0]), 3, 2, 1, 'float32'), x), shapes: plain }],
  OnesLike: [{ of: (x) => tf.mul(tf.onesLike(x), x), shapes: plain }],
  Pack: [
    {
      of: (a, b) => tf.stack([a, b], 1),
      shapes: [
        [2, 3],
        [2, 3],
      ],
    },
  ],
  PadV2: [
    {
      of: (x) =>
        tf.pad(
          x,
          [
            [1, 0],
            [2, 1],
          ],
          0.5,
        ),
      shapes: plain,
    },
  ],
  Pow: binary(tf.pow),
  Prelu: [
    { of: (x, alpha) => tf.prelu(x, alpha), shapes: [[2, 3], [3]], range: [0.2, 1] },
    { of: (x, alpha) => tf.prelu(tf.neg(x), alpha), shapes: [[2, 3], [3]], range: [0.2, 1] },
  ],
  Prod: [
    { of: (x) => tf.prod(x, 1), shapes: plain, range: [0.5, 2] },
    { of: (x) => tf.prod(x, [0, 2], true), shapes: [[2, 3, 2]], range: [-2, 2] },
    { of: (x) => tf.prod(tf.mul(x, tf.tensor1d([0, 1, 1])), 1), shapes: plain, range: [0.5, 2] },
  ],
  RealDiv: binary(tf.div),
  Reciprocal: unary(tf.reciprocal),
  Relu: signed(tf.relu),
  Relu6: [{ of: (x) => tf.relu6(x), shapes: plain, range: [-8, 9] }],
  Reshape: [{ of: (x) => tf.reshape(x, [3, 2]), shapes: plain }],
  ResizeBilinear: [
    { of: (x) => tf.image.resizeBilinear(as4D(x), [6, 7]), shapes: [image] },
    { of: (x) => tf.image.resizeBilinear(as4D(x), [3, 5], false, true), shapes: [image] },
  ],
  ResizeNearestNeighbor: [{ of: (x) => tf.image.resizeNearestNeighbor(as4D(x), [8, 6]), shapes: [image] }],
  Reverse: [{ of: (x) => tf.reverse(x, 1), shapes: plain }],
  Round: test(tf.round),
  Rsqrt: unary(tf.rsqrt),
  ScatterNd: [{ of: (x) => tf.scatterND(tf.tensor2d([2, 0, 2], [3, 1], 'int32'), x, [4, 2]), shapes: [[3, 2]] }],
  Select: [
    {
      of: (a, b) => tf.where(tf.tensor2d([1, 0, 0, 1, 1, 0], [2, 3], 'bool'), a, b),
      shapes: [
        [2, 3],
        [2, 3],
      ],
    },
  ],
  Selu: signed(tf.selu),
  Sigmoid: unary(tf.sigmoid),
  Sign: test(tf.sign),
  Sin: unary(tf.sin),
  Sinh: unary(tf.sinh),
  Slice: [{ of: (x) => tf.slice(x, [0, 1], [2, 1]), shapes: plain }],
  Softmax: [{ of: (x) => tf.softmax(x), shapes: plain }],
  SoftmaxCrossEntropyWithLogits: [
    { axis: 1, shape: [3, 4] },
    { axis: 1, shape: [2, 3, 2, 2] },
  ].map(({ axis, shape }) => ({
    of: (features, labels) =>
      tf.engine().runKernel<tf.Tensor[]>('SoftmaxCrossEntropyWithLogits', { features, labels } as tf.NamedTensorMap, {
        axis,
      })[0]!,
    shapes: [shape, shape],
  })),
  Softplus: unary(tf.softplus),
  SpaceToBatchND: [{ of: (x) => tf.spaceToBatchND(x, [2], [[1, 0]]), shapes: [[1, 3, 2]] }],
  SplitV: [{ of: (x) => tf.split(x, [1, 2], 1), shapes: plain }],
  Sqrt: unary(tf.sqrt),
  Square: unary(tf.square),
  SquaredDifference: binary(tf.squaredDifference),
  Step: test((x) => tf.step(x)),
  Sub: binary(tf.sub),
  Sum: [
    { of: (x) => tf.sum(x), shapes: plain },
    { of: (x) => tf.sum(x, [0, 3], true), shapes: [image] },
  ],
  Tan: unary(tf.tan),
  Tanh: unary(tf.tanh),
  Tile: [
    { of: (x) => tf.tile(x, [2, 3]), shapes: plain },
    { of: (x) => tf.broadcastTo(x, [4, 2, 3]), shapes: [[2, 1]] },
  ],
  Transpose: [{ of: (x) => tf.transpose(x, [2, 0, 1]), shapes: [[2, 3, 2]] }],
  Unpack: [{ of: (x) => tf.unstack(x, 1), shapes: plain }],
  UnsortedSegmentSum: [{ of: (x) => tf.unsortedSegmentSum(x, ids([1, -1, 1]), 2), shapes: [[3, 2]] }],
  ZerosLike: [{ of: (x) => tf.add(tf.zerosLike(x), x), shapes: plain }],
};
