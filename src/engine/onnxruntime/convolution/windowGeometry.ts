import type { backend_util } from '@tensorflow/tfjs-core';

/** How a window moves over one spatial axis. */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  /** just enough for the output that tf.js wants: what floor rounding would leave unread is not padded */
  readonly after: number;
}

/** The geometry of a 2-D convolution or pooling, in terms of channels-first ONNX. */
export interface WindowGeometry {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly height: WindowAxis;
  readonly width: WindowAxis;
  /** logical → physical order of images: [N, C, H, W] in memory */
  readonly imageOrder: readonly number[];
  /** the logical shape of the result */
  readonly outShape: readonly number[];
}

/** Reads what tf.js computed about a convolution or pooling. */
export function windowGeometry(info: backend_util.Conv2DInfo): WindowGeometry {
  const { padInfo } = info;
  return {
    batch: info.batchSize,
    inChannels: info.inChannels,
    outChannels: info.outChannels,
    height: windowAxis(
      info.inHeight,
      info.outHeight,
      info.filterHeight,
      info.strideHeight,
      info.dilationHeight,
      padInfo.top,
    ),
    width: windowAxis(
      info.inWidth,
      info.outWidth,
      info.filterWidth,
      info.strideWidth,
      info.dilationWidth,
      padInfo.left,
    ),
    imageOrder: info.dataFormat === 'channelsFirst' ? [0, 1, 2, 3] : [0, 3, 1, 2],
    outShape: info.outShape,
  };
}

/** The axis of a window, with as much padding behind as its output needs. */
export function windowAxis(
  input: number,
  output: number,
  size: number,
  stride: number,
  dilation: number,
  before: number,
): WindowAxis {
  const reach = (output - 1) * stride + (size - 1) * dilation + 1;
  return { input, output, size, stride, dilation, before, after: Math.max(0, reach - input - before) };
}

/** The attributes that ONNX's Conv and pools share. */
export function windowAttributes({ height, width }: WindowGeometry): Record<string, readonly number[]> {
  return {
    kernel_shape: [height.size, width.size],
    strides: [height.stride, width.stride],
    dilations: [height.dilation, width.dilation],
    pads: [height.before, width.before, height.after, width.after],
  };
}

/** Padding of a transposed convolution that gives back the input's size: { before, after, output_padding }. */
export function transposedPadding(axis: WindowAxis): { before: number; after: number; extra: number } {
  const reach = (axis.output - 1) * axis.stride + (axis.size - 1) * axis.dilation + 1;
  const surplus = reach - axis.before - axis.input;
  return { before: axis.before, after: Math.max(0, surplus), extra: Math.max(0, -surplus) };
}
