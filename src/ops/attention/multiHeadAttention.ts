/** @file com.microsoft.MultiHeadAttention, over queries, keys and values that were projected before. */
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { afterPast, attend, causalMask, mergeHeads, splitHeads } from './attend.js';
import { areBlocks, headBlocks, headsOfBias, headsOfInput, headsOfOutput } from './headBlocks.js';
import { paddingMask } from './paddingMask.js';

const [Q, K, V, B, MASK, ADDED, PAST_K, PAST_V] = [0, 1, 2, 3, 4, 5, 6, 7];

interface MultiHeadAttributes {
  readonly heads: number;
  readonly scale: number | undefined;
  readonly hidden: number;
  readonly isCausal: boolean;
}

/** Where an input has its heads, and their tokens. */
interface Place {
  readonly axis: number;
  /** Columns of one head, or 1 where the heads have an axis of their own. */
  readonly size: number;
  readonly tokens: number;
  readonly columns: number;
}

/**
 * The place of the heads in [N, T, H·D], or in [N, H, T, D] as keys and values of another sequence are kept. In the
 * layouts where they lie beside each other ONNX Runtime has no kernel on the CPU.
 */
function placeOf(context: NodeContext, input: number, heads: number): Place | undefined {
  const dims = context.inputDims(input);
  if (dims.length === 3 && areBlocks(heads, dims[2])) {
    const columns = dims[2]! / heads;
    return { axis: 2, size: columns, tokens: 1, columns };
  }
  return dims.length === 4 && dims[1] === heads ? { axis: 1, size: 1, tokens: 2, columns: dims[3]! } : undefined;
}

interface Layout {
  readonly q: Place;
  readonly k: Place;
  readonly v: Place;
}

function layoutOf(context: NodeContext, { heads }: MultiHeadAttributes): Layout | undefined {
  if (!hasInput(context, K) || !hasInput(context, V)) return undefined;
  const [q, k, v] = [Q, K, V].map((input) => placeOf(context, input, heads));
  if (q === undefined || k === undefined || v === undefined || q.columns !== k.columns) return undefined;
  const isWhole = q.axis === 2 && context.outputDims(0)[2] === heads * v.columns;
  const isFitting = !hasInput(context, B) || context.inputDims(B)[0] === heads * (2 * q.columns + v.columns);
  return isWhole && isFitting ? { q, k, v } : undefined;
}

/**
 * MultiHeadAttention: `Y = softmax(scale · Q·Kᵀ + mask)·V` for each of H heads, with Q [N, T, H·D], K [N, S, H·D],
 * V [N, S, H·E], Y [N, T, H·E] and a bias [2·H·D + H·E] for all three. `past` and `present` hold keys and values of all
 * tokens, [N, H, S, D].
 *
 * MACs: N · H · T · S · D for Q·Kᵀ and N · H · T · S · E for the product with V, with S the keys and those of `past`;
 * the softmax multiplies nothing.
 */
export const multiHeadAttention: OpDef<MultiHeadAttributes> = {
  type: 'MultiHeadAttention',
  domain: 'com.microsoft',
  since: 1,
  inputs: ['data', 'data', 'data', 'bias', 'data', 'data', 'statistic', 'statistic', 'setting'],
  attributes: (raw) => ({
    heads: raw.integer('num_heads', 0),
    scale: raw.float('scale'),
    hidden: raw.float('mask_filter_value', -10000),
    isCausal: raw.integer('unidirectional', 0) !== 0,
  }),
  macs: (context, attributes) => {
    const layout = layoutOf(context, attributes);
    if (layout === undefined) return [];
    const { k, v } = layout;
    const former = hasInput(context, PAST_K) ? [inputAxis(context, PAST_K, 2)] : [];
    return [inputAxis(context, K, k.tokens), ...former].map((length) => ({
      coefficient: (k.columns + v.columns) / v.columns,
      axes: [...[0, 1].map((axis) => outputAxis(context, 0, axis)), length, outputAxis(context, 0, 2)],
    }));
  },
  channels: (context, attributes) => {
    const layout = layoutOf(context, attributes);
    if (layout === undefined) return [];
    const { heads } = attributes;
    const { q, k, v } = layout;
    const width = heads * q.columns;
    const apart = { axis: 1, size: 1 };
    return [
      headBlocks(
        heads,
        headsOfOutput(context, 0, { axis: 2, size: v.columns }),
        headsOfInput(context, Q, q),
        headsOfInput(context, K, k),
        headsOfInput(context, V, v),
        headsOfInput(context, B, { axis: 0, size: q.columns }),
        headsOfInput(context, B, { axis: 0, size: q.columns, from: width }),
        headsOfInput(context, B, { axis: 0, size: v.columns, from: 2 * width }),
        headsOfBias(context, ADDED, heads, 1),
        ...[PAST_K, PAST_V].map((input) => headsOfInput(context, input, apart)),
        ...[1, 2, 3].map((output) => headsOfOutput(context, output, apart)),
      ),
    ];
  },
  lower: (tf, inputs, attributes, context) => {
    const layout = layoutOf(context, attributes);
    if (layout === undefined) return { untrainable: 'its heads do not fit the widths' };
    const { heads, hidden, isCausal } = attributes;
    const outputs = context.node.outputs.length;
    if (context.node.outputs[3] !== undefined) return { untrainable: 'it shows its scores' };
    if (inputs[B] !== undefined && (layout.k.axis === 1 || layout.v.axis === 1)) {
      return { untrainable: 'it adds a bias to keys and values that are kept' };
    }
    const width = heads * layout.q.columns;
    const apart = (input: number, from: number, columns: number) => {
      const x = inputs[input]!;
      if (x.rank === 4) return x;
      return splitHeads(tf, inputs[B] === undefined ? x : tf.add(x, tf.slice(inputs[B], [from], [columns])), heads);
    };
    const q = apart(Q, 0, width);
    const newKeys = apart(K, width, width);
    const newValues = apart(V, 2 * width, heads * layout.v.columns);
    const k = afterPast(tf, inputs[PAST_K], newKeys);
    const v = afterPast(tf, inputs[PAST_V], newValues);
    const [batch, rows, keys] = [q.shape[0]!, q.shape[2]!, k.shape[2]!];
    const mask = paddingMask(tf, inputs[MASK], { batch, keys, hidden });
    if ('untrainable' in mask) return mask;
    const causal = isCausal ? causalMask(tf, rows, keys, inputs[PAST_K]?.shape[2] ?? 0) : undefined;
    const { scale = 1 / Math.sqrt(layout.q.columns) } = attributes;
    const { y } = attend(tf, q, k, v, { scale, added: [mask.added, causal, inputs[ADDED]] });
    return [mergeHeads(tf, y), k, v].slice(0, outputs);
  },
  resize: (context, attributes) => {
    const layout = layoutOf(context, attributes);
    if (layout === undefined) return {};
    const after = context.newOutputDims(0)[2]! / layout.v.columns;
    return after === attributes.heads ? {} : { attributes: { num_heads: after } };
  },
};
