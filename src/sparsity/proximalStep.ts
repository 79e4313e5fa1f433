import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Value } from '../graph/graph.js';
import type { Tf } from '../ops/opDef.js';
import { type TrainedSlice, trainedSlices } from './elementSums.js';
import { NormOfUnits, type NormOptions } from './normOfUnits.js';
import type { Penalty, PenaltyEngine, UnitNorms } from './penalty.js';
import type { PenaltyLayout } from './penaltyLayout.js';

/**
 * The proximal operator of the penalty `Σ_u w_u · n_u`, with `n_u = ‖θ_u‖₂ / √dim_u` over the constants of a unit:
 *
 *     θ_u ← θ_u · max(0, 1 − t · w_u / (√dim_u · ‖θ_u‖₂)),   t = learning rate · λ
 *
 * Applied after the optimizer's step it makes exact zeros, where gradient steps on a norm hover about them. All
 * constants of a unit shrink by one factor, so they reach zero together. A unit that has died stays dead.
 *
 * With a share f of absolute values in the norm (`l1Fraction`), each constant first moves towards zero by
 * `t · w_u · f / dim_u`, and the step on what is left takes `(1 − f) · w_u` for `w_u`.
 *
 * Where the norm is the largest of its members' (`join: 'max'`), the step is radial as well: `θ_u` goes to where on the
 * way to zero half its squared distance to the start plus `t · w_u · n_u` is least, by the factor
 * `max(0, 1 − t · w_u · n_u / ‖θ_u‖₂²)`. The true proximal operator would leave small members alone until the large ones
 * have come down to them, so that channels of a residual stage would die one BatchNorm after the other.
 *
 * @see Gordon et al., MorphNet, CVPR 2018; Parikh and Boyd, Proximal Algorithms, 2014, section 6.5.4; Simon et al., A
 * Sparse-Group Lasso, 2013
 */
export class ProximalStep implements Penalty {
  /** Vectors come first: a network has many short ones, and they are multiplied as one. */
  private readonly slices: readonly TrainedSlice[];
  private readonly vectors: readonly TrainedSlice[];
  /** For each position of all vectors, and of each other slice, its unit; those without one point at the last factor, 1. */
  private readonly unitsAt: readonly Tensor[];
  private readonly norm: NormOfUnits;
  private readonly weights: Variable;
  private readonly alive: Variable;
  private readonly tf: Tf;
  private readonly run: () => readonly Tensor[];

  /**
   * @param variables the trained constants by value
   */
  constructor(
    private readonly engine: Omit<PenaltyEngine, 'drawn'>,
    private readonly layout: PenaltyLayout,
    variables: ReadonlyMap<Value, Variable>,
    private readonly options: NormOptions & { readonly threshold?: number | undefined } = {},
  ) {
    const { tf } = engine;
    this.tf = tf;
    const slices = trainedSlices(layout, variables);
    this.vectors = slices.filter(({ variable }) => variable.rank === 1);
    const others = slices.filter(({ variable }) => variable.rank !== 1);
    this.slices = [...this.vectors, ...others];
    this.unitsAt = [this.vectors, ...others.map((other) => [other])].map((together) => {
      const units = together.flatMap(({ slice }) => [...slice.units]);
      const index = Int32Array.from(units, (unit) => (unit < 0 ? layout.units.length : unit));
      return tf.keep(tf.tensor1d(index, 'int32'));
    });
    this.norm = new NormOfUnits(tf, layout, this.slices, options);
    this.weights = tf.tidy(() => tf.variable(tf.zeros([layout.units.length]), false));
    this.alive = tf.tidy(() => tf.variable(tf.ones([layout.units.length]), false));
    const run = engine.compile(() => [...this.norm.look()]);
    this.run = () => run([]);
  }

  update(weights: Float64Array, alive: Uint8Array): void {
    const { tf } = this;
    const scaled = Float32Array.from(weights, (weight, u) => weight / this.weightScale(u));
    tf.tidy(() => {
      this.weights.assign(tf.tensor1d(scaled));
      this.alive.assign(tf.tensor1d(Float32Array.from(alive)));
    });
  }

