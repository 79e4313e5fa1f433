/** @file Pools over one to three spatial axes, made of pools over two, the only ones that all of tf.js has. */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Window } from '../convolution/window.js';
import type { Tf } from '../opDef.js';
import { padOrCrop } from '../spatial/padOrCrop.js';

/** A pool whose result over several axes is the pool along one of the pool along the others. */
type SeparablePool = (tf: Tf, image: Tensor, window: Window) => Tensor;

/** The largest element of each window of x [N, C, spatial…], padding left out. */
export function slidingMax(tf: Tf, x: Tensor, window: Window): Tensor {
  return overPlanes(tf, x, window, maxOfImage);
}

/** The mean of each window of x [N, C, spatial…], padding counted as zeros. */
export function slidingMean(tf: Tf, x: Tensor, window: Window): Tensor {
  return overPlanes(tf, x, window, meanOfImage);
}

function overPlanes(tf: Tf, x: Tensor, window: Window, pool: SeparablePool): Tensor {
  if (x.rank === 4) return pool(tf, x, window);
  const first = select(window, 0);
  if (x.rank === 3) return tf.squeeze(pool(tf, tf.expandDims(x, 3), join(first, STILL)), [3]);
  const [batch, channels, depth, height, width] = x.shape as [number, number, number, number, number];
  const images = tf.reshape(x, [batch, channels * depth, height, width]);
  const pooled = pool(tf, images, join(select(window, 1), select(window, 2)));
  const [, , rows, columns] = pooled.shape as [number, number, number, number];
  const stack = tf.reshape(pooled, [batch, channels, depth, rows * columns]);
  const result = pool(tf, stack, join(first, STILL));
  return tf.reshape(result, [batch, channels, result.shape[2]!, rows, columns]);
}

/** A window of one element. */
const STILL: Window = { kernel: [1], strides: [1], dilations: [1], padding: [[0, 0]] };

function select({ kernel, strides, dilations, padding }: Window, axis: number): Window {
  return {
    kernel: [kernel[axis]!],
    strides: [strides[axis]!],
    dilations: [dilations[axis]!],
    padding: [padding[axis]!],
  };
}

function join(a: Window, b: Window): Window {
  return {
    kernel: [...a.kernel, ...b.kernel],
    strides: [...a.strides, ...b.strides],
    dilations: [...a.dilations, ...b.dilations],
    padding: [...a.padding, ...b.padding],
  };
}

function maxOfImage(tf: Tf, image: Tensor, window: Window): Tensor {
  const { kernel, strides, padding } = window;
  if (isDilated(window)) {
    const lowest = -3.4028234663852886e38;
    return alongEach(tf, image, window, lowest, (parts) => parts.reduce((a, b) => tf.maximum(a, b)));
  }
  const nhwc = tf.transpose(image as Tensor4D, [0, 2, 3, 1]);
  const y = tf.maxPool(
    nhwc,
    [kernel[0]!, kernel[1]!],
    [strides[0]!, strides[1]!],
    [[0, 0], [...padding[0]!], [...padding[1]!], [0, 0]],
  );
  return tf.transpose(y, [0, 3, 1, 2]);
}

function meanOfImage(tf: Tf, image: Tensor, window: Window): Tensor {
  const { kernel, strides, padding } = window;
  if (isDilated(window)) {
    return alongEach(tf, image, window, 0, (parts) => tf.div(tf.addN([...parts]), parts.length));
  }
  // Backends disagree on what a window with padding takes the mean of, so they get none.
  const padded = padOrCrop(tf, image, [[0, 0], [0, 0], padding[0]!, padding[1]!]) as Tensor4D;
  const nhwc = tf.transpose(padded, [0, 2, 3, 1]);
  const y = tf.avgPool(nhwc, [kernel[0]!, kernel[1]!], [strides[0]!, strides[1]!], 'valid');
  return tf.transpose(y, [0, 3, 1, 2]);
}

function isDilated({ kernel, dilations }: Window): boolean {
  return dilations.some((dilation, axis) => dilation !== 1 && kernel[axis] !== 1);
}

/** tf.js has no gradient for dilated pools: here each place of the window is a tensor of its own. */
function alongEach(
  tf: Tf,
  image: Tensor,
  { kernel, strides, dilations, padding }: Window,
  filler: number,
  combine: (parts: readonly Tensor[]) => Tensor,
): Tensor {
  return kernel.reduce((x, size, i) => {
    const axis = i + 2;
    const margins = x.shape.map((_, other) => (other === axis ? padding[i]! : ([0, 0] as const)));
    const padded = padOrCrop(tf, x, margins, filler);
    const length = Math.floor((padded.shape[axis]! - (size - 1) * dilations[i]! - 1) / strides[i]!) + 1;
    const places = Array.from({ length: size }, (_, k) => {
      const met = Array.from({ length }, (_, out) => out * strides[i]! + k * dilations[i]!);
      return tf.gather(padded, tf.tensor1d(met, 'int32'), axis);
    });
    return combine(places);
  }, image);
}
