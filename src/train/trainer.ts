import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.js';
import { trainErrors } from '../errors/trainErrors.js';
import type { BoundModel } from '../ops/bindModel.js';
import { crossEntropy, findLogits, type Logits } from './crossEntropy.js';
import type { Batch } from './data/index.js';
import { Optimizer, type OptimizerOptions } from './optimizer.js';
import { TrainableModel } from './trainableModel.js';

export interface TrainerOptions extends OptimizerOptions {
  /** How far the labels are smoothed, from 0 to below 1. */
  readonly labelSmoothing: number;
  /** Seed of the random kernels (Dropout). */
  readonly seed: number;
}

/** Runs training steps on a model: forward, backward, update. */
export class Trainer {
  readonly model: TrainableModel;
  private readonly optimizer: Optimizer;
  private readonly logits: Logits;
  private steps = 0;

  /** @throws TRAIN_OUTPUT_SHAPE */
  constructor(
    readonly engine: Engine,
    bound: BoundModel,
    private readonly options: TrainerOptions,
  ) {
    this.logits = findLogits(bound);
    this.model = new TrainableModel(engine, bound);
    this.optimizer = new Optimizer(engine.tf, [...this.model.parameters.values()], options);
  }

  /**
   * One step on a batch.
   *
   * @param after runs on the new parameters within the same step (the proximal step); tensors that it returns are
   *   computed along and kept for the caller, who disposes them
   * @returns the loss before the step
   * @throws TRAIN_UNTRAINABLE at the first step, TRAIN_DIVERGED
   */
  async step(
    batch: Batch,
    learningRate: number,
    where: { readonly phase: string; readonly epoch: number; readonly step: number },
    after: () => Tensor[] = () => [],
  ): Promise<{ readonly loss: number; readonly kept: readonly Tensor[] }> {
    const { tf } = this.engine;
    const { seed, labelSmoothing } = this.options;
    const stepSeed = seed + 1000 * this.steps++;
    const [loss, ...kept] = tf.tidy(() => {
      const input = tf.tensor(batch.x.data, [...batch.x.shape], 'float32');
      const labels = tf.cast(
        tf.oneHot(tf.tensor1d(batch.y ?? new Int32Array(), 'int32'), this.logits.classes),
        'float32',
      );
      const objective = (): Scalar => {
        const logits = this.model.forward(input, this.logits.value, { training: true, seed: stepSeed });
        return crossEntropy(tf, logits, labels, labelSmoothing) as Scalar;
      };
      const { value, grads } = tf.variableGrads(objective, [...this.model.parameters.values()]);
      this.model.applyStatistics();
      this.optimizer.apply(grads, learningRate);
      return [value, ...after()] as Tensor[];
    });
    await this.engine.flush();
    const value = (await loss!.data())[0]!;
    loss!.dispose();
    if (!Number.isFinite(value)) {
      for (const tensor of kept) tensor.dispose();
      throw trainErrors.diverged(where.phase, where.epoch, where.step);
    }
    return { loss: value, kept };
  }

  dispose(): void {
    this.optimizer.dispose();
    this.model.dispose();
  }
}
