/** @file MaxPool and AveragePool over sliding windows. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import { type WindowAttributes, windowAttributes, windowOf } from '../convolution/window.js';
import type { NodeContext } from '../nodeContext.js';
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';

interface PoolAttributes extends WindowAttributes {
  readonly ceil: boolean;
  readonly countIncludePad: boolean;
}

function poolAttributes(raw: Attributes): PoolAttributes {
  raw.ignore('storage_order');
  return {
    ...windowAttributes(raw),
    ceil: raw.integer('ceil_mode', 0) !== 0,
    countIncludePad: raw.integer('count_include_pad', 0) !== 0,
  };
}

function poolChannels(context: NodeContext): readonly Relation[] {
  return [0, 1].map((axis) => tie(inputAxis(context, 0, axis), outputAxis(context, 0, axis)));
}

/** MaxPool: the largest element of each window of X [N, C, spatial…]. */
export const maxPool: OpDef<PoolAttributes> = {
  type: 'MaxPool',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: poolAttributes,
  // Its second output counts over all channels, so it would change with them: that output's axes stay pinned.
  channels: (context) => (context.node.outputs[1] === undefined ? poolChannels(context) : []),
  lower: (tf, [x], attributes, context) => {
    if (context.node.outputs[1] !== undefined) return { untrainable: 'its output of indices has no gradient' };
    if (x!.rank !== 4) return { untrainable: `it has ${x!.rank - 2} spatial axes; only 2 can be trained` };
    const { kernel, strides, dilations, padding } = windowOf(context, attributes, attributes.kernel ?? []);
    if (dilations.some((d) => d !== 1)) return { untrainable: 'it is dilated, and tf.js has no gradient for that' };
    const nhwc = tf.transpose(x as Tensor4D, [0, 2, 3, 1]);
    const y = tf.maxPool(
      nhwc,
      [kernel[0]!, kernel[1]!],
      [strides[0]!, strides[1]!],
      [[0, 0], [...padding[0]!], [...padding[1]!], [0, 0]],
    );
    return [tf.transpose(y, [0, 3, 1, 2])];
  },
};

/** AveragePool: the mean of each window of X [N, C, spatial…], padding counted only where the node says so. */
export const averagePool: OpDef<PoolAttributes> = {
  type: 'AveragePool',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: poolAttributes,
  channels: poolChannels,
  lower: (tf, [x], attributes, context) => {
    if (x!.rank !== 4) return { untrainable: `it has ${x!.rank - 2} spatial axes; only 2 can be trained` };
    const { kernel, strides, dilations, padding } = windowOf(context, attributes, attributes.kernel ?? []);
    if (dilations.some((d) => d !== 1)) return { untrainable: 'it is dilated, and tf.js has no gradient for that' };
    const nhwc = tf.transpose(x as Tensor4D, [0, 2, 3, 1]);
    const padded = tf.pad(nhwc, [[0, 0], [...padding[0]!], [...padding[1]!], [0, 0]]);
    const mean = tf.avgPool(padded, [kernel[0]!, kernel[1]!], [strides[0]!, strides[1]!], 'valid');
    // Backends disagree on the gradient where a window leaves out its padding, so that is a factor of its own.
    const counts = countedElements(context, attributes);
    const isWhole = counts.every((axis, i) => axis.every((count) => count === kernel[i]));
    const factors = counts[0]!.flatMap((rows) =>
      counts[1]!.map((columns) => (kernel[0]! * kernel[1]!) / (rows * columns)),
    );
    const y = isWhole ? mean : tf.mul(mean, tf.tensor4d(factors, [1, counts[0]!.length, counts[1]!.length, 1]));
    return [tf.transpose(y, [0, 3, 1, 2])];
  },
};

/** For each spatial axis, how many elements the window at each output position takes the mean of. */
function countedElements(context: NodeContext, attributes: PoolAttributes): readonly (readonly number[])[] {
  const { kernel, strides, padding } = windowOf(context, attributes, attributes.kernel ?? []);
  return kernel.map((size, axis) => {
    const [before, after] = padding[axis]!;
    const input = context.inputDims(0)[axis + 2]!;
    // What ceil_mode adds at the end is never counted; declared padding is, where the node says so.
    const declared = attributes.autoPad === 'NOTSET' ? (attributes.pads?.[axis + kernel.length] ?? 0) : after;
    const low = attributes.countIncludePad ? -before : 0;
    const high = attributes.countIncludePad ? input + declared : input;
    return Array.from({ length: context.outputDims(0)[axis + 2]! }, (_, position) => {
      const start = position * strides[axis]! - before;
      return Math.min(start + size, high) - Math.max(start, low);
    });
  });
}
