/** @file The registry: every operator that the project knows, sorted by name. */
import { attention, attention23 } from './attention/attention.js';
import { groupQueryAttention } from './attention/groupQueryAttention.js';
import { microsoftAttention } from './attention/microsoftAttention.js';
import { multiHeadAttention } from './attention/multiHeadAttention.js';
import { microsoftRotary, rotary } from './attention/rotaryEmbedding.js';
import { conv } from './convolution/conv.js';
import { convTranspose } from './convolution/convTranspose.js';
import { einsum } from './dense/einsum.js';
import { gemm } from './dense/gemm.js';
import { matMul } from './dense/matMul.js';
import {
  celu,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  mish,
  selu,
  shrink,
  softplus,
  softsign,
  swish,
  thresholdedRelu,
} from './elementwise/activations.js';
import { add, div, mod, mul, pow, sub } from './elementwise/binary.js';
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from './elementwise/bitwise.js';
import { cast, castLike } from './elementwise/cast.js';
import { clip, clipAttributes } from './elementwise/clip.js';
import {
  and,
  equal,
  greater,
  greaterOrEqual,
  isInf,
  isNan,
  less,
  lessOrEqual,
  not,
  or,
  xor,
} from './elementwise/comparison.js';
import { cumSum } from './elementwise/cumSum.js';
import { dropout, dropoutAttributes } from './elementwise/dropout.js';
import { pRelu } from './elementwise/pRelu.js';
import {
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  ceil,
  cos,
  cosh,
  erf,
  exp,
  floor,
  identity,
  log,
  neg,
  reciprocal,
  relu,
  round,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
} from './elementwise/unary.js';
import { max, mean, min, sum } from './elementwise/variadic.js';
import { where } from './elementwise/where.js';
import { fusedConv, fusedGemm } from './fused/fusedActivation.js';
import { fusedMatMul } from './fused/fusedMatMul.js';
import { biasGelu, fastGelu, microsoftGelu, quickGelu } from './fused/gelu.js';
import { batchNormalization } from './normalization/batchNormalization.js';
import { embedLayerNormalization } from './normalization/embedLayerNormalization.js';
import { groupNormalization, groupNormalizationPerGroup } from './normalization/groupNormalization.js';
import { instanceNormalization } from './normalization/instanceNormalization.js';
import {
  layerNormalization,
  rmsNormalization,
  simplifiedLayerNormalization,
} from './normalization/layerNormalization.js';
import { lpNormalization } from './normalization/lpNormalization.js';
import { lrn } from './normalization/lrn.js';
import { meanVarianceNormalization } from './normalization/meanVarianceNormalization.js';
import { skipLayerNormalization, skipSimplifiedLayerNormalization } from './normalization/skipLayerNormalization.js';
import {
  hardmax,
  hardmaxFlattened,
  logSoftmax,
  logSoftmaxFlattened,
  softmax,
  softmaxFlattened,
} from './normalization/softmax.js';
import { globalAveragePool, globalLpPool, globalMaxPool } from './pooling/globalPools.js';
import { maxUnpool } from './pooling/maxUnpool.js';
import { averagePool, lpPool, maxPool } from './pooling/pool.js';
import { maxRoiPool, roiAlign } from './pooling/roiPools.js';
import { convInteger, matMulInteger, qLinearConv, qLinearMatMul } from './quantization/integerProducts.js';
import { dequantizeLinear, dynamicQuantizeLinear, quantizeLinear } from './quantization/linear.js';
import {
  bernoulli,
  multinomial,
  randomNormal,
  randomNormalLike,
  randomUniform,
  randomUniformLike,
} from './random/random.js';
import { gru } from './recurrent/gru.js';
import { lstm } from './recurrent/lstm.js';
import { rnn } from './recurrent/rnn.js';
import { argMax, argMin } from './reduction/argExtreme.js';
import {
  reduceL1,
  reduceL1Attributes,
  reduceL2,
  reduceL2Attributes,
  reduceLogSum,
  reduceLogSumAttributes,
  reduceLogSumExp,
  reduceLogSumExpAttributes,
  reduceMax,
  reduceMaxAttributes,
  reduceMean,
  reduceMeanAttributes,
  reduceMin,
  reduceMinAttributes,
  reduceProd,
  reduceProdAttributes,
  reduceSum,
  reduceSumAttributes,
  reduceSumSquare,
  reduceSumSquareAttributes,
} from './reduction/reductions.js';
import { makeRegistry, type Registry } from './registry.js';
import { topK, topKAttributes } from './selection/topK.js';
import { concat } from './shape/concat.js';
import { constant } from './shape/constant.js';
import { constantOfShape } from './shape/constantOfShape.js';
import { expand } from './shape/expand.js';
import { flatten } from './shape/flatten.js';
import { gather } from './shape/gather.js';
import { gatherElements } from './shape/gatherElements.js';
import { gatherND } from './shape/gatherND.js';
import { oneHot } from './shape/oneHot.js';
import { range } from './shape/range.js';
import { reshape } from './shape/reshape.js';
import { reverseSequence } from './shape/reverseSequence.js';
import { scatter, scatterElements, scatterND } from './shape/scatter.js';
import { shape, size } from './shape/shape.js';
import { slice, sliceAttributes } from './shape/slice.js';
import { split, splitAttributes } from './shape/split.js';
import { squeeze, squeezeAttributes, unsqueeze, unsqueezeAttributes } from './shape/squeeze.js';
import { tile } from './shape/tile.js';
import { transpose } from './shape/transpose.js';
import { eyeLike, trilu } from './shape/triangles.js';
import { affineGrid } from './spatial/affineGrid.js';
import { depthToSpace, spaceToDepth } from './spatial/depthAndSpace.js';
import { gridSample } from './spatial/gridSample.js';
import { pad, padAttributes } from './spatial/pad.js';
import { resize, resizeByScales, upsample, upsampleAttributes } from './spatial/resize.js';

