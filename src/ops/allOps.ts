/** @file The registry: every operator that the project knows, sorted by name. */
import { conv } from './convolution/conv.js';
import { convTranspose } from './convolution/convTranspose.js';
import { einsum } from './dense/einsum.js';
import { gemm } from './dense/gemm.js';
import { matMul } from './dense/matMul.js';
import { add, mul } from './elementwise/binary.js';
import { clip, clipAttributes } from './elementwise/clip.js';
import { dropout, dropoutAttributes } from './elementwise/dropout.js';
import { identity, relu, sigmoid } from './elementwise/unary.js';
import { batchNormalization } from './normalization/batchNormalization.js';
import { softmax, softmaxFlattened } from './normalization/softmax.js';
import { globalAveragePool } from './pooling/globalAveragePool.js';
import { averagePool, maxPool } from './pooling/pool.js';
import { reduceMean, reduceMeanAttributes } from './reduction/reduceMean.js';
import { makeRegistry, type Registry } from './registry.js';
import { concat } from './shape/concat.js';
import { flatten } from './shape/flatten.js';
import { reshape } from './shape/reshape.js';
import {
  cast,
  constant,
  gather,
  shape,
  slice,
  squeeze,
  squeezeAttributes,
  unsqueeze,
  unsqueezeAttributes,
} from './shape/shapeArithmetic.js';

export const allOps: Registry = makeRegistry([
  add,
  averagePool,
  batchNormalization,
  cast,
  clipAttributes,
  clip,
  concat,
  constant,
  conv,
  convTranspose,
  dropoutAttributes,
  dropout,
  einsum,
  flatten,
  gather,
  gemm,
  globalAveragePool,
  identity,
  matMul,
  maxPool,
  mul,
  reduceMeanAttributes,
  reduceMean,
  relu,
  reshape,
  shape,
  sigmoid,
  slice,
  softmaxFlattened,
  softmax,
  squeezeAttributes,
  squeeze,
  unsqueezeAttributes,
  unsqueeze,
]);
