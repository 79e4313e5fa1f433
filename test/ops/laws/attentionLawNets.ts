/** @file For fused attention, nets that lose whole heads and are widened by them. */
import { makeIntegers } from '../../../src/graph/make.js';
import { DataType } from '../../../src/onnx/dataType.js';
import type { ModelProto, NodeProto, ValueInfoProto } from '../../../src/onnx/messages.js';
import {
  type AttributeSketch,
  inputOf,
  integers,
  modelOf,
  node,
  positive,
  type WeightSketch,
} from '../../support/modelOf.js';
import { free, type LawNet, pins, type Weights } from './lawNet.js';

const TOKENS = 5;
const WIDTH = 6;
type Attributes = Readonly<Record<string, AttributeSketch>>;

const microsoft = (
  type: string,
  inputs: readonly string[],
  attributes: Attributes,
  outputs: readonly string[] = ['y0'],
) => node(type, inputs, outputs, attributes, 'com.microsoft');
const short = (values: readonly number[], dims: readonly number[] = [values.length]) =>
  makeIntegers('', values, dims, DataType.INT32);

/** x → 'in' → nodes that give 'y0' of `merged` columns → 'out', added to 'in' → y. */
function net(
  nodes: readonly NodeProto[],
  merged: number,
  weights: Weights,
  { opset = 17, typedInputs = [] as readonly ValueInfoProto[] } = {},
): ModelProto {
  return modelOf({
    inputs: { x: ['N', TOKENS, 3] },
    typedInputs,
    weights: { inW: [3, WIDTH], outW: [merged, WIDTH], lastW: [WIDTH, 2], ...weights },
    nodes: [
      node('MatMul', ['x', 'inW'], 'in'),
      ...nodes,
      node('MatMul', ['y0', 'outW'], 'out'),
      node('Add', ['in', 'out'], 'sum'),
      node('MatMul', ['sum', 'lastW'], 'y'),
    ],
    outputs: ['y'],
    opset,
  });
}

/** Projections of the stream by name, with their widths. */
function projections(widths: Readonly<Record<string, number>>): {
  readonly nodes: readonly NodeProto[];
  readonly weights: Weights;
} {
  const names = Object.keys(widths);
  return {
    nodes: names.map((name) => node('MatMul', ['in', `${name}W`], name)),
    weights: Object.fromEntries(names.map((name) => [`${name}W`, [WIDTH, widths[name]!]])),
  };
}

/** Attention over q, k and v. */
function attention(
  widths: Readonly<Record<string, number>>,
  merged: number,
  nodes: readonly NodeProto[],
  weights: Readonly<Record<string, WeightSketch>> = {},
  options: { readonly opset?: number; readonly typedInputs?: readonly ValueInfoProto[] } = {},
): ModelProto {
  const made = projections(widths);
  return net([...made.nodes, ...nodes], merged, { ...made.weights, ...weights }, options);
}

const STREAM = 'in (6): in, out';
const heads = (count: number, members = 'q, k, v') => [STREAM, `${members.split(',')[0]} (${count}): ${members}`];
const THREE = { q_num_heads: 3, kv_num_heads: 3 };
const GROUPED = { q_num_heads: 4, kv_num_heads: 2 };
const EVEN = { q: 12, k: 12, v: 12 };

/** [N, T, heads · columns] with the heads apart, [N, heads, T, columns]. */
const apart = (name: string, count: number, columns: number): readonly NodeProto[] => [
  node('Reshape', [name, `${count}x${columns}`], `${name}5`),
  node('Transpose', [`${name}5`], `${name}T`, { perm: [0, 2, 1, 3] }),
];
const shape = (count: number, columns: number): Weights => ({
  [`${count}x${columns}`]: integers([0, 0, count, columns]),
});

