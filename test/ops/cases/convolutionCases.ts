import { type AttributeSketch, integers, node } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

type Attributes = Readonly<Record<string, AttributeSketch>>;

function conv(title: string, x: readonly number[], w: readonly number[], attributes: Attributes, opset = 17): OpCase {
  return {
    record: 'Conv@1',
    title,
    opset,
    node: node('Conv', ['x', 'w', 'b'], 'y', attributes),
    inputs: { x },
    weights: { w, b: [w[0]!] },
  };
}

export const convolutionCases: readonly OpCase[] = [
  conv('without padding', [2, 2, 5, 4], [3, 2, 3, 2], {}),
  conv('of one element', [1, 3, 3, 3], [2, 3, 1, 1], {}),
  conv('padded alike', [1, 2, 4, 4], [2, 2, 3, 3], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }),
  conv('padded on one side', [1, 2, 4, 5], [2, 2, 3, 3], { pads: [0, 2, 1, 0] }),
  conv('strided unevenly', [1, 2, 7, 6], [2, 2, 3, 3], { strides: [2, 3], pads: [1, 0, 1, 1] }),
  conv('strided, last rows unused', [1, 1, 6, 6], [2, 1, 3, 3], { strides: [2, 2] }),
  conv('padded before, last rows unused', [1, 1, 6, 6], [2, 1, 3, 3], { strides: [2, 2], pads: [1, 1, 0, 0] }),
  conv('of opset 1', [1, 2, 4, 4], [2, 2, 3, 3], { pads: [1, 1, 1, 1], group: 1 }, 7),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].flatMap((auto_pad) => [
    conv(auto_pad, [1, 2, 5, 4], [2, 2, 2, 3], { auto_pad }),
    conv(`${auto_pad}, strided`, [1, 2, 6, 5], [2, 2, 3, 2], { auto_pad, strides: [2, 2] }),
  ]),
  {
    ...conv('without bias', [1, 2, 3, 3], [2, 2, 2, 2], {}),
    node: node('Conv', ['x', 'w'], 'y'),
    weights: { w: [2, 2, 2, 2] },
  },
  conv('in groups', [2, 4, 3, 3], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  conv('in groups of one output', [1, 6, 3, 3], [3, 2, 2, 2], { group: 3 }),
  conv('in groups, strided', [1, 4, 5, 4], [2, 2, 3, 2], { group: 2, strides: [2, 1] }),
  conv('depthwise', [2, 3, 4, 4], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }),
  conv('depthwise, strided', [1, 3, 5, 5], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1], strides: [2, 2] }),
  conv('depthwise with a multiplier', [1, 2, 4, 4], [6, 1, 3, 3], { group: 2, pads: [0, 1, 1, 0] }),
  conv('depthwise SAME_LOWER', [1, 2, 4, 4], [2, 1, 2, 2], { group: 2, auto_pad: 'SAME_LOWER' }),
  conv('dilated', [1, 2, 5, 5], [2, 2, 2, 2], { dilations: [2, 2] }),
  conv('dilated unevenly, padded and strided', [1, 2, 7, 6], [2, 2, 3, 2], {
    dilations: [2, 3],
    strides: [2, 1],
    pads: [2, 1, 0, 3],
  }),
  conv('dilated in groups', [1, 4, 5, 5], [4, 2, 2, 2], { dilations: [2, 1], group: 2 }),
  conv('dilated depthwise', [1, 2, 6, 6], [2, 1, 3, 3], { dilations: [2, 2], group: 2, pads: [2, 2, 2, 2] }),
  conv('over one axis', [2, 2, 7], [3, 2, 3], { pads: [1, 1], strides: [2] }),
  conv('over one axis, causal and dilated', [1, 2, 6], [2, 2, 2], { pads: [2, 0], dilations: [2] }),
  conv('over one axis, depthwise', [1, 3, 6], [3, 1, 3], { group: 3 }),
  conv('over one axis, in groups', [1, 4, 5], [2, 2, 3], { group: 2, auto_pad: 'SAME_UPPER' }),
  conv('over three axes', [1, 2, 3, 4, 3], [2, 2, 2, 3, 2], { pads: [1, 1, 0, 0, 1, 1] }),
  conv('over three axes, strided and dilated', [1, 2, 5, 4, 3], [2, 2, 2, 2, 2], {
    strides: [2, 1, 1],
    dilations: [2, 2, 1],
  }),
  conv('over three axes, depthwise', [1, 2, 3, 3, 3], [2, 1, 2, 2, 2], { group: 2 }),
  {
    ...conv('over four axes', [1, 1, 2, 2, 2, 2], [1, 1, 1, 1, 1, 1], {}),
    untrainable: 'it has 4 spatial axes; 1 to 3 can be trained',
  },
];

