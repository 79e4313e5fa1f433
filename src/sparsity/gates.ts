import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Value } from '../graph/graph.js';
import type { Tf } from '../ops/opDef.js';
import { type TrainedSlice, tableOf, trainedSlices } from './elementSums.js';
import { gateReach, openness, sigmoid } from './gateReach.js';
import { membersOf } from './members.js';
import type { Penalty, PenaltyEngine, Reparametrisation, UnitNorms } from './penalty.js';
import type { PenaltyLayout } from './penaltyLayout.js';

/** What has a gate of its own: a unit in each of the layers that give it, or a unit as a whole. */
export const GATED = ['channel', 'layer'] as const;
export type Gated = (typeof GATED)[number];

export interface GateOptions {
  /** τ: how soft the masks are; towards 0 they are open or shut. */
  readonly temperature: number;
  /** What the temperature comes to at the end of the phase, in equal ratios; it stays as it is by default. */
  readonly finalTemperature?: number | undefined;
  /** Whether masks are 0 or 1, and soft for the gradient alone; false by default. */
  readonly isStraightThrough?: boolean | undefined;
  /** Largest probability of a unit that counts as dead. */
  readonly threshold: number;
  /** Learning rate of the logits, which plain gradient descent trains, over that of the weights. */
  readonly rate: number;
  readonly per: Gated;
}

/** As the paper's authors begin: open with a probability of 92 %. */
const FIRST_LOGIT = 2.5;
/** Logits rise no higher, p = 95 %: above, neither the loss nor the penalty has a gradient to speak of. */
const LARGEST_LOGIT = 3;
/** Keeps the noise finite. */
const SMALLEST = 1e-6;

/**
 * The gates of FiGS: each unit, or each member of one, is open with a probability `p = σ(ℓ)` that is trained. While training, its
 * constants θ are `m·θ` with a mask `m = σ((ℓ + Logistic(0, 1)) / τ)`, one sample for each gate and step; the unit pays
 * `w_u · P` with `P = 1 − ∏(1 − p)`, and is dead where P comes down to the threshold. In the end θ becomes `p·θ`.
 *
 * A mask on constants is a gate on what they give: gain and offset of a BatchNorm together scale its output, and rows
 * of weights together with their bias that of a convolution. So nothing is inserted into the graph, and folding the
 * gates is exact. At first θ is divided by p, so that folding at once gives the model of before.
 *
 * @see Chaudhuri et al., Fine-Grained Stochastic Architecture Search, 2020, arXiv 2006.09581
 */
export class Gates implements Penalty, Reparametrisation {
  readonly variables: ReadonlyMap<string, Variable>;
  private readonly tf: Tf;
  private readonly slices: readonly TrainedSlice[];
  /** For each position of a slice its gate; those without one point at the last mask, which is 1. */
  private readonly gatesAt: readonly Tensor[];
  private readonly gatesOfUnit: readonly (readonly number[])[];
  private readonly unitOfGate: Tensor;
  /** For each unit its gates, filled up with the place of a probability of 0. */
  private readonly table: Tensor;
  private readonly logits: Variable;
  /** By gate. */
  private readonly weights: Variable;
  private readonly alive: Variable;
  private temperature: number;

  /** @param variables the trained constants by value */
  constructor(
    private readonly engine: Omit<PenaltyEngine, 'compile'>,
    layout: PenaltyLayout,
    variables: ReadonlyMap<Value, Variable>,
    private readonly options: GateOptions,
  ) {
    const { tf } = engine;
    this.tf = tf;
    this.temperature = options.temperature;
    this.slices = trainedSlices(layout, variables);
    const members = membersOf(layout);
    const isShared = options.per === 'channel';
    const units = isShared ? Int32Array.from(layout.units.keys()) : members.units;
    this.gatesOfUnit = isShared ? Array.from(units, (unit) => [unit]) : members.ofUnit;
    this.gatesAt = this.slices.map(({ slice }) => {
      const gates = (isShared ? slice.units : members.at(slice)).map((gate) => (gate < 0 ? units.length : gate));
      return tf.keep(tf.tensor1d(gates, 'int32'));
    });
    this.unitOfGate = tf.keep(tf.tensor1d(units, 'int32'));
    this.table = tf.keep(tableOf(tf, this.gatesOfUnit, units.length));
    const variable = (first: number, isTrained = false) =>
      tf.tidy(() => tf.variable(tf.fill([units.length], first), isTrained));
    this.logits = variable(FIRST_LOGIT, true);
    this.weights = variable(0);
    this.alive = variable(1);
    this.variables = new Map([['gates/logits', this.logits]]);
  }