const standardNets = [23, 24].flatMap((opset): readonly LawNet[] => {
  const record = `Attention@${opset}`;
  return [
    free(
      record,
      'of rows, with narrower values',
      attention({ q: 12, k: 12, v: 6 }, 6, [node('Attention', ['q', 'k', 'v'], 'y0', THREE)], {}, { opset }),
      heads(3),
    ),
    free(
      record,
      'of rows, whose heads of keys serve two heads of queries each',
      attention(
        { q: 12, k: 6, v: 8 },
        16,
        [node('Attention', ['q', 'k', 'v', 'm'], 'y0', { ...GROUPED, is_causal: 1 })],
        { m: [1, 4, TOKENS, TOKENS] },
        { opset },
      ),
      heads(2),
    ),
    free(
      record,
      'with heads apart',
      attention(
        EVEN,
        12,
        [
          ...apart('q', 3, 4),
          ...apart('k', 3, 4),
          ...apart('v', 3, 4),
          node('Attention', ['qT', 'kT', 'vT'], 'mixed'),
          node('Transpose', ['mixed'], 'mixedT', { perm: [0, 2, 1, 3] }),
          node('Reshape', ['mixedT', 'flat'], 'y0'),
        ],
        { ...shape(3, 4), flat: integers([0, 0, -1]) },
        { opset },
      ),
      heads(3),
    ),
    free(
      record,
      'with one head apart, which loses columns',
      attention(
        { q: 4, k: 4, v: 3 },
        3,
        [
          ...apart('q', 1, 4),
          ...apart('k', 1, 4),
          ...apart('v', 1, 3),
          node('Attention', ['qT', 'kT', 'vT'], 'mixed'),
          node('Transpose', ['mixed'], 'mixedT', { perm: [0, 2, 1, 3] }),
          node('Reshape', ['mixedT', 'flat'], 'y0'),
        ],
        { ...shape(1, 4), ...shape(1, 3), flat: integers([0, 0, -1]) },
        { opset },
      ),
      [STREAM, 'q (4): q, k', 'v (3): v'],
    ),
  ];
});

const packedWeights: Weights = { w: [WIDTH, 36], b: [36] };
const packedNet = (
  inputs: readonly string[],
  attributes: Attributes = {},
  weights: Weights = packedWeights,
  merged = 12,
  typedInputs: readonly ValueInfoProto[] = [],
) => net([microsoft('Attention', inputs, { num_heads: 3, ...attributes })], merged, weights, { typedInputs });
const PACKED = [STREAM, 'y0 (3): y0'];
const CALCULATED = { total: short([TOKENS], []) };

/** Lengths of the sequences less one, from the shape of the input. */
const lengths: readonly NodeProto[] = [
  node('Shape', ['x'], 'sizes', { end: 1 }),
  node('ConstantOfShape', ['sizes'], 'lengths', { value: { tensor: short([TOKENS - 1]) } }),
];
const GROUP = { num_heads: 4, kv_num_heads: 2 };

