/** @file Sliding windows of convolution and pooling: their attributes, and the padding they come to. */
import type { Attributes } from '../attributes.js';
import type { NodeContext } from '../nodeContext.js';

/** Strides, dilations and padding, one entry per spatial axis; kernel_shape where the node gives it. */
export interface WindowAttributes {
  readonly kernel: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  /** Begins of all spatial axes, then their ends. */
  readonly pads: readonly number[] | undefined;
  readonly autoPad: string;
}

export function windowAttributes(raw: Attributes): WindowAttributes {
  return {
    kernel: raw.integers('kernel_shape'),
    strides: raw.integers('strides'),
    dilations: raw.integers('dilations'),
    pads: raw.integers('pads'),
    autoPad: raw.string('auto_pad', 'NOTSET'),
  };
}

/** A window over `kernel.length` spatial axes, with every default filled in. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** [before, after] per spatial axis, so that the output has the size that ONNX Runtime says. */
  readonly padding: readonly (readonly [number, number])[];
}

/**
 * The window of a node whose first input is [N, C, spatial…].
 *
 * The padding after each axis follows from the output's size, `after = (out − 1)·stride + dilation·(k − 1) + 1 − in −
 * before`, which covers auto_pad and ceil_mode alike; where that is negative the last rows are unused and it is 0.
 */
export function windowOf(context: NodeContext, attributes: WindowAttributes, kernel: readonly number[]): Window {
  const input = context.inputDims(0).slice(2);
  const output = context.outputDims(0).slice(2);
  const ones = kernel.map(() => 1);
  const strides = attributes.strides ?? ones;
  const dilations = attributes.dilations ?? ones;
  const padding = kernel.map((size, axis): readonly [number, number] => {
    const reach = (output[axis]! - 1) * strides[axis]! + dilations[axis]! * (size - 1) + 1;
    const total = Math.max(0, reach - input[axis]!);
    switch (attributes.autoPad) {
      case 'SAME_UPPER':
        return [Math.floor(total / 2), Math.ceil(total / 2)];
      case 'SAME_LOWER':
        return [Math.ceil(total / 2), Math.floor(total / 2)];
      case 'VALID':
        return [0, total];
      default: {
        const before = attributes.pads?.[axis] ?? 0;
        return [before, Math.max(0, reach - input[axis]! - before)];
      }
    }
  });
  return { kernel, strides, dilations, padding };
}
