/** @file Random transformers with fused and decomposed attention, by a recipe that prints as JSON. */
import fc from 'fast-check';
import { makeIntegers } from '../../src/graph/make.js';
import { DataType } from '../../src/onnx/dataType.js';
import type { ModelProto, NodeProto } from '../../src/onnx/messages.js';
import { type AttributeSketch, floats, integers, modelOf, node, positive, type WeightSketch } from './modelOf.js';

/** How attention is written: by operators of com.microsoft, of ai.onnx, or by products and a softmax. */
const FORMS = ['packed', 'many', 'grouped', 'rows', 'apart', 'decomposed'] as const;
/** What happens to queries and keys, head by head, before they meet. */
const CHANGES = ['none', 'normalised', 'turned', 'turnedByHand', 'scaled'] as const;
const ORDERS = [
  ['q', 'k', 'v'],
  ['v', 'k', 'q'],
  ['k', 'v', 'q'],
] as const;

export interface AttentionStep {
  readonly form: (typeof FORMS)[number];
  readonly change: (typeof CHANGES)[number];
  readonly order: number;
  /** Heads of keys, and of queries for each of them where the form can share keys. */
  readonly heads: number;
  readonly share: number;
  /** Columns of keys and of values, in pairs, of a head. */
  readonly pairs: number;
  readonly valuePairs: number;
  readonly isCausal: boolean;
  readonly isBiased: boolean;
  readonly isNormalised: boolean;
}

export interface AttentionRecipe {
  readonly seed: number;
  readonly width: number;
  readonly steps: readonly AttentionStep[];
}

