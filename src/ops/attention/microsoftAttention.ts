/** @file com.microsoft.Attention, which ONNX Runtime's optimizer writes for an encoder's or a decoder's self-attention. */
import { contraction } from '../dense/contraction.js';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { afterPast, attend, causalMask, mergeHeads, splitHeads } from './attend.js';
import { areBlocks, headBlocks, headsOfBias, headsOfInput, headsOfOutput } from './headBlocks.js';
import { paddingMask } from './paddingMask.js';

const [X, W, B, MASK, PAST, ADDED] = [0, 1, 2, 3, 4, 5];

interface MicrosoftAttentionAttributes {
  readonly heads: number;
  /** Columns of queries, keys and values; a third of the weight each where they are not written. */
  readonly widths: readonly number[] | undefined;
  readonly scale: number | undefined;
  readonly hidden: number;
  readonly isCausal: boolean;
  readonly isRotary: boolean;
}

/** Columns of queries and keys, and of values; undefined where the heads do not fit them. */
function widthsOf(
  context: NodeContext,
  { heads, widths }: MicrosoftAttentionAttributes,
): readonly [keys: number, values: number] | undefined {
  const [rows, all] = context.inputDims(W);
  if (rows === undefined || all === undefined || context.inputDims(X).length !== 3) return undefined;
  const [q, k, v] = widths ?? [all / 3, all / 3, all / 3];
  if (q !== k || q === undefined || v === undefined || 2 * q + v !== all || !areBlocks(heads, q, v)) return undefined;
  return context.outputDims(0)[2] === v ? [q, v] : undefined;
}

/**
 * Attention: queries, keys and values are columns of `X·W + B`, with X [N, T, C], W [C, 2·H·D + H·E] and H heads;
 * `Y = softmax(scale · Q·Kᵀ + mask)·V` for each head, [N, T, H·E]. `past` and `present` hold keys and values of all
 * tokens, [2, N, H, S, D].
 *
 * MACs: N · T · C · (2·H·D + H·E) for the projections, N · H · T · S · (D + E) for Q·Kᵀ and the product with V, with S
 * the tokens and those of `past`; the softmax multiplies nothing.
 */
export const microsoftAttention: OpDef<MicrosoftAttentionAttributes> = {
  type: 'Attention',
  domain: 'com.microsoft',
  since: 1,
  inputs: ['data', 'weight', 'bias', 'data', 'statistic', 'data', 'setting'],
  attributes: (raw) => {
    raw.ignore('past_present_share_buffer', 'rotary_embedding_dim');
    return {
      heads: raw.integer('num_heads', 0),
      widths: raw.integers('qkv_hidden_sizes'),
      scale: raw.float('scale'),
      hidden: raw.float('mask_filter_value', -10000),
      isCausal: raw.integer('unidirectional', 0) !== 0,
      isRotary: raw.integer('do_rotary', 0) !== 0,
    };
  },
  crashes: (node) => (node.inputs[B] === undefined ? 'it has no bias' : undefined),
  macs: (context, attributes) => {
    const widths = widthsOf(context, attributes);
    const [x, w, y] = [
      [inputAxis(context, X, 0), inputAxis(context, X, 1)],
      [inputAxis(context, W, 0), inputAxis(context, W, 1)],
      outputAxis(context, 0, 2),
    ];
    const projections = { coefficient: 1, axes: [...x, ...w] };
    if (widths === undefined) return [projections];
    const coefficient = (widths[0] + widths[1]) / widths[1];
    const former = context.node.inputs[PAST] === undefined ? [] : [inputAxis(context, PAST, 3)];
    const products = [x[1]!, ...former].map((keys) => ({ coefficient, axes: [...x, keys, y] }));
    return [projections, ...products];
  },
  channels: (context, attributes) => {
    const widths = widthsOf(context, attributes);
    if (widths === undefined) return [];
    const { heads } = attributes;
    const [d, e] = [widths[0] / heads, widths[1] / heads];
    const packed = (input: number, axis: number) => [
      ...headsOfInput(context, input, { axis, size: d }),
      ...headsOfInput(context, input, { axis, size: d, from: widths[0] }),
      ...headsOfInput(context, input, { axis, size: e, from: 2 * widths[0] }),
    ];
    return [
      contraction(context, { input: X, axis: 2 }, { input: W, axis: 0 }),
      headBlocks(
        heads,
        headsOfOutput(context, 0, { axis: 2, size: e }),
        packed(W, 1),
        packed(B, 0),
        headsOfInput(context, PAST, { axis: 2, size: 1 }),
        headsOfOutput(context, 1, { axis: 2, size: 1 }),
        headsOfBias(context, ADDED, heads, 1),
      ),
    ];
  },
  lower: (tf, inputs, attributes, context) => {
    const widths = widthsOf(context, attributes);
    if (widths === undefined) return { untrainable: 'its heads do not fit the widths' };
    if (attributes.isRotary) return { untrainable: 'it turns queries and keys by their position itself' };
    const { heads, hidden, isCausal } = attributes;
    const [batch, rows, features] = inputs[X]!.shape as [number, number, number];
    const product = tf.matMul(tf.reshape(inputs[X]!, [batch * rows, features]), inputs[W]!);
    const projected = tf.reshape(inputs[B] === undefined ? product : tf.add(product, inputs[B]), [batch, rows, -1]);
    const part = (from: number, width: number) =>
      splitHeads(tf, tf.slice(projected, [0, 0, from], [-1, -1, width]), heads);
    const former = [0, 1].map((i) => (inputs[PAST] === undefined ? undefined : tf.gather(inputs[PAST], i)));
    const q = part(0, widths[0]);
    const k = afterPast(tf, former[0], part(widths[0], widths[0]));
    const v = afterPast(tf, former[1], part(2 * widths[0], widths[1]));
    const keys = k.shape[2]!;
    const mask = paddingMask(tf, inputs[MASK], { batch, keys, hidden });
    if ('untrainable' in mask) return mask;
    const causal = isCausal ? causalMask(tf, rows, keys, keys - rows) : undefined;
    const { scale = 1 / Math.sqrt(widths[0] / heads) } = attributes;
    const { y } = attend(tf, q, k, v, { scale, added: [mask.added, causal, inputs[ADDED]] });
    const result = mergeHeads(tf, y);
    return context.node.outputs.length < 2 ? [result] : [result, tf.stack([k, v])];
  },
  resize: (context, attributes) => {
    const widths = widthsOf(context, attributes);
    if (widths === undefined) return {};
    const { heads } = attributes;
    const after = context.newOutputDims(0)[2]! / (widths[1] / heads);
    if (after === heads) return {};
    const sizes = [widths[0], widths[0], widths[1]].map((width) => (width / heads) * after);
    return {
      attributes: { num_heads: after, ...(attributes.widths === undefined ? {} : { qkv_hidden_sizes: sizes }) },
    };
  },
};
