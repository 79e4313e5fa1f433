import type { backend_util } from '@tensorflow/tfjs-core';
import { transposedPadding, type WindowAxis, windowAxis } from './windowGeometry.js';

/** A convolution or pooling over any number of spatial axes, in terms of channels-first ONNX. */
export interface SpatialGeometry {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly axes: readonly WindowAxis[];
  /** logical → physical order of images: [N, C, spatial…] in memory */
  readonly imageOrder: readonly number[];
}

/** Over height and width. */
export function planeGeometry(info: backend_util.Conv2DInfo): SpatialGeometry {
  return { ...channelsOf(info), axes: planeAxes(info), imageOrder: [0, 3, 1, 2] };
}

/** Over depth, height and width. */
export function volumeGeometry(info: backend_util.Conv3DInfo): SpatialGeometry {
  const { inDepth, outDepth, filterDepth, strideDepth, dilationDepth, padInfo } = info;
  const depth = windowAxis(inDepth, outDepth, filterDepth, strideDepth, dilationDepth, notNegative(padInfo.front));
  return { ...channelsOf(info), axes: [depth, ...planeAxes(info)], imageOrder: [0, 4, 1, 2, 3] };
}

type Info = backend_util.Conv2DInfo | backend_util.Conv3DInfo;

function channelsOf({ batchSize, inChannels, outChannels }: Info) {
  return { batch: batchSize, inChannels, outChannels };
}

function planeAxes(info: Info): readonly WindowAxis[] {
  const [top, left] = [notNegative(info.padInfo.top), notNegative(info.padInfo.left)];
  return [
    windowAxis(info.inHeight, info.outHeight, info.filterHeight, info.strideHeight, info.dilationHeight, top),
    windowAxis(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.dilationWidth, left),
  ];
}

// tf.js forgets this for volumes that are padded to 'same' with strides larger than the filter.
function notNegative(padding: number): number {
  return Math.max(0, padding);
}

/** [N, C, spatial…] of what goes in. */
export function inputDims({ batch, inChannels, axes }: SpatialGeometry): readonly number[] {
  return [batch, inChannels, ...axes.map(({ input }) => input)];
}

/** [N, C, spatial…] of what comes out. */
export function outputDims({ batch, outChannels, axes }: SpatialGeometry): readonly number[] {
  return [batch, outChannels, ...axes.map(({ output }) => output)];
}

/** The attributes that ONNX's Conv and pools share. */
export function spatialAttributes(axes: readonly WindowAxis[]): Record<string, readonly number[]> {
  return {
    kernel_shape: axes.map(({ size }) => size),
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
  };
}

/** The attributes of the ConvTranspose that takes outputs back to inputs. */
export function transposedAttributes(axes: readonly WindowAxis[]): Record<string, readonly number[]> {
  const padding = axes.map(transposedPadding);
  return {
    ...spatialAttributes(axes),
    pads: [...padding.map(({ before }) => before), ...padding.map(({ after }) => after)],
    output_padding: padding.map(({ extra }) => extra),
  };
}
