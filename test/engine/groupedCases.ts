/** @file Cases of convolutions in groups, over one to three axes. */
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { KernelCase } from './kernelCases.js';

interface Grouped {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly y: readonly number[];
  readonly attributes: NamedAttrMap;
}

function grouped(
  x: readonly number[],
  filter: readonly number[],
  y: readonly number[],
  group: number,
  strides: readonly number[],
  dilations: readonly number[],
  padding: readonly (readonly [number, number])[],
): Grouped {
  return { x, filter, y, attributes: { group, strides, dilations, padding } as unknown as NamedAttrMap };
}

const noPadding = [0, 0] as const;
const around = [1, 1] as const;

const convolutions: readonly Grouped[] = [
  grouped([2, 6, 5, 4], [3, 3, 2, 6], [2, 6, 5, 6], 2, [1, 1], [1, 1], [around, around]),
  grouped([2, 6, 5, 4], [3, 2, 2, 2], [2, 2, 2, 2], 2, [2, 2], [1, 1], [noPadding, noPadding]),
  grouped([2, 7, 9, 6], [3, 3, 2, 3], [2, 3, 5, 3], 3, [1, 2], [2, 1], [noPadding, [1, 2]]),
  grouped([2, 7, 9, 6], [3, 2, 1, 6], [2, 3, 4, 6], 6, [2, 2], [2, 1], [[1, 2], noPadding]),
  grouped([1, 4, 4, 4], [1, 1, 2, 4], [1, 6, 4, 4], 2, [1, 1], [1, 1], [around, noPadding]),
  grouped([2, 9, 4], [3, 2, 4], [2, 9, 4], 2, [1], [2], [[2, 2]]),
  grouped([1, 4, 3, 5, 4], [2, 3, 2, 2, 4], [1, 3, 3, 4, 4], 2, [1, 1, 1], [1, 1, 1], [noPadding, around, noPadding]),
  grouped([1, 5, 3, 5, 4], [2, 3, 2, 4, 2], [1, 2, 3, 2, 2], 1, [2, 1, 2], [2, 1, 1], [[1, 0], around, noPadding]),
];

export const groupedCases: Readonly<Record<string, readonly KernelCase[]>> = {
  GroupedConv: convolutions.map(({ x, filter, attributes }) => ({
    inputs: { x: { shape: x }, filter: { shape: filter } },
    attributes,
  })),
  GroupedConvBackpropFilter: convolutions.map(({ x, filter, y, attributes }) => ({
    inputs: { x: { shape: x }, dy: { shape: y } },
    attributes: { ...attributes, filterShape: [...filter] },
  })),
  GroupedConvBackpropInput: convolutions.map(({ x, filter, y, attributes }) => ({
    inputs: { dy: { shape: y }, filter: { shape: filter } },
    attributes: { ...attributes, inputShape: [...x] },
  })),
};
