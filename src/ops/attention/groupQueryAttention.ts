/** @file com.microsoft.GroupQueryAttention, as large language models are exported with. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { attend, causalMask, mergeHeads, splitHeads } from './attend.js';
import { areBlocks, headBlocks, headsOfBias, headsOfInput, headsOfOutput } from './headBlocks.js';
import { turnByPosition } from './turnByPosition.js';

const [Q, K, V, PAST_K, PAST_V, LENGTHS, COS, SIN, ADDED, SINK, K_SCALE, V_SCALE] = [
  0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13,
];

interface GroupQueryAttributes {
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly scale: number | undefined;
  readonly softcap: number;
  readonly isCausal: boolean;
  readonly isRotary: boolean;
  readonly isInterleaved: boolean;
  /** Why it has no form in tf.js. */
  readonly obstacle: string | undefined;
}

/** Columns of a head; undefined where the heads do not fit the widths. */
function headSize(context: NodeContext, { queryHeads, keyHeads }: GroupQueryAttributes): number | undefined {
  const isPacked = !hasInput(context, K);
  const width = context.inputDims(Q)[2];
  const size = (width ?? 0) / (isPacked ? queryHeads + 2 * keyHeads : queryHeads);
  if (!areBlocks(keyHeads, queryHeads) || !areBlocks(size, width)) return undefined;
  const isWhole = context.outputDims(0)[2] === queryHeads * size;
  const fits = (input: number) => hasInput(context, input) && context.inputDims(input)[2] === keyHeads * size;
  return isWhole && (isPacked || (fits(K) && fits(V))) ? size : undefined;
}

/**
 * GroupQueryAttention: `Y = softmax(scale · Q·Kᵀ)·V` for each of H heads of queries, causal by default, with Q
 * [N, T, H·D], K and V [N, S, G·D], or all of them beside each other in Q [N, T, (H + 2·G)·D]. Each of the G heads of
 * keys serves H / G heads of queries, and goes with them. `past` and `present` hold keys and values of all tokens,
 * [N, G, S, D].
 *
 * MACs: 2 · N · H · T · S · D for Q·Kᵀ and the product with V, with S the keys and those of `past`; the softmax
 * multiplies nothing.
 */
