import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
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

const LAYOUT = { gates: 4, states: [5, 6], peepholes: 7 } satisfies GateLayout;

/** Gates in the order i, o, f, c; peepholes in the order i, o, f. */
function lstmStep(tf: Tf, hasPeepholes: boolean): Step {
  return (gates, [h, c], { recurrent, recurrentBias, activations: [f, g, last], vector }) => {
    const hidden = h!.shape[1]!;
    const recurrence = tf.add(tf.matMul(h as Tensor2D, recurrent), recurrentBias);
    const sum = (gate: number) => tf.add(gates[gate]!, gateOf(tf, recurrence, gate, hidden));
    const peep = (gate: number, cell: Tensor) =>
      hasPeepholes ? tf.add(sum(gate), tf.mul(cell, vector(LAYOUT.peepholes, gate * hidden, hidden))) : sum(gate);
    const next = tf.add(tf.mul(f!(peep(2, c!)), c!), tf.mul(f!(peep(0, c!)), g!(sum(3))));
    return [tf.mul(f!(peep(1, next)), last!(next)), next];
  };
}

interface LstmAttributes extends RecurrentAttributes {
  /** Whether the input gate is 1 − forget gate. */
  readonly isCoupled: boolean;
}

/**
 * LSTM over X [T, N, I] with W [D, 4·H, I], R [D, 4·H, H], B [D, 8·H], P [D, 3·H]; Y [T, D, N, H], Y_h and Y_c
 * [D, N, H], in one direction or both (D = 2):
 *
 *     i, f = f(X·Wᵀ + h·Rᵀ + P ⊙ c + Wb + Rb),   c′ = f ⊙ c + i ⊙ g(X·Wᵀ + h·Rᵀ + Wb + Rb)
 *     o = f(X·Wᵀ + h·Rᵀ + P ⊙ c′ + Wb + Rb),     h′ = o ⊙ h(c′)
 *
 * MACs: T · N · D · 4 · H · (I + H). Initial states are stored, but not trained.
 */
export const lstm: OpDef<LstmAttributes> = {
  type: 'LSTM',
  domain: '',
  since: 7,
  inputs: ['data', 'weight', 'weight', 'bias', 'setting', 'statistic', 'statistic', 'weight'],
  attributes: (raw) => ({
    ...recurrentAttributes(raw, ['Sigmoid', 'Tanh', 'Tanh']),
    isCoupled: raw.integer('input_forget', 0) !== 0,
  }),
  freshStart: (context, _, input) => recurrentStart(context, input, LAYOUT),
  macs: (context) => recurrentMacs(context, LAYOUT),
  channels: (context, attributes) => recurrentChannels(context, attributes, LAYOUT),
  lower: (tf, inputs, attributes, context) => {
    if (attributes.isCoupled) return { untrainable: 'its input and forget gates are coupled' };
    const step = lstmStep(tf, inputs[LAYOUT.peepholes] !== undefined);
    return unroll(tf, inputs, attributes, context, { ...LAYOUT, step });
  },
  resize: resizeHidden,
};