const some = (max: number) => fc.integer({ min: 1, max });
export const attentionRecipes: fc.Arbitrary<AttentionRecipe> = fc.record({
  seed: fc.nat(1000),
  width: some(7),
  steps: fc.array(
    fc.record({
      form: fc.constantFrom(...FORMS),
      change: fc.constantFrom(...CHANGES),
      order: fc.nat(ORDERS.length - 1),
      heads: some(4),
      share: some(3),
      pairs: some(2),
      valuePairs: some(2),
      isCausal: fc.boolean(),
      isBiased: fc.boolean(),
      isNormalised: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

const TOKENS = 4;
const BY_TOKEN = { perm: [0, 2, 1, 3] };

/** The net of a recipe: a stream [N, 4, width] that every step adds to; any recipe gives a valid one. */
export function attentionNet({ seed, width, steps }: AttentionRecipe): ModelProto {
  const nodes: NodeProto[] = [];
  const weights: Record<string, WeightSketch> = { first: [3, width], last: [width, 2] };
  let count = 0;
  const add = (
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeSketch>> = {},
    domain = '',
  ): string => {
    const name = `${type}${count++}`;
    nodes.push(node(type, inputs, name, attributes, domain));
    return name;
  };
  const stored = (sketch: WeightSketch): string => {
    const name = `w${count++}`;
    weights[name] = sketch;
    return name;
  };
  const list = (...numbers: readonly number[]) => stored(integers(numbers));
  const dense = (x: string, from: number, to: number) => add('MatMul', [x, stored([from, to])]);

  const attend = (x: string, step: AttentionStep): string => {
    const { form, heads } = step;
    const share = form === 'grouped' || form === 'rows' || form === 'apart' ? step.share : 1;
    const queries = heads * share;
    // GroupQueryAttention takes heads of multiples of eight columns alone, those of values like those of keys.
    const d = form === 'grouped' ? 8 : 2 * step.pairs;
    const e = form === 'grouped' ? d : 2 * step.valuePairs;
    const isCausal = step.isCausal ? 1 : 0;
    const bias = step.isBiased ? stored([1, queries, TOKENS, TOKENS]) : '';
    if (form === 'packed') {
      const all = heads * (2 * d + e);
      const qkv_hidden_sizes = [heads * d, heads * d, heads * e];
      const inputs = [x, stored([width, all]), stored([all]), '', '', bias];
      const attributes = { num_heads: heads, qkv_hidden_sizes, unidirectional: isCausal };
      return dense(add('Attention', inputs, attributes, 'com.microsoft'), heads * e, width);
    }

    const isApart = form === 'apart' || form === 'decomposed';
    const split = (rows: string, parts: number, columns: number) => {
      const reshaped = add('Reshape', [rows, list(0, TOKENS, parts, columns)]);
      return isApart ? add('Transpose', [reshaped], BY_TOKEN) : reshaped;
    };
    const join = (apart: string) =>
      add('Reshape', [isApart ? add('Transpose', [apart], BY_TOKEN) : apart, list(0, 0, -1)]);
    /** On [N, T, heads, d], or [N, heads, T, d]. */
    const changed = (apart: string): string => {
      const byToken = (columns: number) => stored(isApart ? [TOKENS, columns] : [TOKENS, 1, columns]);
      switch (step.change) {
        case 'normalised':
          return add('RMSNormalization', [apart, stored(positive([d]))], { axis: -1 });
        case 'scaled':
          return add('Mul', [apart, stored([d])]);
        case 'turnedByHand': {
          const half = (from: number) => add('Slice', [apart, list(from), list(from + d / 2), list(3)]);
          const swapped = add('Concat', [add('Neg', [half(d / 2)]), half(0)], { axis: 3 });
          return add('Add', [add('Mul', [apart, byToken(d)]), add('Mul', [swapped, byToken(d)])]);
        }
        default:
          return apart;
      }
    };
    const turned = (value: string, parts: number) => {
      const positions = stored(integers([0, 1, 2, 3], [1, TOKENS]));
      // One row of positions stands for the whole batch of one alone.
      const batch = add('Concat', [add('Shape', ['x'], { end: 1 }), list(TOKENS)], { axis: 0 });
      const inputs = [value, stored([6, d / 2]), stored([6, d / 2]), add('Expand', [positions, batch])];
      return add('RotaryEmbedding', inputs, { ...(isApart ? {} : { num_heads: parts }), interleaved: isCausal });
    };
    const projected = new Map<string, string>(
      ORDERS[step.order]!.map((name) => {
        const [parts, columns] = name === 'q' ? [queries, d] : name === 'k' ? [heads, d] : [heads, e];
        const rows = dense(x, width, parts * columns);
        if (name === 'v') return [name, isApart ? split(rows, parts, columns) : rows];
        if (step.change === 'turned') return [name, turned(isApart ? split(rows, parts, d) : rows, parts)];
        if (step.change === 'none' && !isApart) return [name, rows];
        const apart = changed(split(rows, parts, d));
        return [name, isApart ? apart : join(apart)];
      }),
    );
    const [q, k, v] = ['q', 'k', 'v'].map((name) => projected.get(name)!) as [string, string, string];
    const mixed = (): string => {
      switch (form) {
        case 'many':
          return add(
            'MultiHeadAttention',
            [q, k, v, stored([heads * (2 * d + e)]), '', bias],
            { num_heads: heads, unidirectional: isCausal },
            'com.microsoft',
          );
        case 'grouped': {
          const value = { tensor: makeIntegers('', [TOKENS - 1], [1], DataType.INT32) };
          const lengths = add('ConstantOfShape', [add('Shape', ['x'], { end: 1 })], { value });
          const total = stored(makeIntegers('', [TOKENS], [], DataType.INT32));
          const inputs = [q, k, v, '', '', lengths, total, '', '', '', bias];
          return add('GroupQueryAttention', inputs, { num_heads: queries, kv_num_heads: heads }, 'com.microsoft');
        }
        case 'rows':
          return add('Attention', [q, k, v, bias], {
            q_num_heads: queries,
            kv_num_heads: heads,
            is_causal: isCausal,
          });
        case 'apart':
          return join(add('Attention', [q, k, v, bias], { is_causal: isCausal }));
        case 'decomposed': {
          const scores = add('MatMul', [q, add('Transpose', [k], { perm: [0, 1, 3, 2] })]);
          const scaled = add('Mul', [scores, stored(floats([0.4], []))]);
          const biased = bias === '' ? scaled : add('Add', [scaled, bias]);
          return join(add('MatMul', [add('Softmax', [biased], { axis: -1 }), v]));
        }
      }
    };
    return dense(mixed(), queries * e, width);
  };

  let stream = add('MatMul', ['x', 'first']);
  for (const step of steps) {
    const attended = attend(stream, step);
    stream = step.isNormalised
      ? add(
          'SkipLayerNormalization',
          [stream, attended, stored(positive([width])), stored([width])],
          {},
          'com.microsoft',
        )
      : add('Add', [stream, attended]);
  }
  nodes.push(node('MatMul', [stream, 'last'], 'y'));
  return modelOf({ inputs: { x: ['N', TOKENS, 3] }, outputs: ['y'], nodes, weights, seed, opset: 23 });
}
