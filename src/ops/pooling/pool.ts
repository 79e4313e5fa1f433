/** @file MaxPool, AveragePool and LpPool over sliding windows. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import { type Window, type WindowAttributes, windowAttributes, windowOf } from '../convolution/window.js';
import type { NodeContext } from '../nodeContext.js';
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef, Untrainable } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';
import { root } from './lpNorm.js';
import { slidingMax, slidingMean } from './slidingWindow.js';

interface PoolAttributes extends WindowAttributes {
  readonly ceil: boolean;
}

interface AveragePoolAttributes extends PoolAttributes {
  readonly countIncludePad: boolean;
}

interface LpPoolAttributes extends PoolAttributes {
  readonly p: number;
}

function poolAttributes(raw: Attributes): PoolAttributes {
  return { ...windowAttributes(raw), ceil: raw.integer('ceil_mode', 0) !== 0 };
}

/** The batch and the channels, which every pool keeps apart. */
export function poolChannels(context: NodeContext, output = 0): readonly Relation[] {
  return [0, 1].map((axis) => tie(inputAxis(context, 0, axis), outputAxis(context, output, axis)));
}

function poolWindow(context: NodeContext, attributes: PoolAttributes): Window | Untrainable {
  const spatial = context.inputDims(0).length - 2;
  if (spatial < 1 || spatial > 3) return { untrainable: `it has ${spatial} spatial axes; 1 to 3 can be trained` };
  const window = windowOf(context, attributes, attributes.kernel ?? []);
  return window.padding.some(([before]) => before < 0) ? { untrainable: 'its padding is negative' } : window;
}

/** MaxPool: the largest element of each window of X [N, C, spatial…]. */
export const maxPool: OpDef<PoolAttributes> = {
  type: 'MaxPool',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => {
    raw.ignore('storage_order');
    return poolAttributes(raw);
  },
  channels: (context) => {
    if (context.node.outputs[1] === undefined) return poolChannels(context);
    // The second output counts over all channels, so it would change with them.
    return areIndicesRead(context) ? [] : [...poolChannels(context), ...poolChannels(context, 1)];
  },
  lower: (tf, [x], attributes, context) => {
    if (areIndicesRead(context)) return { untrainable: 'its output of indices has no gradient' };
    const window = poolWindow(context, attributes);
    return 'untrainable' in window ? window : [slidingMax(tf, x!, window)];
  },
};

function areIndicesRead({ node }: NodeContext): boolean {
  const indices = node.outputs[1];
  return indices !== undefined && (indices.uses.length > 0 || indices.isOutput);
}

/** AveragePool: the mean of each window of X [N, C, spatial…], padding counted only where the node says so. */
export const averagePool: OpDef<AveragePoolAttributes> = {
  type: 'AveragePool',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ ...poolAttributes(raw), countIncludePad: raw.integer('count_include_pad', 0) !== 0 }),
  channels: (context) => poolChannels(context),
  lower: (tf, [x], attributes, context) => {
    const window = poolWindow(context, attributes);
    if ('untrainable' in window) return window;
    const mean = slidingMean(tf, x!, window);
    const counts = countedElements(context, attributes, window);
    return [
      counts.reduce((y: Tensor, axisCounts, axis) => {
        const size = window.kernel[axis]!;
        if (axisCounts.every((count) => count === size)) return y;
        const shape = y.shape.map((_, i) => (i === axis + 2 ? axisCounts.length : 1));
        const factors = axisCounts.map((count) => size / count);
        return tf.mul(y, tf.tensor(factors, shape));
      }, mean),
    ];
  },
};

/** LpPool: `(Σ |x|^p)^(1/p)` over each window of X [N, C, spatial…], p an integer (opset 2 and later). */
export const lpPool: OpDef<LpPoolAttributes> = {
  type: 'LpPool',
  domain: '',
  since: 2,
  inputs: ['data'],
  attributes: (raw) => ({ ...poolAttributes(raw), p: raw.integer('p', 2) }),
  channels: (context) => poolChannels(context),
  lower: (tf, [x], attributes, context) => {
    const window = poolWindow(context, attributes);
    if ('untrainable' in window) return window;
    const elements = window.kernel.reduce((product, size) => product * size, 1);
    const powers = attributes.p === 1 ? tf.abs(x!) : tf.pow(tf.abs(x!), attributes.p);
    return [root(tf, tf.mul(slidingMean(tf, powers, window), elements), attributes.p)];
  },
};

/** For each spatial axis, how many elements the window at each output position takes the mean of. */
function countedElements(
  context: NodeContext,
  attributes: AveragePoolAttributes,
  { kernel, strides, dilations, padding }: Window,
): readonly (readonly number[])[] {
  return kernel.map((size, axis) => {
    const [before, after] = padding[axis]!;
    const input = context.inputDims(0)[axis + 2]!;
    // What ceil_mode adds at the end is never counted; declared padding is, where the node says so.
    const declared = attributes.autoPad === 'NOTSET' ? (attributes.pads?.[axis + kernel.length] ?? 0) : after;
    const low = attributes.countIncludePad ? -before : 0;
    const high = attributes.countIncludePad ? input + declared : input;
    return Array.from({ length: context.outputDims(0)[axis + 2]! }, (_, position) => {
      const start = position * strides[axis]! - before;
      const places = Array.from({ length: size }, (_, k) => start + k * dilations[axis]!);
      return places.filter((place) => place >= low && place < high).length;
    });
  });
}