function pool(
  type: 'MaxPool' | 'AveragePool' | 'LpPool',
  title: string,
  x: readonly number[],
  attributes: Attributes,
  opset = 17,
  outputs: readonly string[] = ['y'],
): OpCase {
  return {
    record: type === 'LpPool' ? 'LpPool@2' : `${type}@1`,
    title,
    opset,
    node: node(type, ['x'], outputs, attributes),
    inputs: { x },
  };
}

const both = (['MaxPool', 'AveragePool'] as const).flatMap((type) => [
  pool(type, 'of 2 by 2', [2, 2, 4, 4], { kernel_shape: [2, 2], strides: [2, 2] }),
  pool(type, 'that overlaps', [1, 2, 5, 4], { kernel_shape: [3, 2] }),
  pool(type, 'padded alike', [1, 2, 4, 4], { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] }),
  pool(type, 'padded on one side', [1, 1, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 1, 2, 0] }),
  pool(type, 'with ceil_mode', [1, 2, 6, 5], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  pool(type, 'with ceil_mode and padding', [1, 1, 6, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    ceil_mode: 1,
  }),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].map((auto_pad) =>
    pool(type, auto_pad, [1, 2, 5, 4], { kernel_shape: [2, 3], strides: [2, 2], auto_pad }),
  ),
  pool(type, 'of one element', [1, 2, 3, 3], { kernel_shape: [1, 1], strides: [2, 2] }),
  pool(type, 'of opset 7', [1, 2, 4, 4], { kernel_shape: [2, 2] }, 7),
  pool(type, 'over one axis', [1, 2, 7], { kernel_shape: [3], strides: [2], pads: [1, 1] }),
  pool(type, 'over three axes', [1, 2, 4, 3, 5], {
    kernel_shape: [2, 3, 2],
    strides: [2, 1, 2],
    pads: [0, 1, 0, 0, 1, 1],
  }),
  pool(type, 'dilated', [1, 2, 6, 5], { kernel_shape: [3, 2], dilations: [2, 2], pads: [1, 0, 1, 0] }, 19),
  pool(type, 'dilated and strided', [1, 1, 7], { kernel_shape: [2], dilations: [3], strides: [2] }, 19),
]);

export const poolingCases: readonly OpCase[] = [
  ...both,
  pool('AveragePool', 'that counts its padding', [1, 2, 4, 4], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  pool('AveragePool', 'that counts padding on one side', [1, 1, 5, 5], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [0, 1, 2, 0],
    count_include_pad: 1,
  }),
  pool('AveragePool', 'that counts padding and rounds up', [1, 1, 6, 6], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
    ceil_mode: 1,
  }),
  pool('AveragePool', 'that counts SAME padding', [1, 2, 5, 4], {
    kernel_shape: [2, 3],
    auto_pad: 'SAME_UPPER',
    count_include_pad: 1,
  }),
  {
    ...pool('MaxPool', 'that gives its indices', [1, 2, 4, 4], { kernel_shape: [2, 2] }, 17, ['y', 'indices']),
    untrainable: 'its output of indices has no gradient',
  },
  pool('AveragePool', 'over one axis, that counts its padding', [1, 2, 5], {
    kernel_shape: [3],
    pads: [1, 2],
    count_include_pad: 1,
  }),
  ...[1, 2, 3].map((p) =>
    pool('LpPool', `of norm ${p}`, [1, 2, 5, 4], { kernel_shape: [2, 3], pads: [1, 0, 0, 1], p }),
  ),
  pool('LpPool', 'strided', [1, 2, 5, 4], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
  pool('LpPool', 'over one axis', [1, 2, 6], { kernel_shape: [4] }, 9),
  pool('LpPool', 'dilated', [1, 2, 6], { kernel_shape: [2], dilations: [2] }, 18),
  {
    record: 'MaxUnpool@9',
    title: 'by indices',
    opset: 11,
    node: node('MaxUnpool', ['x', 'i'], 'y', { kernel_shape: [2, 2], strides: [2, 2] }),
    inputs: { x: [1, 1, 2, 2] },
    weights: { i: integers([0, 3, 8, 15], [1, 1, 2, 2]) },
    untrainable: 'it reads indices, which tf.js does not get from MaxPool',
  },
  ...[
    [2, 3, 4, 5],
    [1, 2, 1, 1],
    [2, 3, 4],
    [1, 2, 2, 3, 2],
  ].flatMap((x) =>
    [
      ['GlobalAveragePool@1', {}] as const,
      ['GlobalMaxPool@1', {}] as const,
      ...[1, 2, 3].map((p) => ['GlobalLpPool@2', { p }] as const),
    ].map(
      ([record, attributes]): OpCase => ({
        record,
        title: `of [${x.join(', ')}] ${JSON.stringify(attributes)}`,
        opset: x.length === 3 ? 9 : 17,
        node: node(record.split('@')[0]!, ['x'], 'y', attributes),
        inputs: { x },
      }),
    ),
  ),
];