  // Norms are looked at now and then, so they are no part of the step.
  async look(): Promise<UnitNorms> {
    const results = this.run();
    await this.engine.flush();
    const [norms, reaches] = await Promise.all(results.map((result) => result.data() as Promise<Float32Array>));
    for (const result of results) result.dispose();
    return { norms: norms!, reaches: this.shortened(norms!, reaches) };
  }

  begin(): void {}

  at(): void {}

  end(): void {
    // Those below the threshold that the last look found are no zeros yet.
    if ((this.options.threshold ?? 0) > 0) this.apply(this.tf.scalar(0));
  }

  apply(t: Scalar): void {
    const { tf } = this;
    tf.tidy(() => {
      const pulls = tf.mul(this.weights, t);
      if (!this.norm.hasL1 || this.norm.isLargest) {
        this.multiply(this.norm.isLargest ? this.radial(pulls) : this.remaining(pulls, this.norm.squares()));
        return;
      }
      const { fractions } = this.norm;
      const size = (u: number) => this.layout.sizes[u]!;
      const thresholds = tf.mul(pulls, tf.tensor1d(fractions.map((fraction, u) => fraction / Math.sqrt(size(u)))));
      const soften = (slice: TrainedSlice) => {
        const { variable } = slice;
        const rest = tf.relu(tf.sub(tf.abs(variable), this.norm.spread(slice, thresholds)));
        return tf.mul(tf.sign(variable), rest);
      };
      const softened = new Map(this.slices.map((slice) => [slice, soften(slice)] as const));
      const squares = this.norm.softSquares((slice) => softened.get(slice)!);
      const rest = tf.mul(pulls, tf.tensor1d(fractions.map((fraction) => 1 - fraction)));
      this.multiply(this.remaining(rest, squares), (slice) => softened.get(slice)!);
    });
  }

  dispose(): void {
    for (const units of this.unitsAt) units.dispose();
    this.norm.dispose();
    this.weights.dispose();
    this.alive.dispose();
  }

  /** With a threshold τ, `1 − τ/n` of a reach is enough, since on the way to zero the norm falls in proportion. */
  private shortened(norms: Float32Array, reaches?: Float32Array): Float32Array | undefined {
    const { threshold = 0 } = this.options;
    if (threshold === 0) return reaches;
    const reach = (u: number) => reaches?.[u] ?? norms[u]! * this.layout.sizes[u]!;
    // A little is left to those below the threshold that must live.
    return norms.map((norm, u) => (norm === 0 ? 0 : reach(u) * Math.max(1e-9, 1 - threshold / norm)));
  }

  /** What `weights` holds is divided by this: √dim where the step is that of a Euclidean norm. */
  private weightScale(u: number): number {
    return this.norm.isLargest ? 1 : Math.sqrt(this.layout.sizes[u]!);
  }

  /** Factors of a step on a Euclidean norm. */
  private remaining(pulls: Tensor, squares: Tensor): Tensor {
    const { tf } = this;
    // tf.maximum keeps dead units from a division by zero; they are masked anyway.
    return tf.relu(tf.sub(1, tf.div(pulls, tf.maximum(tf.sqrt(squares), 1e-30))));
  }

  private radial(pulls: Tensor): Tensor {
    const { tf } = this;
    return tf.relu(tf.sub(1, tf.div(tf.mul(pulls, this.norm.norms()), tf.maximum(this.norm.squares(), 1e-30))));
  }

  private multiply(kept: Tensor, of: (slice: TrainedSlice) => Tensor = ({ variable }) => variable): void {
    const { tf } = this;
    const factors = tf.concat([tf.mul(kept, this.alive), tf.ones([1])]);
    const [ofVectors, ...ofOthers] = this.unitsAt.map((units) => tf.gather(factors, units));
    const { vectors } = this;
    if (vectors.length > 0) {
      const products = tf.mul(tf.concat(vectors.map(of)), ofVectors!);
      const sizes = vectors.map(({ variable }) => variable.size);
      tf.split(products, sizes).forEach((product, i) => {
        vectors[i]!.variable.assign(product);
      });
    }
    this.slices.slice(vectors.length).forEach((slice, i) => {
      slice.variable.assign(tf.mul(of(slice), tf.reshape(ofOthers[i]!, slice.shape)));
    });
  }
}
