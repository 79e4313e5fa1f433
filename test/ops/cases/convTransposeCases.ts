import { type AttributeSketch, node } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

function transposed(
  title: string,
  x: readonly number[],
  w: readonly number[],
  attributes: Readonly<Record<string, AttributeSketch>> = {},
  opset = 17,
): OpCase {
  const group = attributes.group;
  return {
    record: 'ConvTranspose@1',
    title,
    opset,
    node: node('ConvTranspose', ['x', 'w', 'b'], 'y', attributes),
    inputs: { x },
    weights: { w, b: [w[1]! * (typeof group === 'number' ? group : 1)] },
  };
}

export const convTransposeCases: readonly OpCase[] = [
  transposed('of stride 1', [2, 2, 3, 3], [2, 3, 3, 2]),
  transposed('of stride 2', [1, 2, 3, 2], [2, 2, 2, 2], { strides: [2, 2] }),
  transposed('with gaps', [1, 2, 2, 3], [2, 1, 2, 2], { strides: [3, 3] }),
  transposed('padded', [1, 2, 3, 3], [2, 2, 4, 3], { strides: [2, 2], pads: [1, 0, 1, 2] }),
  transposed('with output_padding', [1, 2, 3, 3], [2, 2, 3, 3], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    output_padding: [1, 1],
  }),
  transposed('with output_padding past the kernel', [1, 1, 2, 2], [1, 1, 1, 1], {
    strides: [3, 3],
    output_padding: [2, 1],
  }),
  ...['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto_pad) =>
    transposed(`with output_shape, ${auto_pad}`, [1, 2, 3, 3], [2, 2, 4, 3], {
      strides: [2, 2],
      auto_pad,
      output_shape: [7, 6],
    }),
  ),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto_pad) =>
    transposed(auto_pad, [1, 2, 3, 2], [2, 2, 3, 4], { strides: [2, 1], auto_pad }),
  ),
  transposed('dilated', [1, 2, 3, 3], [2, 2, 2, 3], { dilations: [2, 2], strides: [2, 1], pads: [1, 1, 0, 1] }),
  transposed('of opset 7', [1, 2, 3, 3], [2, 2, 2, 2], { strides: [2, 2] }, 7),
  transposed('in groups', [1, 4, 3, 3], [4, 3, 2, 2], { strides: [2, 2], group: 2 }),
  transposed('in groups, padded', [2, 4, 2, 3], [4, 1, 3, 3], { strides: [2, 2], group: 2, pads: [1, 1, 1, 1] }),
  transposed('depthwise', [1, 3, 3, 3], [3, 1, 4, 4], { strides: [2, 2], group: 3, pads: [1, 1, 1, 1] }),
  transposed('depthwise with a multiplier', [1, 2, 2, 3], [2, 2, 3, 2], { strides: [2, 2], group: 2 }),
  transposed('over one axis', [2, 2, 4], [2, 3, 4], { strides: [2], pads: [1, 1] }),
  transposed('over one axis, in groups', [1, 4, 3], [4, 1, 3], { strides: [2], group: 2, output_padding: [1] }),
  transposed('over three axes', [1, 2, 2, 3, 2], [2, 2, 2, 3, 2], { strides: [2, 1, 2], pads: [0, 1, 0, 1, 1, 0] }),
  {
    ...transposed('without bias', [1, 2, 3, 3], [2, 2, 2, 2]),
    node: node('ConvTranspose', ['x', 'w'], 'y'),
    weights: { w: [2, 2, 2, 2] },
  },
];
