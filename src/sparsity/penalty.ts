import type { Scalar } from '@tensorflow/tfjs-core';

/** How the members of a unit make one norm: all their constants together, or the largest of their norms. */
export const JOINS = ['l2', 'max'] as const;
export type Join = (typeof JOINS)[number];

/** What a penalty sees in the units of its layout at one moment. */
export interface UnitNorms {
  /** `n_u` of every unit. */
  readonly norms: Float32Array;
  /** How far the penalty must pull at `w_u = 1` until the unit is dead; undefined where it is norm · dim. */
  readonly reaches: Float32Array | undefined;
}

/** How a penalty works on a model that is being trained. */
export interface Penalty {
  /** Looks at the units, between two steps. */
  look(): Promise<UnitNorms>;
  /** Sets `w_u`, and which units may live. */
  update(weights: Float64Array, alive: Uint8Array): void;
  /** Pulls all units, after the optimizer's step. @param t learning rate · λ; at 0 it only holds dead units down */
  apply(t: Scalar): void;
  dispose(): void;
}
