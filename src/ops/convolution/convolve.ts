import type { NamedAttrMap, Rank, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../opDef.js';
import { padOrCrop } from '../spatial/padOrCrop.js';
import { spreadZeros } from './spreadZeros.js';

/** How a kernel moves: one entry per spatial axis. */
export interface ConvolutionWindow {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** [before, after], not negative. */
  readonly padding: readonly (readonly [number, number])[];
}

/**
 * A convolution over one to three spatial axes, in groups: x [N, C, spatial…] with w [O, C/group, kernel…].
 *
 * tf.js has two axes alone for all its backends: a single one becomes a row, and a volume the sum, over the depth of
 * the kernel, of convolutions of its slices.
 */
export function convolve(tf: Tf, x: Tensor, w: Tensor, window: ConvolutionWindow, group: number): Tensor {
  const { strides, dilations, padding } = window;
  if (x.rank === 4) return convolveImage(tf, x, w, window, group);
  if (x.rank === 3) {
    const row = {
      strides: [strides[0]!, strides[0]!],
      dilations: [dilations[0]!, dilations[0]!],
      padding: [[0, 0] as const, padding[0]!],
    };
    return tf.squeeze(convolveImage(tf, tf.expandDims(x, 2), tf.expandDims(w, 2), row, group), [2]);
  }
  const [batch, channels, , height, width] = x.shape as [number, number, number, number, number];
  const [outputs, inputs, depth, rows, columns] = w.shape as [number, number, number, number, number];
  const plane = { strides: strides.slice(1), dilations: dilations.slice(1), padding: padding.slice(1) };
  const padded = padOrCrop(tf, x, [[0, 0], [0, 0], padding[0]!, [0, 0], [0, 0]]);
  const outDepth = Math.floor((padded.shape[2]! - (depth - 1) * dilations[0]! - 1) / strides[0]!) + 1;
  const parts = Array.from({ length: depth }, (_, k) => {
    const met = Array.from({ length: outDepth }, (_, out) => out * strides[0]! + k * dilations[0]!);
    const slices = tf.gather(padded, tf.tensor1d(met, 'int32'), 2);
    const images = tf.reshape(tf.transpose(slices, [0, 2, 1, 3, 4]), [batch * outDepth, channels, height, width]);
    const kernel = tf.reshape(tf.slice(w, [0, 0, k, 0, 0], [outputs, inputs, 1, rows, columns]), [
      outputs,
      inputs,
      rows,
      columns,
    ]);
    return convolveImage(tf, images, kernel, plane, group);
  });
  const sum = tf.addN(parts);
  return tf.transpose(tf.reshape(sum, [batch, outDepth, ...sum.shape.slice(1)]), [0, 2, 1, 3, 4]);
}

/** The kernel of our own backend for what tf.js has no operator for. */
const GROUPED = 'GroupedConv';

/** All groups at once: one node instead of as many as there are groups, and strides with dilations. */
function convolveGroups(tf: Tf, x: Tensor, w: Tensor, window: ConvolutionWindow, group: number): Tensor {
  const inputs = {
    x: tf.transpose(x, [0, 2, 3, 1]), // NCHW → NHWC
    filter: tf.transpose(w, [2, 3, 1, 0]), // OIHW → HWIO
  };
  const attributes = { ...window, group } as unknown as NamedAttrMap;
  return tf.transpose(tf.engine().runKernel<Tensor>(GROUPED, inputs, attributes), [0, 3, 1, 2]);
}

/** x [N, C, H, W] with w [O, C/group, kh, kw]. */
function convolveImage(
  tf: Tf,
  x: Tensor,
  w: Tensor,
  { strides, dilations, padding }: ConvolutionWindow,
  group: number,
): Tensor {
  const isDilated = dilations.some((dilation) => dilation !== 1);
  const isStrided = strides.some((stride) => stride !== 1);
  const isGrouped = group > 1 && group !== x.shape[1];
  if ((isGrouped || (isDilated && isStrided)) && tf.getKernel(GROUPED, tf.getBackend()) != null) {
    return convolveGroups(tf, x, w, { strides, dilations, padding }, group);
  }
  // Only this backend has gradients for dilated convolutions, and tf.js takes no stride along with them.
  const isNative = tf.getBackend() === 'onnxruntime' && !isStrided;
  const kernel = isDilated && !isNative ? spreadZeros(tf, w, [1, 1, ...dilations]) : w;
  const dilation: [number, number] = isDilated && isNative ? [dilations[0]!, dilations[1]!] : [1, 1];
  const stride: [number, number] = [strides[0]!, strides[1]!];
  const pad: [[number, number], [number, number], [number, number], [number, number]] = [
    [0, 0],
    [...padding[0]!],
    [...padding[1]!],
    [0, 0],
  ];
  const image = tf.transpose(x as Tensor4D, [0, 2, 3, 1]); // NCHW → NHWC
  const toFirst = [0, 3, 1, 2]; // NHWC → NCHW
  if (group === x.shape[1] && group > 1) {
    const [, , rows, columns] = kernel.shape as [number, number, number, number];
    const perChannel = tf.reshape<Rank.R4>(kernel, [group, w.shape[0]! / group, rows, columns]);
    const filter = tf.transpose<Tensor4D>(perChannel, [2, 3, 0, 1]); // [C, m, kh, kw] → [kh, kw, C, m]
    return tf.transpose(tf.depthwiseConv2d(image, filter, stride, pad, 'NHWC', dilation), toFirst);
  }
  const filter = tf.transpose(kernel as Tensor4D, [2, 3, 1, 0]); // OIHW → HWIO
  if (group === 1) return tf.transpose(tf.conv2d(image, filter, stride, pad, 'NHWC', dilation), toFirst);
  const images = tf.split<Tensor4D>(image, group, 3);
  const filters = tf.split<Tensor4D>(filter, group, 3);
  const parts = images.map((part, i) => tf.conv2d<Tensor4D>(part, filters[i]!, stride, pad, 'NHWC', dilation));
  return tf.transpose(tf.concat(parts, 3), toFirst);
}
