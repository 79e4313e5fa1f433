/** @file Attention of ai.onnx. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { AttributeProto } from '../../onnx/messages.js';
import type { CostTerm } from '../costTerm.js';
import { contraction } from '../dense/contraction.js';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { NodePatch, OpDef, ResizeContext, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie } from '../ties.js';
import { afterPast, attend, causalMask, HIDDEN, mergeHeads, penalty, splitHeads } from './attend.js';
import { areBlocks, headBlocks, headsOfBias, headsOfInput, headsOfOutput } from './headBlocks.js';

const [Q, K, V, MASK, PAST_K, PAST_V, VALID_KEYS] = [0, 1, 2, 3, 4, 5, 6];
const [Y, PRESENT_K, PRESENT_V, SCORES] = [0, 1, 2, 3];

interface AttentionAttributes {
  /** Written for inputs of three axes; those of four have the heads on an axis of their own. */
  readonly queryHeads: number | undefined;
  readonly keyHeads: number | undefined;
  readonly scale: number | undefined;
  readonly softcap: number;
  readonly isCausal: boolean;
  /** Which scores the last output shows. */
  readonly shown: number;
}

/** Heads of queries and of keys, and where they lie; undefined where the widths do not fit. */
interface Layout {
  readonly queryHeads: number;
  readonly keyHeads: number;
  /** The axis with the heads, of inputs and output. */
  readonly axis: number;
}

function layoutOf(context: NodeContext, attributes: AttentionAttributes): Layout | undefined {
  const dims = [Q, K, V].map((input) => context.inputDims(input));
  const rank = dims[0]!.length;
  if (!dims.every((other) => other.length === rank) || (rank !== 3 && rank !== 4)) return undefined;
  const axis = rank === 3 ? 2 : 1;
  const queryHeads = rank === 3 ? (attributes.queryHeads ?? 0) : dims[Q]![1]!;
  const keyHeads = rank === 3 ? (attributes.keyHeads ?? 0) : dims[K]![1]!;
  if (!areBlocks(keyHeads, queryHeads, dims[K]![axis], dims[V]![axis])) return undefined;
  if (!areBlocks(queryHeads, dims[Q]![axis], context.outputDims(Y)[axis])) return undefined;
  return { queryHeads, keyHeads, axis };
}

/** T · S · (D + E) for each head of queries and each sequence, with S the keys, former ones included. */
function macs(context: NodeContext, attributes: AttentionAttributes): readonly CostTerm[] {
  const layout = layoutOf(context, attributes);
  if (layout === undefined) return [];
  const { axis, queryHeads, keyHeads } = layout;
  const rows = axis === 2 ? 1 : 2;
  const shared = [outputAxis(context, Y, 0), outputAxis(context, Y, rows), outputAxis(context, Y, axis)];
  const lengths = [inputAxis(context, K, rows), ...(hasInput(context, PAST_K) ? [inputAxis(context, PAST_K, 2)] : [])];
  return lengths.flatMap((keys): readonly CostTerm[] => {
    const axes = [...shared, keys];
    if (axis === 1) return [Q, V].map((input) => ({ coefficient: 1, axes: [...axes, inputAxis(context, input, 3)] }));
    const [width, columns] = [context.inputDims(Q)[2]! / queryHeads, context.inputDims(V)[2]! / keyHeads];
    return [{ coefficient: (width + columns) / columns, axes }];
  });
}

function channels(context: NodeContext, attributes: AttentionAttributes): readonly Relation[] {
  const layout = layoutOf(context, attributes);
  if (layout === undefined) return [];
  const { queryHeads, keyHeads, axis } = layout;
  const ofInput = (input: number) =>
    headsOfInput(context, input, { axis, size: context.inputDims(input)[axis]! / keyHeads });
  const heads = headBlocks(
    keyHeads,
    ...[Q, K, V].map(ofInput),
    ...[PAST_K, PAST_V].map((input) => headsOfInput(context, input, { axis: 1, size: 1 })),
    headsOfBias(context, MASK, queryHeads, queryHeads / keyHeads),
    headsOfOutput(context, Y, { axis, size: context.outputDims(Y)[axis]! / keyHeads }),
    ...[PRESENT_K, PRESENT_V].map((output) => headsOfOutput(context, output, { axis: 1, size: 1 })),
    headsOfOutput(context, SCORES, { axis: 1, size: queryHeads / keyHeads }),
  );
  return axis === 2 ? [heads] : [heads, ...columnsOfHeads(context)];
}

