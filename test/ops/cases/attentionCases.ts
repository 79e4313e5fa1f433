/** @file Attention in its fused forms, and what stands around it. */
import { makeIntegers } from '../../../src/graph/make.js';
import { DataType } from '../../../src/onnx/dataType.js';
import { createTensor } from '../../../src/onnx/tensorData.js';
import { type AttributeSketch, integers, node, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

type Inputs = OpCase['inputs'];
type Options = {
  readonly weights?: Readonly<Record<string, WeightSketch>>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
  readonly untrainable?: string;
};

/** An operator whose inputs are those of `order`, fed or stored. */
function attending(
  record: string,
  title: string,
  order: readonly string[],
  inputs: Inputs,
  attributes: Readonly<Record<string, AttributeSketch>>,
  { weights = {}, outputs = ['y'], opset = 17, untrainable }: Options = {},
): OpCase {
  const [name, domain] = record.startsWith('com.microsoft.')
    ? [record.slice('com.microsoft.'.length), 'com.microsoft']
    : [record, ''];
  return {
    record,
    title,
    opset,
    node: node(name.split('@')[0]!, order, outputs, attributes, domain),
    inputs,
    weights,
    ...(untrainable === undefined ? {} : { untrainable }),
  };
}

const standard = (title: string, order: readonly string[], inputs: Inputs, attributes = {}, options: Options = {}) =>
  attending(`Attention@${options.opset ?? 23}`, title, order, inputs, attributes, { opset: 23, ...options });
const HEADS = { q_num_heads: 2, kv_num_heads: 2 };
const [Q3, K3, V3] = [
  [2, 3, 4],
  [2, 5, 4],
  [2, 5, 6],
];

const packed = (title: string, inputs: Inputs, attributes = {}, order = ['x', 'w', 'b'], options: Options = {}) =>
  attending(
    'com.microsoft.Attention@1',
    title,
    order,
    { x: [2, 3, 4], ...inputs },
    { num_heads: 2, ...attributes },
    {
      weights: { w: [4, 12], b: [12] },
      ...options,
    },
  );

const many = (title: string, order: readonly string[], inputs: Inputs, attributes = {}, options: Options = {}) =>
  attending('com.microsoft.MultiHeadAttention@1', title, order, inputs, { num_heads: 2, ...attributes }, options);

const grouped = (title: string, order: readonly string[], inputs: Inputs, attributes = {}, options: Options = {}) =>
  attending(
    'com.microsoft.GroupQueryAttention@1',
    title,
    order,
    inputs,
    { num_heads: 4, kv_num_heads: 2, ...attributes },
    {
      ...options,
      weights: {
        lengths: int32([2, 2]),
        total: int32([3], []),
        ...options.weights,
      },
    },
  );

function truths(values: readonly number[], dims: readonly number[]) {
  return createTensor('', DataType.BOOL, dims, Uint8Array.from(values));
}

function int32(values: readonly number[], dims: readonly number[] = [values.length]) {
  return makeIntegers('', values, dims, DataType.INT32);
}

const turned = (
  title: string,
  inputs: Inputs,
  attributes = {},
  options: Options = {},
  order = ['x', 'cos', 'sin', 'at'],
) =>
  attending('RotaryEmbedding@23', title, order, inputs, attributes, {
    opset: 23,
    weights: { cos: [6, 2], sin: [6, 2], at: integers([0, 3, 1, 5, 2, 2], [2, 3]) },
    ...options,
  });
const microsoftTurned = (title: string, inputs: Inputs, attributes = {}, options: Options = {}) =>
  attending('com.microsoft.RotaryEmbedding@1', title, ['x', 'at', 'cos', 'sin'], inputs, attributes, {
    weights: { cos: [6, 2], sin: [6, 2], at: integers([2]) },
    ...options,
  });

const embedded = (title: string, order: readonly string[], inputs: Inputs, outputs: readonly string[], weights = {}) =>
  attending(
    'com.microsoft.EmbedLayerNormalization@1',
    title,
    order,
    inputs,
    { epsilon: { float: 1e-3 } },
    {
      outputs,
      weights: { words: [7, 4], places: [5, 4], kinds: [2, 4], gain: [4], offset: [4], ...weights },
    },
  );
const IDS = { ids: int32([3, 1, 6, 0, 2, 2], [2, 3]) };

export const attentionCases: readonly OpCase[] = [
  standard('of rows', ['q', 'k', 'v'], { q: Q3, k: K3, v: V3 }, HEADS),
  standard(
    'with a scale and a softcap',
    ['q', 'k', 'v'],
    { q: Q3, k: K3, v: V3 },
    {
      ...HEADS,
      scale: { float: 0.3 },
      softcap: { float: 0.4 },
    },
  ),
  standard('with heads apart', ['q', 'k', 'v'], { q: [2, 2, 3, 4], k: [2, 2, 5, 4], v: [2, 2, 5, 3] }),
  standard(
    'with keys for two heads each',
    ['q', 'k', 'v'],
    { q: [1, 3, 8], k: [1, 3, 4], v: [1, 3, 6] },
    {
      q_num_heads: 4,
      kv_num_heads: 2,
    },
  ),
  standard('with a mask that is added', ['q', 'k', 'v', 'm'], { q: Q3, k: K3, v: V3, m: [2, 3, 5] }, HEADS),
  standard(
    'with a mask of truths',
    ['q', 'k', 'v', 'm'],
    {
      q: Q3,
      k: K3,
      v: V3,
      m: truths([1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0], [3, 5]),
    },
    HEADS,
  ),
  standard(
    'causal, with all that came before',
    ['q', 'k', 'v', '', 'pk', 'pv'],
    {
      q: [1, 3, 4],
      k: [1, 3, 4],
      v: [1, 3, 6],
      pk: [1, 2, 2, 2],
      pv: [1, 2, 2, 3],
    },
    { ...HEADS, is_causal: 1 },
    { outputs: ['y', 'allK', 'allV'] },
  ),
  ...[0, 1, 2, 3].map((mode) =>
    standard(
      `with its scores in mode ${mode}`,
      ['q', 'k', 'v', 'm'],
      { q: Q3, k: K3, v: V3, m: [3, 5] },
      {
        ...HEADS,
        softcap: { float: 0.5 },
        qk_matmul_output_mode: mode,
      },
      { outputs: ['y', '', '', 'scores'] },
    ),
  ),
  standard('of rows', ['q', 'k', 'v'], { q: Q3, k: K3, v: V3 }, HEADS, { opset: 24 }),
  standard(
    'causal, with heads apart',
    ['q', 'k', 'v'],
    { q: [1, 2, 4, 2], k: [1, 2, 4, 2], v: [1, 2, 4, 2] },
    {
      is_causal: 1,
    },
    { opset: 24 },
  ),
  standard('with counted keys', ['q', 'k', 'v', '', '', '', 'n'], { q: Q3, k: K3, v: V3, n: integers([3, 5]) }, HEADS, {
    opset: 24,
    untrainable: 'its sequences have lengths of their own',
  }),
  packed('of a sequence', {}),
  packed('with narrower values', {}, { qkv_hidden_sizes: [4, 4, 2] }, ['x', 'w', 'b'], {
    weights: { w: [4, 10], b: [10] },
  }),
  packed('one way, with a scale', {}, { unidirectional: 1, scale: { float: 0.4 } }),
  packed('with a mask of keys', { m: int32([1, 1, 0, 1, 1, 1], [2, 3]) }, {}, ['x', 'w', 'b', 'm']),
  packed('with lengths', { m: int32([2, 3]) }, {}, ['x', 'w', 'b', 'm']),
  packed(
    'with a mask of pairs',
    { m: int32([1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1], [2, 3, 3]) },
    {
      mask_filter_value: { float: -3 },
    },
    ['x', 'w', 'b', 'm'],
  ),
  packed('with ends and beginnings', { m: int32([2, 3, 0, 1]) }, {}, ['x', 'w', 'b', 'm'], {
    untrainable: 'its mask of the shape [4] has no form in tf.js',
  }),
  packed('with a bias per head', { a: [1, 2, 3, 3] }, {}, ['x', 'w', 'b', '', '', 'a']),
  packed('one way, after former tokens', { p: [2, 2, 2, 2, 2] }, { unidirectional: 1 }, ['x', 'w', 'b', '', 'p'], {
    outputs: ['y', 'present'],
  }),
  many('of rows', ['q', 'k', 'v'], { q: Q3, k: K3, v: V3 }),
  many(
    'with a bias and a mask of keys',
    ['q', 'k', 'v', 'b', 'm'],
    {
      q: Q3,
      k: K3,
      v: V3,
      m: int32([1, 1, 0, 1, 1, 1, 1, 1, 1, 0], [2, 5]),
    },
    {},
    { weights: { b: [14] } },
  ),
  many(
    'with a bias for the scores',
    ['q', 'k', 'v', '', '', 'a'],
    { q: Q3, k: K3, v: V3, a: [1, 2, 3, 5] },
    {
      scale: { float: 0.7 },
    },
  ),
  many('one way', ['q', 'k', 'v'], { q: [1, 4, 4], k: [1, 4, 4], v: [1, 4, 4] }, { unidirectional: 1 }),
  many('of keys and values that are kept', ['q', 'k', 'v'], { q: [2, 3, 4], k: [2, 2, 5, 2], v: [2, 2, 5, 2] }),
  many(
    'with all that came before',
    ['q', 'k', 'v', '', '', '', 'pk', 'pv'],
    {
      q: [1, 2, 4],
      k: [1, 2, 4],
      v: [1, 2, 4],
      pk: [1, 2, 3, 2],
      pv: [1, 2, 3, 2],
    },
    {},
    { outputs: ['y', 'allK', 'allV'] },
  ),
  grouped('of rows', ['q', 'k', 'v', '', '', 'lengths', 'total'], { q: [2, 3, 32], k: [2, 3, 16], v: [2, 3, 16] }),
  grouped(
    'of rows beside each other',
    ['q', '', '', '', '', 'lengths', 'total'],
    { q: [2, 3, 64] },
    {
      scale: { float: 0.2 },
      softcap: { float: 2 },
    },
  ),
  grouped(
    'turned by position',
    ['q', 'k', 'v', '', '', 'lengths', 'total', 'cos', 'sin'],
    {
      q: [2, 3, 64],
      k: [2, 3, 32],
      v: [2, 3, 32],
    },
    { do_rotary: 1 },
    { weights: { cos: [4, 8], sin: [4, 8] }, outputs: ['y', 'allK', 'allV'] },
  ),
  grouped(
    'with a window',
    ['q', 'k', 'v', '', '', 'lengths', 'total'],
    { q: [2, 3, 32], k: [2, 3, 16], v: [2, 3, 16] },
    {
      local_window_size: 2,
    },
    { untrainable: 'its tokens look at their neighbours alone' },
  ),
  grouped(
    'after former tokens',
    ['q', 'k', 'v', 'pk', 'pv', 'lengths', 'total'],
    {
      q: [2, 1, 32],
      k: [2, 1, 16],
      v: [2, 1, 16],
      pk: [2, 2, 2, 8],
      pv: [2, 2, 2, 8],
    },
    {},
    { outputs: ['y', 'allK', 'allV'], untrainable: 'it goes on from keys and values of former tokens' },
  ),
  grouped(
    'of sequences with lengths',
    ['q', 'k', 'v', '', '', 'fed', 'total'],
    {
      q: [2, 3, 32],
      k: [2, 3, 16],
      v: [2, 3, 16],
      fed: int32([1, 2]),
    },
    {},
    { untrainable: 'its sequences have lengths of their own' },
  ),
  turned('of rows', { x: [2, 3, 8] }, { num_heads: 2 }),
  turned('of heads apart, of neighbours', { x: [2, 2, 3, 4] }, { interleaved: 1 }),
  turned('of a part of each head', { x: [2, 2, 3, 6] }, { rotary_embedding_dim: 4 }),
  turned('by angles of its own', { x: [2, 3, 8] }, { num_heads: 2 }, { weights: { cos: [2, 3, 2], sin: [2, 3, 2] } }, [
    'x',
    'cos',
    'sin',
  ]),
  microsoftTurned('of rows, from a position on', { x: [2, 3, 8] }),
  microsoftTurned('of heads apart', { x: [2, 2, 3, 4] }, { interleaved: 1 }),
  microsoftTurned(
    'of a part of each head',
    { x: [2, 3, 12], at: integers([0, 3, 1, 5, 2, 2], [2, 3]) },
    {
      num_heads: 2,
      rotary_embedding_dim: 4,
    },
    { weights: { cos: [6, 2], sin: [6, 2] } },
  ),
  embedded(
    'of words and segments',
    ['ids', 'segments', 'words', 'places', 'kinds', 'gain', 'offset', 'mask'],
    {
      ...IDS,
      segments: int32([0, 0, 1, 1, 0, 1], [2, 3]),
      mask: int32([1, 1, 0, 1, 1, 1], [2, 3]),
    },
    ['y', 'lengths', 'sum'],
  ),
  embedded(
    'of words alone, at given positions',
    ['ids', '', 'words', 'places', '', 'gain', 'offset', '', 'at'],
    {
      ...IDS,
      at: int32([1, 0, 4], [1, 3]),
    },
    ['y', 'lengths'],
  ),
];
