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
import { gateOf, type Step, unroll } from './unroll.js';

const LAYOUT: GateLayout = { gates: 3, states: [5] };

interface GruAttributes extends RecurrentAttributes {
  readonly isLinearBeforeReset: boolean;
}

/** Gates in the order z, r, h. */
function gruStep(tf: Tf, isLinearBeforeReset: boolean): Step {
  return (gates, [h], { recurrent, recurrentBias, activations: [f, g] }) => {
    const hidden = h!.shape[1]!;
    const recurrence = tf.add(tf.matMul(h as Tensor2D, recurrent), recurrentBias);
    const [z, r] = [0, 1].map((gate) => f!(tf.add(gates[gate]!, gateOf(tf, recurrence, gate, hidden))));
    const inner = () => {
      if (isLinearBeforeReset) return tf.mul(r!, gateOf(tf, recurrence, 2, hidden));
      const weights = tf.slice(recurrent, [0, 2 * hidden], [-1, hidden]);
      return tf.add(tf.matMul(tf.mul(r!, h!) as Tensor2D, weights), tf.slice(recurrentBias, [2 * hidden], [hidden]));
    };
    const proposed = g!(tf.add(gates[2]!, inner()));
    return [tf.add(proposed, tf.mul(z!, tf.sub(h!, proposed)))];
  };
}

/**
 * GRU over X [T, N, I] with W [D, 3·H, I], R [D, 3·H, H], B [D, 6·H]; Y [T, D, N, H] and Y_h [D, N, H]:
 *
 *     z, r = f(X·Wᵀ + h·Rᵀ + Wb + Rb),   h′ = (1 − z) ⊙ g(X·Wᵀ + (r ⊙ h)·Rᵀ + Rb + Wb) + z ⊙ h
 *
 * or, with `linear_before_reset`, `r ⊙ (h·Rᵀ + Rb)` in the middle.
 *
 * MACs: T · N · D · 3 · H · (I + H). The initial state is stored, but not trained.
 */
export const gru: OpDef<GruAttributes> = {
  type: 'GRU',
  domain: '',
  since: 7,
  inputs: ['data', 'weight', 'weight', 'bias', 'setting', 'statistic'],
  attributes: (raw) => ({
    ...recurrentAttributes(raw, ['Sigmoid', 'Tanh']),
    isLinearBeforeReset: raw.integer('linear_before_reset', 0) !== 0,
  }),
  freshStart: (context, _, input) => recurrentStart(context, input, LAYOUT),
  macs: (context) => recurrentMacs(context, LAYOUT),
  channels: (context, attributes) => recurrentChannels(context, attributes, LAYOUT),
  lower: (tf, inputs, attributes, context) => {
    const step = gruStep(tf, attributes.isLinearBeforeReset);
    return unroll(tf, inputs, attributes, context, { ...LAYOUT, step });
  },
  resize: resizeHidden,
};
