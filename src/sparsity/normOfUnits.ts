import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../ops/opDef.js';
import { ElementSums, type TrainedSlice, tableOf } from './elementSums.js';
import { membersOf } from './members.js';
import type { Join } from './penalty.js';
import type { PenaltyLayout } from './penaltyLayout.js';

export interface NormOptions {
  /** f, of the units that group lasso measures; 0 by default. */
  readonly l1Fraction?: number;
  /** l2 by default. */
  readonly join?: Join;
}

/** Newton's steps to where a unit dies: they come from below, and more than double the right digits each time. */
const NEWTON_STEPS = 6;
/** Keeps zeros from dividing. */
const TINY = 1e-30;

/**
 * The norms of units, `n_u = (1 − f)·‖θ_u‖₂/√dim_u + f·‖θ_u‖₁/dim_u`, over all constants of a unit together, or the
 * largest of what this gives for each of its members.
 */
export class NormOfUnits {
  /** Whether a unit's norm is the largest of its members'. */
  readonly isLargest: boolean;
  /** Whether any norm counts absolute values. */
  readonly hasL1: boolean;
  /** f of each unit. */
  readonly fractions: Float32Array;
  private readonly rows: ElementSums;
  /** Where norms are the largest of their members': for each unit its members. */
  private readonly members: Tensor | undefined;
  private readonly rowSizes: Float64Array;
  private readonly rowFractions: Float32Array;

  constructor(
    private readonly tf: Tf,
    private readonly layout: PenaltyLayout,
    slices: readonly TrainedSlice[],
    { l1Fraction = 0, join = 'l2' }: NormOptions = {},
  ) {
    this.fractions = Float32Array.from(layout.kinds, (kind) => (kind === 'group-lasso' ? l1Fraction : 0));
    this.hasL1 = this.fractions.some((fraction) => fraction > 0);
    this.isLargest = join === 'max';
    if (this.isLargest) {
      const members = membersOf(layout);
      this.rowSizes = members.sizes.map((size) => Math.max(1, size));
      this.rowFractions = Float32Array.from(members.units, (unit) => this.fractions[unit]!);
      this.rows = new ElementSums(tf, slices, members.units.length, (slice) => members.at(slice));
      this.members = tf.keep(tableOf(tf, members.ofUnit, members.units.length));
    } else {
      this.rowSizes = layout.sizes;
      this.rowFractions = this.fractions;
      this.rows = new ElementSums(tf, slices, layout.units.length, ({ units }) => units);
    }
  }

  /** `n_u`, and where that is not `‖θ_u‖₂ / √dim_u` the reach as well: what has to be pulled until a unit dies. */
  look(): readonly [norms: Tensor] | readonly [norms: Tensor, reaches: Tensor] {
    const { tf } = this;
    const squares = this.rowSquares();
    if (this.isLargest) {
      const norms = this.norms(squares);
      // The step is radial: the norm falls in proportion to the constants.
      return [norms, tf.div(this.squares(squares), tf.maximum(norms, TINY))];
    }
    return this.hasL1 ? [this.norms(squares), this.newton()] : [this.norms(squares)];
  }

  /** `‖θ_u‖₂²`. @param rows of rows, where these are known */
  squares(rows: Tensor = this.rowSquares()): Tensor {
    const { tf, members } = this;
    return members === undefined ? rows : tf.sum(tf.gather(tf.concat([rows, tf.zeros([1])]), members), 1);
  }

  /** `n_u`. */
  norms(squares: Tensor = this.rowSquares()): Tensor {
    const { tf, members } = this;
    const euclidean = tf.div(tf.sqrt(squares), tf.tensor1d(Float32Array.from(this.rowSizes, Math.sqrt)));
    const rows = this.hasL1 ? this.withL1(euclidean) : euclidean;
    return members === undefined ? rows : tf.max(tf.gather(tf.concat([rows, tf.zeros([1])]), members), 1);
  }

  /** `‖θ_u‖₂²` of constants from which thresholds were taken. */
  softSquares(soften: (slice: TrainedSlice) => Tensor): Tensor {
    return this.rows.sum((slice) => this.tf.square(soften(slice)));
  }

  dispose(): void {
    this.rows.dispose();
    this.members?.dispose();
  }

  private rowSquares(): Tensor {
    return this.rows.sumOfEach((numbers) => this.tf.square(numbers));
  }

  private withL1(euclidean: Tensor): Tensor {
    const { tf, rowSizes, rowFractions } = this;
    const absolute = this.rows.sumOfEach((numbers) => tf.abs(numbers));
    const share = tf.tensor1d(rowFractions.map((fraction, row) => fraction / rowSizes[row]!));
    return tf.add(
      tf.mul(euclidean, tf.tensor1d(rowFractions.map((fraction) => 1 - fraction))),
      tf.mul(absolute, share),
    );
  }

  /**
   * The r at which `‖(|θ_u| − r·α)₊‖₂ = r·β`, with `α = f/dim` and `β = (1 − f)/√dim`: there the proximal operator gives
   * zeros alone. The difference of the two sides is convex and falls, so that steps from 0 never go too far; the first
   * one gives `‖θ‖₂²/n`.
   */
  private newton(): Tensor {
    const { tf, layout, fractions } = this;
    const alpha = fractions.map((fraction, u) => fraction / layout.sizes[u]!);
    const beta = tf.tensor1d(fractions.map((fraction, u) => (1 - fraction) / Math.sqrt(layout.sizes[u]!)));
    let reach = tf.zeros([layout.units.length]) as Tensor;
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const thresholds = tf.mul(reach, tf.tensor1d(alpha));
      const above = (slice: TrainedSlice) => tf.relu(tf.sub(tf.abs(slice.variable), this.spread(slice, thresholds)));
      const length = tf.sqrt(this.rows.sum((slice) => tf.square(above(slice))));
      const slope = tf.div(tf.mul(this.rows.sum(above), tf.tensor1d(alpha)), tf.maximum(length, TINY));
      const change = tf.div(tf.sub(length, tf.mul(reach, beta)), tf.maximum(tf.add(slope, beta), TINY));
      reach = tf.add(reach, tf.relu(change));
    }
    return reach;
  }

  /** Numbers of units at the positions of a slice, in its shape; 0 where no unit is. */
  spread({ slice, shape }: TrainedSlice, numbers: Tensor): Tensor {
    const { tf } = this;
    const index = slice.units.map((unit) => (unit < 0 ? this.layout.units.length : unit));
    const padded = tf.concat([numbers, tf.zeros([1])]);
    return tf.reshape(tf.gather(padded, tf.tensor1d(index, 'int32')), shape);
  }
}