export const groupQueryAttention: OpDef<GroupQueryAttributes> = {
  type: 'GroupQueryAttention',
  domain: 'com.microsoft',
  since: 1,
  inputs: [
    ...(['data', 'data', 'data', 'statistic', 'statistic', 'setting', 'setting', 'statistic', 'statistic'] as const),
    ...(['setting', 'data', 'data', 'statistic'] as const),
  ],
  attributes: (raw) => {
    raw.ignore('kv_cache_bit_width', 'k_quant_type', 'v_quant_type', 'qk_norm_epsilon', 'qk_output');
    raw.ignore('sliding_window_cache');
    const isLocal = raw.integer('local_window_size', -1) !== -1;
    const isSmooth = raw.integer('smooth_softmax', 0) > 0;
    return {
      queryHeads: raw.integer('num_heads', 0),
      keyHeads: raw.integer('kv_num_heads', 0),
      scale: raw.float('scale') || undefined,
      softcap: raw.float('softcap', 0),
      isCausal: raw.integer('causal', 1) !== 0,
      isRotary: raw.integer('do_rotary', 0) !== 0,
      isInterleaved: raw.integer('rotary_interleaved', 0) !== 0,
      obstacle: isLocal
        ? 'its tokens look at their neighbours alone'
        : isSmooth
          ? 'its softmax is smoothed'
          : undefined,
    };
  },
  macs: (context, attributes) => {
    if (headSize(context, attributes) === undefined) return [];
    const former = hasInput(context, PAST_K) ? [inputAxis(context, PAST_K, 2)] : [];
    return [inputAxis(context, hasInput(context, K) ? K : Q, 1), ...former].map((length) => ({
      coefficient: 2,
      axes: [...[0, 1].map((axis) => outputAxis(context, 0, axis)), length, outputAxis(context, 0, 2)],
    }));
  },
  channels: (context, attributes) => {
    const size = headSize(context, attributes);
    // Scales of a quantised cache may be those of single columns.
    if (size === undefined || hasInput(context, K_SCALE) || hasInput(context, V_SCALE)) return [];
    const { queryHeads, keyHeads } = attributes;
    const share = queryHeads / keyHeads;
    const [queries, keys] = [queryHeads * size, keyHeads * size];
    const apart = { axis: 1, size: 1 };
    const inputs = hasInput(context, K)
      ? [K, V].map((input) => headsOfInput(context, input, { axis: 2, size }))
      : [queries, queries + keys].map((from) => headsOfInput(context, Q, { axis: 2, size, from }));
    return [
      headBlocks(
        keyHeads,
        headsOfInput(context, Q, { axis: 2, size: share * size }),
        ...inputs,
        headsOfOutput(context, 0, { axis: 2, size: share * size }),
        ...[PAST_K, PAST_V].map((input) => headsOfInput(context, input, apart)),
        ...[1, 2].map((output) => headsOfOutput(context, output, apart)),
        headsOfOutput(context, 3, { axis: 1, size: share }),
        headsOfBias(context, ADDED, queryHeads, share),
        headsOfInput(context, SINK, { axis: 0, size: share }),
      ),
    ];
  },
  lower: (tf, inputs, attributes, context) => {
    const size = headSize(context, attributes);
    if (size === undefined) return { untrainable: 'its heads do not fit the widths' };
    const { queryHeads, keyHeads, obstacle, isRotary, isInterleaved, isCausal, softcap } = attributes;
    if (obstacle !== undefined) return { untrainable: obstacle };
    if (hasInput(context, PAST_K)) return { untrainable: 'it goes on from keys and values of former tokens' };
    const tokens = inputs[Q]!.shape[1]!;
    const lengths = context.numbers(LENGTHS);
    if (lengths?.every((length) => length === context.inputDims(Q)[1]! - 1) !== true) {
      return { untrainable: 'its sequences have lengths of their own' };
    }
    const strange = [3, SINK, 14].find((input) => hasInput(context, input));
    if (strange !== undefined || context.node.outputs[3] !== undefined) {
      return { untrainable: 'it has inputs or outputs that have no form in tf.js' };
    }
    const part = (input: number, from: number, heads: number) =>
      splitHeads(tf, tf.slice(inputs[input]!, [0, 0, from], [-1, -1, heads * size]), heads);
    const isPacked = inputs[K] === undefined;
    const turn = (x: Tensor) => {
      if (!isRotary) return x;
      const [cos, sin] = [COS, SIN].map((table) => {
        const rows = tf.slice(inputs[table]!, [0, 0], [tokens, -1]);
        return tf.reshape(rows, [1, 1, tokens, -1]);
      });
      return turnByPosition(tf, x, cos!, sin!, isInterleaved);
    };
    const q = turn(part(Q, 0, queryHeads));
    const k = turn(isPacked ? part(Q, queryHeads * size, keyHeads) : part(K, 0, keyHeads));
    const v = isPacked ? part(Q, (queryHeads + keyHeads) * size, keyHeads) : part(V, 0, keyHeads);
    const causal = isCausal ? causalMask(tf, tokens, k.shape[2]!, 0) : undefined;
    const { scale = 1 / Math.sqrt(size) } = attributes;
    const { y } = attend(tf, q, k, v, { scale, softcap, added: [inputs[ADDED], causal] });
    return [mergeHeads(tf, y), k, v].slice(0, context.node.outputs.length);
  },
  resize: (context, attributes) => {
    const size = headSize(context, attributes);
    if (size === undefined) return {};
    const { queryHeads, keyHeads } = attributes;
    const after = context.newOutputDims(0)[2]! / size;
    if (after === queryHeads) return {};
    return { attributes: { num_heads: after, kv_num_heads: (after * keyHeads) / queryHeads } };
  },
};
