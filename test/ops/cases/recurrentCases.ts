import { makeIntegers } from '../../../src/graph/make.js';
import { DataType } from '../../../src/onnx/dataType.js';
import { type AttributeSketch, node, type WeightSketch } from '../../support/modelOf.js';
import type { OpCase } from './opCase.js';

/** Steps, batch, features of the input; width of the hidden state. */
const [T, N, I, H] = [3, 2, 4, 3];

interface RecurrentOptions {
  readonly attributes?: Readonly<Record<string, AttributeSketch>>;
  readonly opset?: number;
  readonly outputs?: readonly string[];
  readonly untrainable?: string;
  readonly lengths?: readonly number[];
}

/** @param optional which of B, the lengths, the initial states and the peepholes are given */
function recurrent(
  type: 'LSTM' | 'GRU' | 'RNN',
  title: string,
  optional: readonly string[],
  { attributes = {}, opset = 14, outputs = ['y'], untrainable, lengths = [T, T] }: RecurrentOptions = {},
): OpCase {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[type];
  const D = attributes.direction === 'bidirectional' ? 2 : 1;
  const all: Readonly<Record<string, WeightSketch>> = {
    w: { dims: [D, gates * H, I], from: -0.7, to: 0.8 },
    r: { dims: [D, gates * H, H], from: -0.8, to: 0.9 },
    b: { dims: [D, 2 * gates * H], from: -0.4, to: 0.5 },
    lengths: makeIntegers('', lengths, [N], DataType.INT32),
    h: { dims: [D, N, H], from: -0.6, to: 0.6 },
    c: { dims: [D, N, H], from: -0.6, to: 0.6 },
    p: { dims: [D, 3 * H], from: -0.5, to: 0.5 },
  };
  const given = (name: string) => ['w', 'r', ...optional].includes(name);
  const inputs = ['w', 'r', 'b', 'lengths', 'h', ...(type === 'LSTM' ? ['c', 'p'] : [])];
  return {
    record: `${type}@7`,
    title,
    opset,
    node: node(type, ['x', ...inputs.map((name) => (given(name) ? name : ''))], outputs, {
      hidden_size: H,
      ...attributes,
    }),
    inputs: { x: [T, N, I] },
    weights: Object.fromEntries(Object.entries(all).filter(([name]) => given(name))),
    ...(untrainable === undefined ? {} : { untrainable }),
  };
}

const BOTH = { direction: 'bidirectional' };
const ALL = ['y', 'yh', 'yc'];

export const recurrentCases: readonly OpCase[] = [
  recurrent('LSTM', 'without biases', []),
  recurrent('LSTM', 'with all it can have', ['b', 'lengths', 'h', 'c', 'p'], { outputs: ALL }),
  recurrent('LSTM', 'backward', ['b', 'h'], { attributes: { direction: 'reverse' }, outputs: ALL }),
  recurrent('LSTM', 'both ways', ['b', 'h', 'c', 'p'], { attributes: BOTH, outputs: ALL }),
  recurrent('LSTM', 'of opset 7', ['b', 'c'], { opset: 7, outputs: ['y', '', 'yc'] }),
  recurrent('LSTM', 'of opset 22', ['b'], { opset: 22 }),
  recurrent('LSTM', 'with other activations', ['b'], {
    attributes: { activations: { strings: ['Tanh', 'Sigmoid', 'Sigmoid'] } },
  }),
  recurrent('LSTM', 'with an activation of its own', ['b'], {
    attributes: { activations: { strings: ['Sigmoid', 'Affine', 'Tanh'] }, activation_alpha: { floats: [0.5] } },
    untrainable: "its activation 'affine' has no form in tf.js",
  }),
  recurrent('LSTM', 'that clips', ['b'], {
    attributes: { clip: { float: 0.3 } },
    untrainable: 'it clips what goes into its activations',
  }),
  recurrent('LSTM', 'with coupled gates', ['b'], {
    attributes: { input_forget: 1 },
    untrainable: 'its input and forget gates are coupled',
  }),
  recurrent('LSTM', 'over sequences of several lengths', ['b', 'lengths'], {
    lengths: [2, 3],
    untrainable: 'its sequences have lengths of their own',
  }),
  recurrent('GRU', 'without biases', []),
  recurrent('GRU', 'with all it can have', ['b', 'lengths', 'h'], { outputs: ['y', 'yh'] }),
  recurrent('GRU', 'linear before reset', ['b', 'h'], { attributes: { linear_before_reset: 1 } }),
  recurrent('GRU', 'backward', ['b'], { attributes: { direction: 'reverse' }, outputs: ['y', 'yh'] }),
  recurrent('GRU', 'both ways', ['b', 'h'], { attributes: BOTH, outputs: ['y', 'yh'] }),
  recurrent('GRU', 'both ways with activations for each', ['b'], {
    attributes: { ...BOTH, activations: { strings: ['Sigmoid', 'Tanh', 'Tanh', 'Sigmoid'] } },
    opset: 7,
  }),
  recurrent('RNN', 'without biases', []),
  recurrent('RNN', 'with all it can have', ['b', 'lengths', 'h'], { outputs: ['y', 'yh'] }),
  recurrent('RNN', 'both ways', ['b', 'h'], { attributes: BOTH, outputs: ['y', 'yh'], opset: 7 }),
  recurrent('RNN', 'with a sigmoid', ['b'], { attributes: { activations: { strings: ['Sigmoid'] } } }),
];
