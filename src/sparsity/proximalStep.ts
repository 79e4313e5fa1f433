import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Value } from '../graph/graph.js';
import type { Tf } from '../ops/opDef.js';
import type { PenaltyLayout, PenaltySlice } from './penaltyLayout.js';

/**
 * The proximal operator of the penalty `Σ_u w_u · n_u`, with `n_u = ‖θ_u‖₂ / √dim_u` over the constants of a unit:
 *
 *     θ_u ← θ_u · max(0, 1 − t · w_u / (√dim_u · ‖θ_u‖₂)),   t = learning rate · λ
 *
 * Applied after the optimizer's step it makes exact zeros, where gradient steps on a norm hover about them. All
 * constants of a unit shrink by one factor, so they reach zero together. A unit that has died stays dead.
 *
 * @see Gordon et al., MorphNet, CVPR 2018; Parikh and Boyd, Proximal Algorithms, 2014, section 6.5.4
 */
export class ProximalStep {
  private readonly slices: readonly { slice: PenaltySlice; variable: Variable; perPosition: Tensor; shape: number[] }[];
  /** For each unit the places of its squared norms in the list of all, filled up with the place of a zero. */
  private readonly table: Tensor;
  private readonly weights: Variable;
  private readonly alive: Variable;

  /**
   * @param variables the trained constants by value
   */
  constructor(
    private readonly tf: Tf,
    private readonly layout: PenaltyLayout,
    variables: ReadonlyMap<Value, Variable>,
  ) {
    this.slices = layout.slices.map((slice) => {
      const variable = variables.get(slice.value);
      if (variable === undefined) throw new Error(`'${slice.value.name}' is not trained`);
      // Positions without a unit point at the last factor, which is 1.
      const index = Int32Array.from(slice.units, (unit) => (unit < 0 ? layout.units.length : unit));
      const shape = variable.shape.map((_, axis) => (axis === slice.axis ? slice.units.length : 1));
      return { slice, variable, perPosition: tf.keep(tf.tensor1d(index, 'int32')), shape };
    });
    this.table = tf.keep(this.placeTable());
    this.weights = tf.tidy(() => tf.variable(tf.zeros([layout.units.length]), false));
    this.alive = tf.tidy(() => tf.variable(tf.ones([layout.units.length]), false));
  }

  /** Sets `w_u`, and which units may live. */
  update(weights: Float64Array, alive: Uint8Array): void {
    const { tf } = this;
    const scaled = Float32Array.from(weights, (weight, u) => weight / Math.sqrt(this.layout.sizes[u]!));
    tf.tidy(() => {
      this.weights.assign(tf.tensor1d(scaled));
      this.alive.assign(tf.tensor1d(Float32Array.from(alive)));
    });
  }

  /** `‖θ_u‖₂ / √dim_u` of every unit, [units]. */
  norms(): Tensor {
    const { tf } = this;
    return tf.tidy(() => tf.div(tf.sqrt(this.squares()), tf.tensor1d(Float32Array.from(this.layout.sizes, Math.sqrt))));
  }

  /** Shrinks all units. @param t learning rate · λ; at 0 it only holds dead units down */
  apply(t: Scalar): void {
    const { tf } = this;
    tf.tidy(() => {
      const norms = tf.sqrt(this.squares());
      // tf.maximum keeps dead units from a division by zero; they are masked anyway.
      const kept = tf.relu(tf.sub(1, tf.div(tf.mul(this.weights, t), tf.maximum(norms, 1e-30))));
      const factors = tf.concat([tf.mul(kept, this.alive), tf.ones([1])]);
      for (const { variable, perPosition, shape } of this.slices) {
        variable.assign(tf.mul(variable, tf.reshape(tf.gather(factors, perPosition), shape)));
      }
    });
  }

  dispose(): void {
    for (const { perPosition } of this.slices) perPosition.dispose();
    this.table.dispose();
    this.weights.dispose();
    this.alive.dispose();
  }

  private squares(): Tensor {
    const { tf } = this;
    const parts = this.slices
      .filter(({ slice }) => slice.isMeasured)
      .map(({ slice, variable }) => {
        const others = variable.shape.flatMap((_, axis) => (axis === slice.axis ? [] : [axis]));
        const squares = tf.square(variable);
        return others.length === 0 ? squares : tf.sum(squares, others);
      });
    return tf.sum(tf.gather(tf.concat([...parts, tf.zeros([1])]), this.table), 1);
  }

  private placeTable(): Tensor {
    const places: number[][] = Array.from(this.layout.units, () => []);
    let offset = 0;
    for (const { slice } of this.slices) {
      if (!slice.isMeasured) continue;
      slice.units.forEach((unit, position) => {
        if (unit >= 0) places[unit]!.push(offset + position);
      });
      offset += slice.units.length;
    }
    const columns = places.reduce((most, list) => Math.max(most, list.length), 1);
    const flat = new Int32Array(places.length * columns).fill(offset);
    places.forEach((list, unit) => {
      flat.set(list, unit * columns);
    });
    return this.tf.tensor2d(flat, [places.length, columns], 'int32');
  }
}
