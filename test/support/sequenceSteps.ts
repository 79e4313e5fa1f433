/** @file The steps of a random net over sequences: from rows [N, T, channels] to rows of other channels. */
import { integers, positive } from './modelOf.js';
import type { NetBuilder } from './netBuilder.js';
import { randomBytes } from './randomBytes.js';

export const SEQUENCE_STEPS = [
  'dense',
  'gemm',
  'quantized',
  'einsum',
  'gelu',
  'glu',
  'swiglu',
  'layerNorm',
  'decomposedNorm',
  'rootMeanSquare',
  'groupNorm',
  'attention',
  'fusedAttention',
  'groupedQueries',
  'rotary',
  'lstm',
  'gru',
  'rnn',
  'convolution',
  'positions',
  'squeeze',
  'add',
  'concat',
  'shuffle',
  'halves',
] as const;

export interface SequenceStep {
  readonly kind: (typeof SEQUENCE_STEPS)[number];
  /** What is chosen where the step leaves a choice, within what is possible. */
  readonly choices: readonly [number, number, number, number];
}

/** A value [N, T, channels]. */
export interface Rows {
  readonly name: string;
  readonly channels: number;
}

/** Adds a step to a net. @param values all rows so far; the last is what it reads */
export function sequenceStep(net: NetBuilder, step: SequenceStep, values: readonly Rows[]): Rows {
  const x = values.at(-1)!;
  const { channels } = x;
  const [a, b, c, d] = step.choices;
  const width = 1 + (a % 6);
  const same = (name: string): Rows => ({ name, channels });
  const other = values[b % values.length]!;
  switch (step.kind) {
    case 'dense': {
      const product = dense(net, x.name, channels, width);
      return { name: b % 2 === 0 ? product : net.one('Relu', [product]), channels: width };
    }
    case 'gemm': {
      const flat = net.one('Reshape', [x.name, net.list(-1, channels)]);
      const product = net.one('Gemm', [flat, net.stored([width, channels]), net.stored([width])], { transB: 1 });
      const target = net.one('Concat', [net.dims(x.name, 0, 2), net.list(width)], { axis: 0 });
      return { name: net.one('Reshape', [product, target]), channels: width };
    }
    case 'quantized': {
      const perColumn = b % 2 === 0;
      const scale = net.stored(
        perColumn ? { dims: [width], from: 0.005, to: 0.02 } : { dims: [], from: 0.01, to: 0.02 },
      );
      const zero = net.stored(randomBytes(perColumn ? [width] : [], d));
      const bytes = net.stored(randomBytes([channels, width], c));
      const weight = net.one('DequantizeLinear', c % 3 === 0 ? [bytes, scale] : [bytes, scale, zero], { axis: 1 });
      return { name: net.one('MatMul', [x.name, weight]), channels: width };
    }
    case 'einsum':
      return {
        name: net.one('Einsum', [x.name, net.stored([channels, width])], { equation: 'nti,io->nto' }),
        channels: width,
      };
    case 'gelu': {
      const inner = net.one('Erf', [net.one('Div', [x.name, net.scalar(Math.SQRT2)])]);
      const product = net.one('Mul', [x.name, net.one('Add', [inner, net.scalar(1)])]);
      return same(net.one('Mul', [product, net.scalar(0.5)]));
    }
    case 'glu': {
      const both = dense(net, x.name, channels, 2 * width);
      const [value, gate] = net.many('Split', b % 2 === 0 ? [both, net.list(width, width)] : [both], 2, { axis: -1 });
      return { name: net.one('Mul', [value!, net.one('Sigmoid', [gate!])]), channels: width };
    }
    case 'swiglu': {
      const gate = dense(net, x.name, channels, width);
      const swish = net.one('Mul', [gate, net.one('Sigmoid', [gate])]);
      const product = net.one('Mul', [swish, dense(net, x.name, channels, width)]);
      return { name: dense(net, product, width, 1 + (b % 6)), channels: 1 + (b % 6) };
    }
    case 'layerNorm':
      return same(net.one('LayerNormalization', [x.name, net.stored(positive([channels])), net.stored([channels])]));
    case 'decomposedNorm': {
      const centred = net.one('Sub', [x.name, net.one('ReduceMean', [x.name], { axes: [-1] })]);
      const square = b % 2 === 0 ? net.one('Mul', [centred, centred]) : net.one('Pow', [centred, net.scalar(2)]);
      const variance = net.one('ReduceMean', [square], { axes: [2] });
      const spread = net.one('Sqrt', [net.one('Add', [variance, net.scalar(0.01)])]);
      const gained = net.one('Mul', [net.one('Div', [centred, spread]), net.stored(positive([channels]))]);
      return same(net.one('Add', [gained, net.stored([channels])]));
    }
    case 'rootMeanSquare': {
      const square = net.one('Pow', [x.name, net.scalar(2)]);
      const mean = net.one('Add', [net.one('ReduceMean', [square], { axes: [-1] }), net.scalar(0.01)]);
      const inverse = net.one('Reciprocal', [net.one('Sqrt', [mean])]);
      return same(net.one('Mul', [net.one('Mul', [x.name, inverse]), net.stored(positive([channels]))]));
    }
    case 'groupNorm': {
      // As PyTorch exports it: groups of channels as the channels of an InstanceNormalization, gains behind it.
      const groups = divisor(channels, 1 + (b % 3));
      const turned = net.one('Transpose', [x.name], { perm: [0, 2, 1] });
      const split = net.one('Reshape', [turned, net.list(0, groups, -1)]);
      const [ones, zeros] = [
        net.stored({ dims: [groups], from: 1, to: 1 }),
        net.stored({ dims: [groups], from: 0, to: 0 }),
      ];
      const normal = net.one('InstanceNormalization', [split, ones, zeros], { epsilon: { float: 0.01 } });
      const joined = net.one('Reshape', [normal, net.one('Shape', [turned])]);
      const gained = net.one('Mul', [joined, net.stored(positive([channels, 1]))]);
      const shifted = net.one('Add', [gained, net.stored([channels, 1])]);
      return same(net.one('Transpose', [shifted], { perm: [0, 2, 1] }));
    }
    case 'attention':
      return attention(net, x, {
        heads: 1 + (a % 3),
        repeats: 1,
        size: 1 + (b % 3),
        width: 1 + (c % 6),
        isDynamic: d % 2 === 0,
      });
    case 'groupedQueries':
      return attention(net, x, {
        heads: 1 + (a % 2),
        repeats: 2 + (d % 2),
        size: 1 + (b % 3),
        width: 1 + (c % 6),
        isDynamic: d % 2 === 0,
      });
    case 'fusedAttention': {
      const [heads, size] = [1 + (a % 3), 1 + (b % 3)];
      const all = dense(net, x.name, channels, 3 * heads * size);
      const [q, k, v] = fused(net, all, x, heads, size, d);
      const mixed = mix(net, q!, net.one('Transpose', [k!], { perm: [0, 1, 3, 2] }), v!, size);
      const rows = net.one('Transpose', [mixed], { perm: [0, 2, 1, 3] });
      const joined = net.one('Reshape', [rows, net.list(0, 0, heads * size)]);
      return { name: dense(net, joined, heads * size, 1 + (c % 6)), channels: 1 + (c % 6) };
    }
    case 'rotary': {
      const [heads, size] = [1 + (a % 2), 2 + 2 * (b % 2)];
      const query = net.one('Reshape', [dense(net, x.name, channels, heads * size), net.list(0, 0, heads, size)]);
      const low = net.one('Slice', [query, net.list(0), net.list(size / 2), net.list(3)]);
      const high = net.one('Slice', [query, net.list(size / 2), net.list(2 ** 40), net.list(-1)]);
      const turned = net.one('Concat', [net.one('Neg', [high]), low], { axis: -1 });
      const sum = net.one('Add', [
        net.one('Mul', [query, net.stored([1, 1, 1, size])]),
        net.one('Mul', [turned, net.stored([size])]),
      ]);
      return { name: net.one('Reshape', [sum, net.list(0, 0, -1)]), channels: heads * size };
    }
    case 'lstm':
      return recurrent(net, x, 'LSTM', 4, step.choices);
    case 'gru':
      return recurrent(net, x, 'GRU', 3, step.choices);
    case 'rnn':
      return recurrent(net, x, 'RNN', 1, step.choices);
    case 'convolution': {
      const group = b % 3 === 0 ? channels : divisor(channels, 1 + (c % 3));
      const turned = net.one('Transpose', [x.name], { perm: [0, 2, 1] });
      const [before, made] = [channels / group, group * (1 + (a % 3))];
      const inputs = [turned, net.stored([made, before, 3]), net.stored([made])];
      const product = net.one('Conv', inputs, { group, pads: [1, 1] });
      return { name: net.one('Transpose', [product], { perm: [0, 2, 1] }), channels: made };
    }
    case 'positions': {
      // Of a table that is longer than the sequence, as many rows as there are.
      const length = net.dims(x.name, 1, 2);
      const rows = net.one('Slice', [net.stored([12, channels]), net.list(0), length, net.list(0)]);
      return same(net.one('Add', [x.name, rows]));
    }
    case 'squeeze': {
      const mean = net.one('ReduceMean', [x.name], { axes: [1] });
      const waist = net.one('Relu', [dense(net, mean, channels, width)]);
      const gate = net.one(b % 2 === 0 ? 'Sigmoid' : 'HardSigmoid', [
        dense(net, waist, width, c % 3 === 0 ? 1 : channels),
      ]);
      return same(net.one('Mul', [gate, x.name]));
    }
    case 'add': {
      const name = other.channels === channels ? other.name : dense(net, other.name, other.channels, channels);
      return same(net.one(c % 4 === 0 ? 'Sub' : 'Add', [x.name, name]));
    }
    case 'concat':
      return { name: net.one('Concat', [other.name, x.name], { axis: 2 }), channels: channels + other.channels };
    case 'shuffle': {
      const groups = divisor(channels, 2 + (a % 2));
      const apart = net.one('Reshape', [x.name, net.list(0, 0, groups, channels / groups)]);
      const turned = net.one('Transpose', [apart], { perm: [0, 1, 3, 2] });
      return same(net.one('Reshape', [turned, net.list(0, 0, channels)]));
    }
    case 'halves': {
      if (channels < 2) return same(net.one('Tanh', [x.name]));
      const at = 1 + (a % (channels - 1));
      const [low, high] = net.many('Split', [x.name, net.list(at, channels - at)], 2, { axis: 2 });
      return same(net.one('Concat', [dense(net, high!, channels - at, channels - at), low!], { axis: 2 }));
    }
  }
}

