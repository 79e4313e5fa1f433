import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../ops/opDef.js';

export interface OptimizerOptions {
  readonly kind: 'sgd' | 'adam' | 'adamw';
  /** SGD's momentum (Nesterov); Adam's β₁ stays 0.9. */
  readonly momentum: number;
  /** Per step and learning rate; on weights of two or more axes only, as is usual. */
  readonly weightDecay: number;
  /** Length that the gradient of all variables together is cut down to where it is longer; unlimited by default. */
  readonly clipNorm?: number | undefined;
}

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Keeps a gradient of zeros from being divided by its length; the same as PyTorch's. */
const CLIP_EPSILON = 1e-6;

/** What changes from step to step, as scalars. */
export interface StepSize {
  readonly learningRate: Scalar;
  /** Adam's `1 / (1 − β₁ᵗ)` and `1 / (1 − β₂ᵗ)`. */
  readonly firstBias: Scalar;
  readonly secondBias: Scalar;
}

/**
 * SGD with Nesterov momentum, Adam, or AdamW, over variables, with a learning rate that may change at every step. All
 * give the numbers of their namesakes in PyTorch:
 *
 * - SGD: `g ← g + d·w; v ← μ·v + g; w ← w − η·(g + μ·v)`.
 * - Adam: `g ← g + d·w; m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; w ← w − η·m̂ / (√v̂ + ε)`.
 * - AdamW, whose weight decay does not go through the moments: `w ← w − η·(m̂ / (√v̂ + ε) + d·w)`.
 *
 * Before all that, `clipNorm` c scales every gradient by `min(1, c / (‖g‖ + 10⁻⁶))`, where ‖g‖ is over all of them.
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
      second: options.kind === 'sgd' ? undefined : tf.tidy(() => tf.variable(tf.zeros(variable.shape), false)),
    }));
  }

  /** What it keeps from step to step, by the place of the variable among all. */
  get moments(): ReadonlyMap<string, Variable> {
    const named = this.state.flatMap(({ first, second }, index) => [
      [`${index}/first`, first] as const,
      ...(second === undefined ? [] : [[`${index}/second`, second] as const]),
    ]);
    return new Map(named);
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
    const { kind, momentum, weightDecay } = this.options;
    tf.tidy(() => {
      const clip = this.clipping(gradients);
      for (const { variable, first, second } of this.state) {
        const given = gradients[variable.name];
        if (given === undefined) continue;
        const gradient = clip === undefined ? given : tf.mul(given, clip);
        const decay = variable.rank > 1 ? weightDecay : 0;
        const decayed = (g: Tensor) => (decay === 0 ? g : tf.add(g, tf.mul(variable, decay)));
        if (second === undefined) {
          const g = decayed(gradient);
          const velocity = tf.add(tf.mul(first, momentum), g);
          first.assign(velocity);
          variable.assign(tf.sub(variable, tf.mul(rate, tf.add(g, tf.mul(velocity, momentum)))));
        } else {
          const g = kind === 'adam' ? decayed(gradient) : gradient;
          first.assign(tf.add(tf.mul(first, ADAM.beta1), tf.mul(g, 1 - ADAM.beta1)));
          second.assign(tf.add(tf.mul(second, ADAM.beta2), tf.mul(tf.square(g), 1 - ADAM.beta2)));
          const mean = tf.mul(first, firstBias);
          const deviation = tf.add(tf.sqrt(tf.mul(second, secondBias)), ADAM.epsilon);
          const direction = tf.div(mean, deviation);
          variable.assign(tf.sub(variable, tf.mul(rate, kind === 'adam' ? direction : decayed(direction))));
        }
      }
    });
  }

  /** What all gradients are multiplied by, a scalar; undefined where they are not clipped. */
  private clipping(gradients: Readonly<Record<string, Tensor>>): Tensor | undefined {
    const { tf } = this;
    const { clipNorm } = this.options;
    if (clipNorm === undefined) return undefined;
    const squares = this.state.flatMap(({ variable }) => {
      const gradient = gradients[variable.name];
      return gradient === undefined ? [] : [tf.sum(tf.square(gradient))];
    });
    if (squares.length === 0) return undefined;
    const norm = tf.sqrt(tf.sum(tf.stack(squares)));
    return tf.minimum(1, tf.div(clipNorm, tf.add(norm, CLIP_EPSILON)));
  }

  dispose(): void {
    for (const { first, second } of this.state) {
      first.dispose();
      second?.dispose();
    }
  }
}
