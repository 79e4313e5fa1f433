import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Value } from '../graph/graph.js';
import type { Tf } from '../ops/opDef.js';

/** How the members of a unit make one norm: all their constants together, or the largest of their norms. */
export const JOINS = ['l2', 'max'] as const;
export type Join = (typeof JOINS)[number];

/** What a penalty sees in the units of its layout at one moment. */
export interface UnitNorms {
  /** `n_u` of every unit. */
  readonly norms: Float32Array;
  /** How far the penalty must pull at `w_u = 1` until the unit is dead; undefined where it is `n_u · dim_u`. */
  readonly reaches: Float32Array | undefined;
}

/** What a penalty needs of the engine that trains. */
export interface PenaltyEngine {
  readonly tf: Tf;
  flush(): Promise<void>;
  compile(step: (...inputs: Tensor[]) => Tensor[]): (inputs: readonly Tensor[]) => Tensor[];
  drawn(shape: readonly number[], draw: () => Float32Array): Tensor;
}

/** How a penalty works on a model that is being trained. */
export interface Penalty {
  /** Looks at the units, between two steps. */
  look(): Promise<UnitNorms>;
  /** Sets `w_u`, and which units may live. */
  update(weights: Float64Array, alive: Uint8Array): void;
  /** Pulls all units, after the optimizer's step. @param t learning rate · λ; at 0 it only holds dead units down */
  apply(t: Scalar): void;
  /** Where a phase begins, before its first step, unless it goes on from a checkpoint. */
  begin(): void;
  /** Before each step. @param done share of the phase that is done */
  at(done: number): void;
  /** Where a phase ends: leaves in the constants all that the penalty has come to. */
  end(): void;
  dispose(): void;
}

/** A model's constants by other variables, for as long as it is trained. */
export interface Reparametrisation {
  /** What is trained beside the model's own constants, by names for checkpoints. */
  readonly variables: ReadonlyMap<string, Variable>;
  /**
   * What a training pass takes for some constants.
   *
   * @param noise evenly from 0 to below 1, other numbers at every step
   */
  constants(noise: (shape: readonly number[]) => Tensor): ReadonlyMap<Value, Tensor>;
  /** Follows the gradients of the loss. @param gradients by the names of variables */
  step(gradients: Readonly<Record<string, Tensor>>, learningRate: Scalar): void;
}
