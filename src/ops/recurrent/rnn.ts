import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { OpDef, Tf } from '../opDef.js';
import { type RecurrentAttributes, recurrentAttributes } from './recurrentAttributes.js';
import {
  type GateLayout,
  recurrentChannels,
  recurrentMacs,
  recurrentStart,
  resizeHidden,
} from './recurrentRelations.js';
import { type Step, unroll } from './unroll.js';

const LAYOUT: GateLayout = { gates: 1, states: [5] };

const rnnStep =
  (tf: Tf): Step =>
  ([gate], [h], { recurrent, recurrentBias, activations: [f] }) => [
    f!(tf.add(gate!, tf.add(tf.matMul(h as Tensor2D, recurrent), recurrentBias))),
  ];

/**
 * RNN over X [T, N, I] with W [D, H, I], R [D, H, H], B [D, 2·H]: `h′ = f(X·Wᵀ + h·Rᵀ + Wb + Rb)`; Y [T, D, N, H] and
 * Y_h [D, N, H].
 *
 * MACs: T · N · D · H · (I + H). The initial state is stored, but not trained.
 */
export const rnn: OpDef<RecurrentAttributes> = {
  type: 'RNN',
  domain: '',
  since: 7,
  inputs: ['data', 'weight', 'weight', 'bias', 'setting', 'statistic'],
  attributes: (raw) => recurrentAttributes(raw, ['Tanh']),
  freshStart: (context, _, input) => recurrentStart(context, input, LAYOUT),
  macs: (context) => recurrentMacs(context, LAYOUT),
  channels: (context, attributes) => recurrentChannels(context, attributes, LAYOUT),
  lower: (tf, inputs, attributes, context) => unroll(tf, inputs, attributes, context, { ...LAYOUT, step: rnnStep(tf) }),
  resize: resizeHidden,
};
