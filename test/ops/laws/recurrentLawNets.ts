/** @file For recurrent operators, nets whose hidden units can be cut and repeated. */
import type { ModelProto, NodeProto } from '../../../src/onnx/messages.js';
import { type AttributeSketch, integers, modelOf, node } from '../../support/modelOf.js';
import { free, type LawNet, pins, type Weights } from './lawNet.js';

/** Steps, and width of the hidden state where nothing else is said; X is 'a' [5, N, 6]. */
const [T, H] = [5, 4];

type Type = 'LSTM' | 'GRU' | 'RNN';

interface NetOptions {
  /** R. */
  readonly recurrent?: string;
  /** Inputs of the operator from B on. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSketch>>;
  readonly weights?: Weights;
  readonly opset?: number;
  readonly before?: readonly NodeProto[];
  /** From the operator's outputs to 'rows', of `width` columns. */
  readonly after?: readonly NodeProto[];
  readonly width?: number;
  readonly hidden?: number;
}

/** x [N, 5, 3] → product 'tokens' → 'a' [5, N, 6] → recurrent 'r' → rows → product. */
function net(type: Type, options: NetOptions = {}): ModelProto {
  const {
    inputs = ['bias'],
    recurrent = 'u',
    outputs = ['r'],
    attributes = {},
    weights = {},
    opset = 14,
    before = [],
    hidden = H,
  } = options;
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[type];
  const D = attributes.direction === 'bidirectional' ? 2 : 1;
  const { after = [node('Squeeze', ['r', 'one'], 'rows')], width = hidden } = options;
  const nodes = [
    node('MatMul', ['x', 'w1'], 'tokens'),
    node('Transpose', ['tokens'], 'a', { perm: [1, 0, 2] }),
    ...before,
    { ...node(type, ['a', 'w', recurrent, ...inputs], outputs, { hidden_size: hidden, ...attributes }), name: 'r' },
    ...after,
    node('MatMul', ['rows', 'w2'], 'y'),
  ];
  const all: Weights = {
    w1: [3, 6],
    w: [D, gates * hidden, 6],
    u: { dims: [D, gates * hidden, hidden], from: -0.7, to: 0.7 },
    bias: [D, 2 * gates * hidden],
    one: integers([1]),
    w2: [width, 2],
    ...weights,
  };
  const isRead = ([name]: readonly [string, unknown]) => nodes.some(({ input }) => input.includes(name));
  return modelOf({
    inputs: { x: ['N', T, 3] },
    weights: Object.fromEntries(Object.entries(all).filter(isRead)),
    nodes,
    outputs: ['y'],
    opset,
  });
}

const GROUPS = ['tokens (6): tokens', 'r (4): r'];
const both = { direction: 'bidirectional' };
/** Y [T, 2, N, H] as rows [T, N, 2·H]. */
const sideBySide = {
  attributes: both,
  after: [node('Transpose', ['r'], 'turned', { perm: [0, 2, 1, 3] }), node('Reshape', ['turned', 'shape'], 'rows')],
  weights: { shape: integers([0, 0, -1]) },
  width: 2 * H,
};
/** Y_h [1, N, H] as rows. */
const last = { outputs: ['', 'r'], after: [node('Squeeze', ['r', 'zero'], 'rows')], weights: { zero: integers([0]) } };
/** Zeros [1, N, H] in the shape of the batch, as exporters write initial states. */
const zeros = [
  node('Shape', ['x'], 'dims'),
  node('Gather', ['dims', 'at'], 'batch'),
  node('Concat', ['one', 'batch', 'hidden'], 'target', { axis: 0 }),
  node('ConstantOfShape', ['target'], 'zeros'),
];
const zerosWeights = { at: integers([0]), hidden: integers([H]) };

export const recurrentLawNets: readonly LawNet[] = [
  ...(['LSTM', 'GRU', 'RNN'] as const).flatMap((type) => [
    free(`${type}@7`, 'forward', net(type), GROUPS),
    free(
      `${type}@7`,
      'backward, without biases',
      net(type, { inputs: [], attributes: { direction: 'reverse' } }),
      GROUPS,
    ),
    free(`${type}@7`, 'both ways, side by side', net(type, sideBySide), GROUPS),
    free(`${type}@7`, 'by its last state', net(type, last), GROUPS),
    free(
      `${type}@7`,
      'from states that are calculated',
      net(type, {
        inputs: ['bias', '', 'zeros', ...(type === 'LSTM' ? ['zeros'] : [])],
        before: zeros,
        weights: zerosWeights,
      }),
      GROUPS,
    ),
    pins(
      `${type}@7`,
      'whose recurrent weights are calculated',
      net(type, { recurrent: 'v', before: [node('Mul', ['u', 'gain'], 'v')], weights: { gain: [1, 1, 1] } }),
      ['r', 3, `node 'r' (${type}): keeps this axis as it is`],
    ),
  ]),
  free(
    'RNN@7',
    'of one unit, from a state that is calculated',
    net('RNN', {
      inputs: ['bias', '', 'zeros'],
      before: zeros,
      weights: { ...zerosWeights, hidden: integers([1]) },
      hidden: 1,
    }),
    ['tokens (6): tokens', 'r (1): r'],
  ),
  free('GRU@7', 'linear before reset', net('GRU', { attributes: { linear_before_reset: 1 } }), GROUPS),
  free(
    'LSTM@7',
    'with peepholes, from stored states, by all outputs',
    net('LSTM', {
      inputs: ['bias', '', 'h0', 'c0', 'p'],
      outputs: ['r', 'rh', 'rc'],
      after: [
        node('Squeeze', ['r', 'one'], 'rs'),
        node('Add', ['rh', 'rc'], 'states'),
        node('Add', ['rs', 'states'], 'rows'),
      ],
      weights: { h0: [1, 1, H], c0: [1, 1, H], p: [1, 3 * H] },
      opset: 22,
    }),
    GROUPS,
  ),
  free(
    'LSTM@7',
    'in two layers',
    net('LSTM', {
      after: [
        node('Squeeze', ['r', 'one'], 'q'),
        node('GRU', ['q', 'w3', 'u3'], 's', { hidden_size: 3 }),
        node('Squeeze', ['s', 'one'], 'rows'),
      ],
      weights: { w3: [1, 9, H], u3: [1, 9, 3] },
      width: 3,
    }),
    [...GROUPS, 's (3): s'],
  ),
  free(
    'LSTM@7',
    'that clips, with activations of its own',
    net('LSTM', {
      attributes: {
        clip: { float: 0.2 },
        activations: { strings: ['HardSigmoid', 'Affine', 'Relu'] },
        activation_alpha: { floats: [0.3, 0.5] },
      },
    }),
    GROUPS,
  ),
];
