/** @file RotaryEmbedding of ai.onnx and of com.microsoft. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import { hasInput, inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { InputRole, OpDef, Tf } from '../opDef.js';
import { tie } from '../ties.js';
import { mergeHeads, splitHeads } from './attend.js';
import { areBlocks, headBlocks, headsOfInput, headsOfOutput } from './headBlocks.js';
import { turnByPosition } from './turnByPosition.js';

interface RotaryAttributes {
  /** 0 where it is not written. */
  readonly heads: number;
  /** Columns that are turned; 0 for all of a head. */
  readonly turned: number;
  readonly isInterleaved: boolean;
  readonly obstacle: string | undefined;
}

interface Form {
  readonly domain: string;
  readonly since: number;
  readonly inputs: readonly InputRole[];
  readonly cos: number;
  readonly sin: number;
  readonly positions: number;
  /** Columns of one head of X [N, T, H·D]. */
  headSize(context: NodeContext, attributes: RotaryAttributes): number;
  obstacle(raw: Attributes): string | undefined;
}

/** Positions of the tokens, [N, T] or [T]; undefined where each token has a row of the table for itself. */
function positionsOf(tf: Tf, given: Tensor | undefined, context: NodeContext, { positions }: Form, tokens: number) {
  if (!hasInput(context, positions)) return undefined;
  const numbers = context.numbers(positions);
  const dims = given?.shape ?? context.inputDims(positions);
  const stored = numbers === undefined ? undefined : tf.tensor([...numbers], [...dims], 'int32');
  const all = given === undefined ? stored : tf.cast(given, 'int32');
  // A single one is that of the first token.
  return all?.rank === 1 ? tf.add(all, tf.range(0, tokens, 1, 'int32')) : all;
}

/**
 * Record of RotaryEmbedding on X [N, T, H·D] or [N, H, T, D]: pairs of columns of each head are turned by an angle that
 * depends on the token's position. The heads go whole.
 */
function rotaryEmbedding(form: Form): OpDef<RotaryAttributes> {
  const { domain, since, inputs: roles, cos, sin, positions } = form;
  /** Columns of a head of X [N, T, H·D]; undefined where they do not fit, or X has another shape. */
  const fittingSize = (context: NodeContext, attributes: RotaryAttributes): number | undefined => {
    const dims = context.inputDims(0);
    const size = form.headSize(context, attributes);
    return dims.length === 3 && areBlocks(size, dims[2]) ? size : undefined;
  };
  return {
    type: 'RotaryEmbedding',
    domain,
    since,
    inputs: roles,
    attributes: (raw) => ({
      heads: raw.integer('num_heads', 0),
      turned: raw.integer('rotary_embedding_dim', 0),
      isInterleaved: raw.integer('interleaved', 0) !== 0,
      obstacle: form.obstacle(raw),
    }),
    channels: (context, attributes) => {
      const dims = context.inputDims(0);
      if (dims.length === 4) return [tie(inputAxis(context, 0, 1), outputAxis(context, 0, 1))];
      const size = fittingSize(context, attributes);
      if (size === undefined) return [];
      return [
        headBlocks(
          dims[2]! / size,
          headsOfInput(context, 0, { axis: 2, size }),
          headsOfOutput(context, 0, { axis: 2, size }),
        ),
      ];
    },
    lower: (tf, inputs, attributes, context) => {
      const x = inputs[0]!;
      const size = x.rank === 4 ? x.shape[3]! : fittingSize(context, attributes);
      if (size === undefined) return { untrainable: 'its heads do not fit the width' };
      if (attributes.obstacle !== undefined) return { untrainable: attributes.obstacle };
      const apart = x.rank === 4 ? x : splitHeads(tf, x, x.shape[2]! / size);
      const tokens = apart.shape[2]!;
      const rows = positionsOf(tf, inputs[positions], context, form, tokens);
      if (rows === undefined && hasInput(context, positions))
        return { untrainable: 'its positions are calculated from shapes' };
      const [cosine, sine] = [inputs[cos]!, inputs[sin]!].map((table) => {
        const taken = rows === undefined ? table : tf.gather(table, rows);
        return tf.reshape(taken, [-1, 1, tokens, taken.shape.at(-1)!]);
      });
      const turned = turnByPosition(tf, apart, cosine!, sine!, attributes.isInterleaved);
      return [x.rank === 4 ? turned : mergeHeads(tf, turned)];
    },
    resize: (context, attributes) => {
      const size = fittingSize(context, attributes);
      if (size === undefined || attributes.heads === 0) return {};
      const after = context.newInputDims(0)[2]! / size;
      return after === attributes.heads ? {} : { attributes: { num_heads: after } };
    },
  };
}

/** X, tables of cosines and sines [P, R] with positions [N, T], or [N, T, R] without. */
export const rotary = rotaryEmbedding({
  domain: '',
  since: 23,
  inputs: ['data', 'statistic', 'statistic', 'setting'],
  cos: 1,
  sin: 2,
  positions: 3,
  headSize: (context, { heads }) => (context.inputDims(0)[2] ?? 0) / heads,
  obstacle: () => undefined,
});

/** X, positions [N, T] or the first of them [1], tables of cosines and sines [P, R]. */
export const microsoftRotary = rotaryEmbedding({
  domain: 'com.microsoft',
  since: 1,
  inputs: ['data', 'setting', 'statistic', 'statistic'],
  cos: 2,
  sin: 3,
  positions: 1,
  headSize: (context, { heads, turned }) =>
    turned === 0 ? 2 * (context.inputDims(2)[1] ?? 0) : (context.inputDims(0)[2] ?? 0) / heads,
  obstacle: (raw) => {
    const isPacked = raw.integer('is_packed_batching', 0) !== 0;
    const isScaled = raw.float('scale', 1) !== 1;
    return isPacked ? 'it packs its batches' : isScaled ? 'it has a scale of its own' : undefined;
  },
});