export const allOps: Registry = makeRegistry([
  abs,
  acos,
  acosh,
  add,
  affineGrid,
  and,
  argMax,
  argMin,
  asin,
  asinh,
  atan,
  atanh,
  attention23,
  attention,
  averagePool,
  batchNormalization,
  bernoulli,
  bitShift,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  cast,
  castLike,
  ceil,
  celu,
  clipAttributes,
  clip,
  concat,
  constant,
  constantOfShape,
  conv,
  convInteger,
  convTranspose,
  cos,
  cosh,
  cumSum,
  depthToSpace,
  dequantizeLinear,
  div,
  dropoutAttributes,
  dropout,
  dynamicQuantizeLinear,
  einsum,
  elu,
  equal,
  erf,
  exp,
  expand,
  eyeLike,
  flatten,
  floor,
  gru,
  gather,
  gatherElements,
  gatherND,
  gelu,
  gemm,
  globalAveragePool,
  globalLpPool,
  globalMaxPool,
  greater,
  greaterOrEqual,
  gridSample,
  groupNormalizationPerGroup,
  groupNormalization,
  hardSigmoid,
  hardSwish,
  hardmaxFlattened,
  hardmax,
  identity,
  instanceNormalization,
  isInf,
  isNan,
  lrn,
  lstm,
  layerNormalization,
  leakyRelu,
  less,
  lessOrEqual,
  log,
  logSoftmaxFlattened,
  logSoftmax,
  lpNormalization,
  lpPool,
  matMul,
  matMulInteger,
  max,
  maxPool,
  maxRoiPool,
  maxUnpool,
  mean,
  meanVarianceNormalization,
  min,
  mish,
  mod,
  mul,
  multinomial,
  neg,
  not,
  oneHot,
  or,
  pRelu,
  padAttributes,
  pad,
  pow,
  qLinearConv,
  qLinearMatMul,
  quantizeLinear,
  rmsNormalization,
  rnn,
  randomNormal,
  randomNormalLike,
  randomUniform,
  randomUniformLike,
  range,
  reciprocal,
  reduceL1Attributes,
  reduceL1,
  reduceL2Attributes,
  reduceL2,
  reduceLogSumAttributes,
  reduceLogSum,
  reduceLogSumExpAttributes,
  reduceLogSumExp,
  reduceMaxAttributes,
  reduceMax,
  reduceMeanAttributes,
  reduceMean,
  reduceMinAttributes,
  reduceMin,
  reduceProdAttributes,
  reduceProd,
  reduceSumAttributes,
  reduceSum,
  reduceSumSquareAttributes,
  reduceSumSquare,
  relu,
  reshape,
  resizeByScales,
  resize,
  reverseSequence,
  roiAlign,
  rotary,
  round,
  scatter,
  scatterElements,
  scatterND,
  selu,
  shape,
  shrink,
  sigmoid,
  sign,
  simplifiedLayerNormalization,
  sin,
  sinh,
  size,
  sliceAttributes,
  slice,
  softmaxFlattened,
  softmax,
  softplus,
  softsign,
  spaceToDepth,
  splitAttributes,
  split,
  sqrt,
  squeezeAttributes,
  squeeze,
  sub,
  sum,
  swish,
  tan,
  tanh,
  thresholdedRelu,
  tile,
  topKAttributes,
  topK,
  transpose,
  trilu,
  unsqueezeAttributes,
  unsqueeze,
  upsampleAttributes,
  upsample,
  where,
  xor,
  microsoftAttention,
  biasGelu,
  embedLayerNormalization,
  fastGelu,
  fusedConv,
  fusedGemm,
  fusedMatMul,
  microsoftGelu,
  groupQueryAttention,
  multiHeadAttention,
  quickGelu,
  microsoftRotary,
  skipLayerNormalization,
  skipSimplifiedLayerNormalization,
]);