  begin(): void {
    this.scale(this.tf.fill([this.logits.size], 1 / sigmoid(FIRST_LOGIT)));
  }

  at(done: number): void {
    const { temperature: first, finalTemperature: last = first } = this.options;
    this.temperature = first * (last / first) ** done;
  }

  constants(noise: (shape: readonly number[]) => Tensor): ReadonlyMap<Value, Tensor> {
    return this.masked(this.sample(noise([this.logits.size])));
  }

  /** The constants behind gates that are open by fixed shares, [gates]. */
  masked(masks: Tensor): ReadonlyMap<Value, Tensor> {
    const { tf } = this;
    const all = tf.concat([tf.mul(masks, this.alive), tf.ones([1])]);
    const constants = new Map<Value, Tensor>();
    this.slices.forEach(({ slice, variable, shape }, i) => {
      const whole = constants.get(slice.value) ?? variable;
      constants.set(slice.value, tf.mul(whole, tf.reshape(tf.gather(all, this.gatesAt[i]!), shape)));
    });
    return constants;
  }

  step(gradients: Readonly<Record<string, Tensor>>, learningRate: Scalar): void {
    const { tf, logits } = this;
    const gradient = gradients[logits.name];
    if (gradient !== undefined)
      logits.assign(tf.sub(logits, tf.mul(gradient, tf.mul(learningRate, this.options.rate))));
  }

  update(weights: Float64Array, alive: Uint8Array): void {
    const { tf } = this;
    const ofGates = (numbers: ArrayLike<number>) =>
      tf.gather(tf.tensor1d(Float32Array.from(numbers)), this.unitOfGate as ReturnType<Tf['tensor1d']>);
    tf.tidy(() => {
      this.weights.assign(ofGates(weights));
      this.alive.assign(ofGates(alive));
    });
  }

  apply(t: Scalar): void {
    const { tf } = this;
    tf.tidy(() => {
      const pulls = tf.mul(this.weights, tf.mul(t, this.options.rate));
      this.logits.assign(tf.minimum(LARGEST_LOGIT, tf.sub(this.logits, tf.mul(pulls, this.slope()))));
    });
  }

  /** `∂P_u / ∂ℓ = ∏(1 − p) · p`, [gates]. */
  slope(): Tensor {
    const { tf } = this;
    const shut = tf.concat([tf.sigmoid(tf.neg(this.logits)), tf.ones([1])]);
    const product = tf.prod(tf.gather(shut, this.table), 1);
    return tf.mul(tf.gather(product, this.unitOfGate as ReturnType<Tf['tensor1d']>), tf.sigmoid(this.logits));
  }

  async look(): Promise<UnitNorms> {
    await this.engine.flush();
    const logits = (await this.logits.data()) as Float32Array;
    const ofUnits = this.gatesOfUnit.map((gates) => gates.map((gate) => logits[gate]!));
    const { threshold, rate } = this.options;
    return {
      norms: Float32Array.from(ofUnits, openness),
      // A little is left to those below the threshold that must live.
      reaches: Float32Array.from(ofUnits, (of) => Math.max(1e-9, gateReach(of, threshold) / rate)),
    };
  }

  end(): void {
    const { tf } = this;
    this.scale(tf.mul(tf.sigmoid(this.logits), this.alive));
  }

  dispose(): void {
    for (const gates of this.gatesAt) gates.dispose();
    for (const tensor of [this.unitOfGate, this.table, this.logits, this.weights, this.alive]) tensor.dispose();
  }

  /** Multiplies the constants behind each gate. */
  private scale(factors: Tensor): void {
    const { tf } = this;
    const all = tf.concat([factors, tf.ones([1])]);
    this.slices.forEach(({ variable, shape }, i) => {
      variable.assign(tf.mul(variable, tf.reshape(tf.gather(all, this.gatesAt[i]!), shape)));
    });
  }

  /** Masks of one step. @param uniform from 0 to below 1 */
  private sample(uniform: Tensor): Tensor {
    const { tf } = this;
    const u = tf.clipByValue(uniform, SMALLEST, 1 - SMALLEST);
    const logistic = tf.sub(tf.log(u), tf.log(tf.sub(1, u)));
    const temperature = this.engine.drawn([1], () => Float32Array.of(this.temperature));
    const soft = tf.sigmoid(tf.div(tf.add(this.logits, logistic), temperature));
    if (this.options.isStraightThrough !== true) return soft;
    const step = tf.customGrad((...inputs) => ({
      value: tf.cast(tf.greater(inputs[0] as Tensor, 0.5), 'float32'),
      gradFunc: (dy: Tensor) => dy,
    }));
    return step(soft);
  }
}