/** Where the heads have an axis of their own, all of them may lose the same columns instead. */
function columnsOfHeads(context: NodeContext): readonly Relation[] {
  const former = (past: number, input: number, present: number): readonly Relation[] => [
    ...(hasInput(context, past) ? [tie(inputAxis(context, past, 3), inputAxis(context, input, 3))] : []),
    ...(context.node.outputs[present] === undefined
      ? []
      : [tie(outputAxis(context, present, 3), inputAxis(context, input, 3))]),
  ];
  return [
    contraction(context, { input: Q, axis: 3 }, { input: K, axis: 3 }),
    tie(inputAxis(context, V, 3), outputAxis(context, Y, 3)),
    ...former(PAST_K, K, PRESENT_K),
    ...former(PAST_V, V, PRESENT_V),
  ];
}

function resize(context: ResizeContext, attributes: AttentionAttributes): NodePatch {
  const layout = layoutOf(context, attributes);
  if (layout === undefined) return {};
  const { queryHeads, keyHeads, axis } = layout;
  if (axis === 1) {
    const [before, after] = [context.inputDims(Q)[3]!, context.newInputDims(Q)[3]!];
    // The scale is that of the width before.
    const isSettled = before === after || attributes.scale !== undefined;
    return isSettled ? {} : { attributes: { scale: { float: 1 / Math.sqrt(before) } } };
  }
  const after = context.newInputDims(K)[2]! / (context.inputDims(K)[2]! / keyHeads);
  if (after === keyHeads) return {};
  return { attributes: { kv_num_heads: after, q_num_heads: (queryHeads / keyHeads) * after } };
}

/** True elements of a mask count; numbers are added to the scores. */
function maskTerm(tf: Tf, mask: Tensor | undefined): Tensor | undefined {
  return mask?.dtype === 'bool' ? penalty(tf, mask, HIDDEN) : mask;
}

/**
 * Record of Attention: `Y = softmax(scale · Q·Kᵀ + mask)·V` for each head, with Q [N, T, H·D], K [N, S, G·D],
 * V [N, S, G·E], Y [N, T, H·E], or with an axis for the heads, [N, H, T, D]; keys and values of former tokens come
 * first. Each of the G heads of keys serves H / G heads of queries, and goes with them. The scale is 1/√D unless it is
 * given.
 *
 * MACs: N · H · T · S · D for Q·Kᵀ and N · H · T · S · E for the product with V; the softmax multiplies nothing.
 */
function attentionSince(range: { readonly since: number; readonly until?: number }): OpDef<AttentionAttributes> {
  return {
    type: 'Attention',
    domain: '',
    ...range,
    inputs: ['data', 'data', 'data', 'data', 'statistic', 'statistic', 'setting'],
    attributes: (raw) => {
      raw.ignore('softmax_precision');
      return {
        queryHeads: raw.integer('q_num_heads'),
        keyHeads: raw.integer('kv_num_heads'),
        scale: raw.float('scale'),
        softcap: raw.float('softcap', 0),
        isCausal: raw.integer('is_causal', 0) !== 0,
        shown: raw.integer('qk_matmul_output_mode', 0),
      };
    },
    crashes: ({ proto }) => {
      const isZero = ({ name, i }: AttributeProto) => (name === 'q_num_heads' || name === 'kv_num_heads') && i === 0n;
      return proto.attribute.some(isZero) ? 'it has no heads' : undefined;
    },
    macs,
    channels,
    lower: (tf, inputs, attributes, context) => {
      const layout = layoutOf(context, attributes);
      if (layout === undefined) return { untrainable: 'its heads do not fit the widths' };
      if (hasInput(context, VALID_KEYS)) return { untrainable: 'its sequences have lengths of their own' };
      const { axis, queryHeads, keyHeads } = layout;
      const apart = (x: Tensor, heads: number) => (axis === 2 ? splitHeads(tf, x, heads) : x);
      const q = apart(inputs[Q]!, queryHeads);
      const k = afterPast(tf, inputs[PAST_K], apart(inputs[K]!, keyHeads));
      const v = afterPast(tf, inputs[PAST_V], apart(inputs[V]!, keyHeads));
      const [rows, keys, past] = [q.shape[2]!, k.shape[2]!, inputs[PAST_K]?.shape[2] ?? 0];
      const { scale = 1 / Math.sqrt(q.shape[3]!), softcap, isCausal } = attributes;
      const causal = isCausal ? causalMask(tf, rows, keys, past) : undefined;
      const added = [maskTerm(tf, inputs[MASK]), causal];
      const { y, ...scores } = attend(tf, q, k, v, {
        scale,
        softcap,
        added,
        areBlindRowsZero: hasInput(context, MASK),
      });
      const shown = [scores.scaled, scores.capped, scores.masked, scores.probabilities][attributes.shown];
      const all = [axis === 2 ? mergeHeads(tf, y) : y, k, v, shown ?? scores.scaled];
      return all.slice(0, context.node.outputs.length);
    },
    resize,
  };
}

export const attention23 = attentionSince({ since: 23, until: 23 });
/** The form with a count of the keys that are no padding. */
export const attention = attentionSince({ since: 24 });