export const attentionLawNets: readonly LawNet[] = [
  ...standardNets,
  free('com.microsoft.Attention@1', 'of a sequence', packedNet(['in', 'w', 'b']), PACKED),
  free(
    'com.microsoft.Attention@1',
    'with narrower values, one way, with a bias per head',
    packedNet(
      ['in', 'w', 'b', '', '', 'a'],
      { qkv_hidden_sizes: [12, 12, 6], unidirectional: 1 },
      { w: [WIDTH, 30], b: [30], a: [1, 3, TOKENS, TOKENS] },
      6,
    ),
    PACKED,
  ),
  free(
    'com.microsoft.Attention@1',
    'with a mask that is fed',
    packedNet(['in', 'w', 'b', 'm'], {}, packedWeights, 12, [inputOf('m', ['N', TOKENS], DataType.INT32)]),
    PACKED,
  ),
  free(
    'com.microsoft.MultiHeadAttention@1',
    'with narrower values and a bias',
    attention({ q: 12, k: 12, v: 6 }, 6, [microsoft('MultiHeadAttention', ['q', 'k', 'v', 'b'], { num_heads: 3 })], {
      b: [30],
    }),
    heads(3),
  ),
  free(
    'com.microsoft.MultiHeadAttention@1',
    'of two heads, with a bias for the scores and a mask that is fed',
    attention(
      EVEN,
      12,
      [microsoft('MultiHeadAttention', ['q', 'k', 'v', '', 'm', 'a'], { num_heads: 2, unidirectional: 1 })],
      { a: [1, 2, TOKENS, TOKENS] },
      { typedInputs: [inputOf('m', ['N', TOKENS], DataType.INT32)] },
    ),
    heads(2),
  ),
  free(
    'com.microsoft.MultiHeadAttention@1',
    'of keys and values that stand apart',
    attention(
      EVEN,
      12,
      [
        ...apart('k', 3, 4),
        ...apart('v', 3, 4),
        microsoft('MultiHeadAttention', ['q', 'kT', 'vT'], { num_heads: 3, scale: { float: 0.4 } }),
      ],
      shape(3, 4),
    ),
    heads(3),
  ),
  pins(
    'com.microsoft.MultiHeadAttention@1',
    'after former tokens that are fed',
    attention(
      EVEN,
      12,
      [microsoft('MultiHeadAttention', ['q', 'k', 'v', '', '', '', 'keys', 'values'], { num_heads: 3 })],
      {},
      { typedInputs: [inputOf('keys', ['N', 3, 2, 4]), inputOf('values', ['N', 3, 2, 4])] },
    ),
    ['q', 2, "graph input 'keys'"],
    [STREAM],
  ),
  free(
    'com.microsoft.GroupQueryAttention@1',
    'of rows',
    attention(
      { q: 32, k: 16, v: 16 },
      32,
      [...lengths, microsoft('GroupQueryAttention', ['q', 'k', 'v', '', '', 'lengths', 'total'], GROUP)],
      CALCULATED,
    ),
    heads(2),
  ),
  free(
    'com.microsoft.GroupQueryAttention@1',
    'of rows beside each other, turned by position',
    attention(
      { qkv: 128 },
      64,
      [
        ...lengths,
        microsoft('GroupQueryAttention', ['qkv', '', '', '', '', 'lengths', 'total', 'cos', 'sin'], {
          ...GROUP,
          do_rotary: 1,
        }),
      ],
      { ...CALCULATED, cos: [8, 8], sin: [8, 8] },
    ),
    heads(2, 'qkv'),
  ),
  free(
    'RotaryEmbedding@23',
    'of rows',
    attention(
      EVEN,
      12,
      [
        node('RotaryEmbedding', ['q', 'cos', 'sin', 'at'], 'qR', { num_heads: 3 }),
        node('RotaryEmbedding', ['k', 'cos', 'sin', 'at'], 'kR', { num_heads: 3, interleaved: 1 }),
        node('Attention', ['qR', 'kR', 'v'], 'y0', THREE),
      ],
      { cos: [8, 2], sin: [8, 2], at: integers([0, 1, 2, 3, 4], [1, 5]) },
      { opset: 23 },
    ),
    heads(3),
  ),
  free(
    'RotaryEmbedding@23',
    'with heads apart',
    attention(
      EVEN,
      12,
      [
        ...apart('q', 3, 4),
        node('RotaryEmbedding', ['qT', 'cos', 'sin'], 'qR'),
        node('Transpose', ['qR'], 'qB', { perm: [0, 2, 1, 3] }),
        node('Reshape', ['qB', 'flat'], 'qF'),
        node('Attention', ['qF', 'k', 'v'], 'y0', THREE),
      ],
      { ...shape(3, 4), cos: [1, 5, 2], sin: [1, 5, 2], flat: integers([0, 0, -1]) },
      { opset: 23 },
    ),
    heads(3),
  ),
  free(
    'com.microsoft.RotaryEmbedding@1',
    'before attention of rows',
    attention(
      EVEN,
      12,
      [
        microsoft('RotaryEmbedding', ['q', 'at', 'cos', 'sin'], {}, ['qR']),
        microsoft('RotaryEmbedding', ['k', 'at', 'cos', 'sin'], { num_heads: 3 }, ['kR']),
        microsoft('MultiHeadAttention', ['qR', 'kR', 'v'], { num_heads: 3 }),
      ],
      { cos: [8, 2], sin: [8, 2], at: integers([1]) },
    ),
    heads(3),
  ),
  free(
    'com.microsoft.EmbedLayerNormalization@1',
    'before a product',
    modelOf({
      inputs: {},
      typedInputs: [inputOf('ids', ['N', TOKENS], DataType.INT32), inputOf('kindIds', ['N', TOKENS], DataType.INT32)],
      weights: {
        words: [7, WIDTH],
        places: [TOKENS, WIDTH],
        kinds: [2, WIDTH],
        gain: positive([WIDTH]),
        offset: [WIDTH],
        outW: [WIDTH, 2],
      },
      nodes: [
        microsoft(
          'EmbedLayerNormalization',
          ['ids', 'kindIds', 'words', 'places', 'kinds', 'gain', 'offset'],
          { epsilon: { float: 1e-3 } },
          ['e', 'lengths'],
        ),
        node('MatMul', ['e', 'outW'], 'y'),
      ],
      outputs: ['y'],
    }),
    ['e (6): e'],
  ),
];
