/** @file LayerNormalization of a sum, as ONNX Runtime's optimizer writes it for transformers. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { InputRole, OpDef, Tf } from '../opDef.js';
import { layerNorm } from './layerNorm.js';
import { layerNormalizationChannels } from './layerNormalization.js';
import { standardize } from './standardize.js';

interface SkipAttributes {
  readonly epsilon: number;
}

const SUM_OUTPUT = 3;

/**
 * Record of a normalisation of `S = input + skip + bias` over the last axis, with S [N, T, C] as the fourth output and
 * statistics [N, T, 1] between; skip may be broadcast over N.
 */
function skipNormalization(
  type: string,
  inputs: readonly InputRole[],
  isCentered: boolean,
  split: (rest: readonly (Tensor | undefined)[]) => { shift: Tensor | undefined; bias: Tensor | undefined },
): OpDef<SkipAttributes> {
  const addIf = (tf: Tf, x: Tensor, y: Tensor | undefined) => (y === undefined ? x : tf.add(x, y));
  return {
    type,
    domain: 'com.microsoft',
    since: 1,
    inputs,
    attributes: (raw) => ({ epsilon: raw.float('epsilon', 1e-12) }),
    channels: (context) => layerNormalizationChannels(context, -1, [SUM_OUTPUT]),
    lower: (tf, [x, skip, scale, ...rest], { epsilon }, context) => {
      const { shift, bias } = split(rest);
      const sum = addIf(tf, tf.add(x!, skip!), bias);
      const last = sum.rank - 1;
      const { normal, mean, inverseDeviation } = standardize(tf, sum, [last], epsilon, isCentered);
      const y = isCentered
        ? layerNorm(tf, sum, scale!, shift, last, epsilon)
        : addIf(tf, tf.mul(normal, scale!), shift);
      return [y, mean, inverseDeviation, sum].slice(0, context.node.outputs.length);
    },
  };
}

/** SkipLayerNormalization: input, skip, gamma, beta, bias. */
export const skipLayerNormalization = skipNormalization(
  'SkipLayerNormalization',
  ['data', 'data', 'scale', 'shift', 'bias'],
  true,
  ([shift, bias]) => ({ shift, bias }),
);

/** SkipSimplifiedLayerNormalization: input, skip, gamma, bias; by the root mean square. */
export const skipSimplifiedLayerNormalization = skipNormalization(
  'SkipSimplifiedLayerNormalization',
  ['data', 'data', 'scale', 'bias'],
  false,
  ([bias]) => ({ shift: undefined, bias }),
);
