import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { hasInput } from '../nodeContext.js';
import type { LowerContext, Tf, Untrainable } from '../opDef.js';
import type { RecurrentAttributes } from './recurrentAttributes.js';

/** The weights of one direction; the biases are zeros where the node has none. */
export interface DirectionWeights {
  /** [H, gates·H]: to multiply states with. */
  readonly recurrent: Tensor2D;
  /** Rb [gates·H]. */
  readonly recurrentBias: Tensor;
  /** The node's activations, in their order. */
  readonly activations: readonly ((x: Tensor) => Tensor)[];
  /** Slice of an input [D, width] for this direction, from `begin` on. */
  vector(input: number, begin: number, width: number): Tensor;
}

/**
 * One step: what the input gives the gates, `X·Wᵀ + Wb` [N, gates·H], and the states [N, H] before it.
 *
 * @returns the states after it, the hidden one first
 */
export type Step = (
  gates: readonly Tensor[],
  states: readonly Tensor[],
  weights: DirectionWeights,
) => readonly Tensor[];

/** What `unroll` must know of an operator. */
export interface Cell {
  readonly gates: number;
  /** Inputs of initial states, the hidden one first. */
  readonly states: readonly number[];
  readonly step: Step;
}

const SEQUENCE_LENGTHS = 4;

/**
 * A recurrence, written out step by step: Y [T, D, N, H], then the last states [D, N, H].
 *
 * @param inputs X [T, N, I], W [D, gates·H, I], R [D, gates·H, H], B [D, 2·gates·H], lengths, and initial states
 */
export function unroll(
  tf: Tf,
  inputs: readonly (Tensor | undefined)[],
  attributes: RecurrentAttributes,
  context: LowerContext,
  { gates, states, step }: Cell,
): readonly Tensor[] | Untrainable {
  const [x, w, r, b] = inputs;
  const [steps, batch, features] = x!.shape as [number, number, number];
  const hidden = r!.shape[2]!;
  if (attributes.untrainable !== undefined) return { untrainable: attributes.untrainable };
  const lengths = context.numbers(SEQUENCE_LENGTHS);
  if (hasInput(context, SEQUENCE_LENGTHS) && lengths?.every((length) => length === steps) !== true) {
    return { untrainable: 'its sequences have lengths of their own' };
  }
  const flat = tf.reshape(x!, [steps * batch, features]) as Tensor2D;
  const width = gates * hidden;
  const count = attributes.activations.length / (attributes.direction === 'bidirectional' ? 2 : 1);
  const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    sigmoid: tf.sigmoid,
    tanh: tf.tanh,
    relu: tf.relu,
  };

  const directions = Array.from({ length: w!.shape[0]! }, (_, d) => {
    const matrix = (tensor: Tensor) => tf.reshape(tf.slice(tensor, [d, 0, 0], [1, -1, -1]), [width, -1]) as Tensor2D;
    const vector = (input: number, begin: number, size: number): Tensor =>
      inputs[input] === undefined
        ? tf.zeros([size])
        : tf.reshape(tf.slice(inputs[input], [d, begin], [1, size]), [size]);
    const names = attributes.activations.slice(Math.floor(d * count));
    const weights: DirectionWeights = {
      recurrent: tf.transpose(matrix(r!)),
      recurrentBias: vector(3, b === undefined ? 0 : width, width),
      activations: names.map((name) => functions[name]!),
      vector,
    };
    const projected = tf.add(tf.matMul(flat, matrix(w!), false, true), vector(3, 0, width));
    let current = states.map((input): Tensor => {
      const initial = inputs[input];
      if (initial === undefined) return tf.zeros([batch, hidden]);
      return tf.reshape(tf.slice(initial, [d, 0, 0], [1, -1, -1]), [batch, hidden]);
    });
    const isBackward = attributes.direction === 'reverse' || d === 1;
    const sequence: Tensor[] = [];
    for (let k = 0; k < steps; k++) {
      const t = isBackward ? steps - 1 - k : k;
      const parts = Array.from({ length: gates }, (__, gate) =>
        tf.slice(projected, [t * batch, gate * hidden], [batch, hidden]),
      );
      current = [...step(parts, current, weights)];
      sequence[t] = current[0]!;
    }
    return { sequence: tf.stack(sequence), current };
  });
  const last = states.map((_, state) => tf.stack(directions.map(({ current }) => current[state]!)));
  const y = tf.stack(
    directions.map(({ sequence }) => sequence),
    1,
  );
  return [y, ...last].slice(0, context.node.outputs.length);
}

/** Columns of one gate of [N, gates·H]. */
export function gateOf(tf: Tf, all: Tensor, gate: number, hidden: number): Tensor {
  return tf.slice(all, [0, gate * hidden], [-1, hidden]);
}
