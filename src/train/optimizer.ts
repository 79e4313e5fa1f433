import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../ops/opDef.js';

export interface OptimizerOptions {
  readonly kind: 'sgd' | 'adam';
  /** SGD's momentum (Nesterov); Adam's β₁ stays 0.9. */
  readonly momentum: number;
  /** Per step and learning rate; on weights of two or more axes only, as is usual. */
  readonly weightDecay: number;
}

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** What changes from step to step, as scalars. */
export interface StepSize {
  readonly learningRate: Scalar;
  /** Adam's `1 / (1 − β₁ᵗ)` and `1 / (1 − β₂ᵗ)`. */
  readonly firstBias: Scalar;
  readonly secondBias: Scalar;
}

/**
 * SGD with Nesterov momentum, or Adam, over variables, with a learning rate that may change at every step.
 *
 * - SGD (as PyTorch): `g ← g + d·w; v ← μ·v + g; w ← w − η·(g + μ·v)`.
 * - Adam with decoupled weight decay (AdamW): `w ← w − η·(m̂ / (√v̂ + ε) + d·w)`.
 *
 * tf.js's own optimizers know neither weight decay nor a cheap change of the learning rate.
 */
export class Optimizer {
  private readonly state: readonly { variable: Variable; first: Variable; second: Variable | undefined }[];

  constructor(
    private readonly tf: Tf,
    variables: readonly Variable[],
    private readonly options: OptimizerOptions,
  ) {
    this.state = variables.map((variable) => ({
      variable,
      first: tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
      second: options.kind === 'adam' ? tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)) : undefined,
    }));
  }

  /** The numbers of a step. @param step from 1 */
  static sizesOf(step: number, learningRate: number): readonly [number, number, number] {
    return [learningRate, 1 / (1 - ADAM.beta1 ** step), 1 / (1 - ADAM.beta2 ** step)];
  }

  /**
   * One step on all variables.
   *
   * @param gradients by the name of the variable; a variable without one stays as it is
   */
  apply(gradients: Readonly<Record<string, Tensor>>, { learningRate: rate, firstBias, secondBias }: StepSize): void {
    const { tf } = this;
    tf.tidy(() => {
      for (const { variable, first, second } of this.state) {
        const gradient = gradients[variable.name];
        if (gradient === undefined) continue;
        const decay = variable.rank > 1 ? this.options.weightDecay : 0;
        const decayed = (g: Tensor) => (decay === 0 ? g : tf.add(g, tf.mul(variable, decay)));
        if (second === undefined) {
          const g = decayed(gradient);
          const velocity = tf.add(tf.mul(first, this.options.momentum), g);
          first.assign(velocity);
          variable.assign(tf.sub(variable, tf.mul(rate, tf.add(g, tf.mul(velocity, this.options.momentum)))));
        } else {
          first.assign(tf.add(tf.mul(first, ADAM.beta1), tf.mul(gradient, 1 - ADAM.beta1)));
          second.assign(tf.add(tf.mul(second, ADAM.beta2), tf.mul(tf.square(gradient), 1 - ADAM.beta2)));
          const mean = tf.mul(first, firstBias);
          const deviation = tf.add(tf.sqrt(tf.mul(second, secondBias)), ADAM.epsilon);
          variable.assign(tf.sub(variable, tf.mul(rate, decayed(tf.div(mean, deviation)))));
        }
      }
    });
  }

  dispose(): void {
    for (const { first, second } of this.state) {
      first.dispose();
      second?.dispose();
    }
  }
}
