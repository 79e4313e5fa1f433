/** @file Pools over all spatial axes of X [N, C, spatial…], kept with width 1. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import type { OpDef, Tf } from '../opDef.js';
import { root } from './lpNorm.js';
import { poolChannels } from './pool.js';

function globalPool<A>(
  type: string,
  since: number,
  attributes: (raw: Attributes) => A,
  pool: (tf: Tf, x: Tensor, axes: number[], attributes: A) => Tensor,
  isMean = true,
): OpDef<A> {
  return {
    type,
    domain: '',
    since,
    inputs: ['data'],
    attributes,
    channels: (context) => poolChannels(context),
    channelAxis: () => (isMean ? 1 : undefined),
    lower: (tf, [x], own) => {
      const axes = Array.from({ length: Math.max(0, x!.rank - 2) }, (_, axis) => axis + 2);
      return [pool(tf, x!, axes, own)];
    },
  };
}

const none = () => undefined;

export const globalAveragePool = globalPool('GlobalAveragePool', 1, none, (tf, x, axes) => tf.mean(x, axes, true));

export const globalMaxPool = globalPool('GlobalMaxPool', 1, none, (tf, x, axes) => tf.max(x, axes, true));

/** `(Σ |x|^p)^(1/p)`, p an integer (opset 2 and later). */
export const globalLpPool = globalPool(
  'GlobalLpPool',
  2,
  (raw) => raw.integer('p', 2),
  (tf, x, axes, p) => root(tf, tf.sum(p === 1 ? tf.abs(x) : tf.pow(tf.abs(x), p), axes, true), p),
  false,
);