/** A product with weights, and a bias. */
function dense(net: NetBuilder, rows: string, from: number, to: number): string {
  return net.one('Add', [net.one('MatMul', [rows, net.stored([from, to])]), net.stored([to])]);
}

interface Heads {
  /** Of keys and values. */
  readonly heads: number;
  /** Heads of queries for each of these. */
  readonly repeats: number;
  readonly size: number;
  readonly width: number;
  readonly isDynamic: boolean;
}

function attention(net: NetBuilder, x: Rows, { heads, repeats, size, width, isDynamic }: Heads): Rows {
  const queries = heads * repeats;
  const apart = (count: number): string => {
    const rows = dense(net, x.name, x.channels, count * size);
    const target = isDynamic
      ? net.one('Concat', [net.dims(x.name, 0, 1), net.dims(x.name, 1, 2), net.list(count, size)], { axis: 0 })
      : net.list(0, 0, count, size);
    return net.one('Transpose', [net.one('Reshape', [rows, target])], { perm: [0, 2, 1, 3] });
  };
  const shared = (): string => {
    const few = apart(heads);
    if (repeats === 1) return few;
    const wide = net.one('Expand', [net.one('Unsqueeze', [few, net.list(2)]), net.list(1, 1, repeats, 1, 1)]);
    return net.one('Reshape', [wide, net.list(0, queries, -1, size)]);
  };
  const keys = net.one('Transpose', [shared()], { perm: [0, 1, 3, 2] });
  const mixed = mix(net, apart(queries), keys, shared(), size);
  const rows = net.one('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  const target = isDynamic
    ? net.one('Concat', [net.dims(x.name, 0, 2), net.list(queries * size)], { axis: 0 })
    : net.list(0, 0, -1);
  const joined = net.one('Reshape', [rows, target]);
  return { name: dense(net, joined, queries * size, width), channels: width };
}

/** Queries, keys and values [N, heads, T, size] out of one product, in one of the three ways that exporters write. */
function fused(net: NetBuilder, all: string, x: Rows, heads: number, size: number, way: number): readonly string[] {
  if (way % 3 === 0) {
    const apart = net.one('Reshape', [all, net.list(0, 0, 3, heads, size)]);
    const turned = net.one('Transpose', [apart], { perm: [2, 0, 3, 1, 4] });
    if (way % 2 === 0)
      return [0, 1, 2].map((i) => net.one('Gather', [turned, net.stored(integers([i], []))], { axis: 0 }));
    return net.many('Split', [turned], 3, { axis: 0 }).map((part) => net.one('Squeeze', [part, net.list(0)]));
  }
  const parts =
    way % 3 === 1
      ? net.many('Split', [all, net.list(heads * size, heads * size, heads * size)], 3, { axis: 2 })
      : [0, 1, 2].map((i) =>
          net.one('Slice', [all, net.list(i * heads * size), net.list((i + 1) * heads * size), net.list(2)]),
        );
  const target = net.one('Concat', [net.dims(x.name, 0, 2), net.list(heads, size)], { axis: 0 });
  return parts.map((part) => net.one('Transpose', [net.one('Reshape', [part, target])], { perm: [0, 2, 1, 3] }));
}

/** @param keys [N, heads, size, T] */
function mix(net: NetBuilder, queries: string, keys: string, values: string, size: number): string {
  const scores = net.one('Mul', [net.one('MatMul', [queries, keys]), net.scalar(1 / Math.sqrt(size))]);
  return net.one('MatMul', [net.one('Softmax', [scores], { axis: -1 }), values]);
}

function recurrent(net: NetBuilder, x: Rows, type: string, gates: number, [a, b, c]: SequenceStep['choices']): Rows {
  const hidden = 1 + (a % 4);
  const direction = (['forward', 'reverse', 'bidirectional'] as const)[b % 3]!;
  const ways = direction === 'bidirectional' ? 2 : 1;
  const turned = net.one('Transpose', [x.name], { perm: [1, 0, 2] });
  const inputs = [
    turned,
    net.stored([ways, gates * hidden, x.channels]),
    net.stored([ways, gates * hidden, hidden]),
    c % 2 === 0 ? net.stored([ways, 2 * gates * hidden]) : '',
  ];
  if (c % 3 === 0) {
    const target = net.one('Concat', [net.list(ways), net.dims(x.name, 0, 1), net.list(hidden)], { axis: 0 });
    const zeros = net.one('Expand', [net.scalar(0), target]);
    inputs.push('', zeros, ...(type === 'LSTM' ? [zeros] : []));
  }
  const attributes = { hidden_size: hidden, direction };
  const all = net.one(type, inputs, type === 'GRU' ? { ...attributes, linear_before_reset: c % 2 } : attributes);
  if (ways === 1) {
    const rows = net.one('Squeeze', [all, net.list(1)]);
    return { name: net.one('Transpose', [rows], { perm: [1, 0, 2] }), channels: hidden };
  }
  const joined = net.one('Reshape', [net.one('Transpose', [all], { perm: [2, 0, 1, 3] }), net.list(0, 0, -1)]);
  return { name: joined, channels: 2 * hidden };
}

/** The largest divisor of `n` up to `limit`. */
function divisor(n: number, limit: number): number {
  for (let candidate = Math.min(n, limit); ; candidate--) if (n % candidate === 0) return candidate;
}
