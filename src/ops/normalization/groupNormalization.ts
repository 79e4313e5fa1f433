/** @file Normalisation over groups of channels and all space, for each instance by itself. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attributes } from '../attributes.js';
import { inputAxis, type NodeContext, outputAxis } from '../nodeContext.js';
import type { OpDef, ResizeContext, Tf } from '../opDef.js';
import type { Relation } from '../relation.js';
import { tie, tieSameAxes } from '../ties.js';
import { perChannel } from './perChannel.js';
import { axesFrom, restrictAxes, standardize } from './standardize.js';

interface GroupNormalizationAttributes {
  readonly epsilon: number;
  readonly groups: number;
}

function attributes(raw: Attributes): GroupNormalizationAttributes {
  raw.ignore('stash_type');
  return { epsilon: raw.float('epsilon', 1e-5), groups: raw.integer('num_groups', 1) };
}

/** Channels of each group. */
function groupWidth(context: NodeContext, groups: number): number {
  return (context.inputDims(0)[1] ?? 0) / groups;
}

/**
 * The groups stay equally wide: channel j of every group is one unit. Where each channel is a group of its own, there
 * are fewer groups instead.
 */
function groupChannels(context: NodeContext, groups: number): readonly Relation[] {
  const rank = context.inputDims(0).length;
  const width = groupWidth(context, groups);
  if (rank < 2 || !Number.isInteger(width) || width < 1) return [];
  return [
    ...tieSameAxes(context),
    ...restrictAxes(context, axesFrom(width === 1 ? 2 : 1, rank)),
    ...(width === 1 ? [] : [{ kind: 'cycle', axis: inputAxis(context, 0, 1), times: groups } as const]),
  ];
}

/** Gains and offsets along the channels. */
function parameterTies(context: NodeContext): readonly Relation[] {
  return [1, 2].map((input) => tie(inputAxis(context, input, 0), outputAxis(context, 0, 1)));
}

function resize(context: ResizeContext, { groups }: GroupNormalizationAttributes) {
  const channels = context.newInputDims(0)[1]!;
  return groupWidth(context, groups) !== 1 || channels === groups ? {} : { attributes: { num_groups: channels } };
}

/** X [N, C, spatial…], standardized over its groups. */
function standardizeGroups(tf: Tf, x: Tensor, { epsilon, groups }: GroupNormalizationAttributes): Tensor {
  const grouped = tf.reshape(x, [x.shape[0]!, groups, -1]);
  return tf.reshape(standardize(tf, grouped, [2], epsilon).normal, x.shape);
}

/** GroupNormalization of opsets 18 to 20: scale and bias per group. */
export const groupNormalizationPerGroup: OpDef<GroupNormalizationAttributes> = {
  type: 'GroupNormalization',
  domain: '',
  since: 18,
  until: 20,
  inputs: ['data', 'scale', 'shift'],
  attributes,
  channels: (context, { groups }) => [
    ...groupChannels(context, groups),
    ...(groupWidth(context, groups) === 1 ? parameterTies(context) : []),
  ],
  lower: (tf, [x, scale, shift], attributes) => {
    const normal = tf.reshape(standardizeGroups(tf, x!, attributes), [x!.shape[0]!, attributes.groups, -1]);
    const y = tf.add(tf.mul(normal, perChannel(tf, scale!, 3)), perChannel(tf, shift!, 3));
    return [tf.reshape(y, x!.shape)];
  },
  resize,
};

/**
 * GroupNormalization: `Y = (X − mean) / √(variance + ε) · scale + bias` over each of `num_groups` blocks of channels
 * of X [N, C, spatial…], with scale [C] and bias [C] (opset 21 and later).
 */
export const groupNormalization: OpDef<GroupNormalizationAttributes> = {
  type: 'GroupNormalization',
  domain: '',
  since: 21,
  inputs: ['data', 'scale', 'shift'],
  attributes,
  channels: (context, { groups }) => {
    const relations = groupChannels(context, groups);
    return relations.length === 0 ? [] : [...relations, ...parameterTies(context)];
  },
  lower: (tf, [x, scale, shift], attributes) => {
    const normal = standardizeGroups(tf, x!, attributes);
    return [tf.add(tf.mul(normal, perChannel(tf, scale!, x!.rank)), perChannel(tf, shift!, x!.rank))];
  },
  resize,
};
