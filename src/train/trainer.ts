import type { Scalar, Tensor, Tensor1D, Variable } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine/engine.js';
import { trainErrors } from '../errors/trainErrors.js';
import type { BoundModel } from '../ops/bindModel.js';
import { createRng } from '../random/rng.js';
import type { Reparametrisation } from '../sparsity/penalty.js';
import type { Batch } from './data/index.js';
import type { Loss, Objective } from './loss/objective.js';
import { Optimizer, type OptimizerOptions } from './optimizer.js';
import { TrainableModel } from './trainableModel.js';

export interface TrainerOptions extends OptimizerOptions {
  readonly loss: Loss;
  /** Seed of the random operators (Dropout). */
  readonly seed: number;
}

/** What a step takes besides its batch. */
export interface StepRates {
  readonly learningRate: number;
  /** Learning rate · λ: how far the penalty pulls. */
  readonly pull: number;
}

export interface StepResult {
  /** Before the step. */
  readonly loss: number;
  /** What the loss tells beside, before the step: the share of the batch whose class was right, say. */
  readonly measures: Readonly<Record<string, number>>;
}

/**
 * One training step.
 *
 * @param where for messages
 * @throws TRAIN_UNTRAINABLE at the first step, TRAIN_DIVERGED
 */
export type TrainStep = (
  batch: Batch,
  rates: StepRates,
  where: { readonly phase: string; readonly epoch: number; readonly step: number },
) => Promise<StepResult>;

/** All that a trainer keeps between two steps. */
export interface TrainerState {
  readonly steps: number;
  /** Trained constants, running statistics and the optimizer's moments, by their names. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** Runs training steps on a model: forward, backward, update. */
export class Trainer {
  readonly model: TrainableModel;
  private readonly optimizer: Optimizer;
  private reparametrisation: Reparametrisation | undefined;
  private readonly objective: Objective;
  private steps = 0;

  /** @throws TRAIN_OUTPUT_SHAPE */
  constructor(
    readonly engine: Engine,
    bound: BoundModel,
    private readonly options: TrainerOptions,
  ) {
    this.objective = options.loss.on(bound);
    this.model = new TrainableModel(engine, bound);
    this.optimizer = new Optimizer(engine.tf, [...this.model.parameters.values()], options);
  }

  /** Trains variables beside the model's own from now on: steps that are prepared, and the state. */
  attach(reparametrisation: Reparametrisation): void {
    this.reparametrisation = reparametrisation;
  }

  /**
   * Makes the step of a phase.
   *
   * @param after runs on the new parameters within each step (the proximal step); takes `pull`
   */
  prepare(after: (pull: Scalar) => void = () => undefined): TrainStep {
    const { tf } = this.engine;
    const names = this.options.loss.measures;
    const run = this.engine.compile((x, rates, ...inputs) => this.trace(x!, rates as Tensor1D, inputs, after));
    return async (batch, { learningRate, pull }, where) => {
      this.steps++;
      const inputs = [
        tf.tensor(batch.x.data, [...batch.x.shape], 'float32'),
        tf.tensor1d([...Optimizer.sizesOf(this.steps, learningRate), pull]),
        ...this.objective.inputs(tf, batch),
      ];
      const results = run(inputs);
      for (const input of inputs) input.dispose();
      await this.engine.flush();
      const [loss, ...measured] = await Promise.all(results.map(async (result) => (await result.data())[0]!));
      for (const result of results) result.dispose();
      if (!Number.isFinite(loss)) throw trainErrors.diverged(where.phase, where.epoch, where.step);
      return { loss: loss!, measures: Object.fromEntries(names.map((name, i) => [name, measured[i]!])) };
    };
  }

  /** What {@link restore} takes. */
  async state(): Promise<TrainerState> {
    const tensors = new Map<string, Float32Array>();
    for (const [name, variable] of this.variables()) tensors.set(name, (await variable.data()) as Float32Array);
    return { steps: this.steps, tensors };
  }

  /** Takes up the state of another trainer of the same model and options. @throws Error that says what does not fit */
  restore({ steps, tensors }: TrainerState): void {
    const { tf } = this.engine;
    const variables = this.variables();
    for (const [name, { size }] of variables) {
      if (tensors.get(name)?.length !== size) throw new Error(`'${name}' does not have ${size} elements`);
    }
    tf.tidy(() => {
      for (const [name, variable] of variables)
        variable.assign(tf.tensor(tensors.get(name)!, variable.shape, 'float32'));
    });
    this.steps = steps;
  }

  private variables(): ReadonlyMap<string, Variable> {
    const moments = [...this.optimizer.moments].map(([name, variable]) => [`moments/${name}`, variable] as const);
    const weights = [...this.model.variables].map(([name, variable]) => [`weights/${name}`, variable] as const);
    return new Map([...weights, ...moments, ...(this.reparametrisation?.variables ?? [])]);
  }

  private trace(x: Tensor, rates: Tensor1D, inputs: readonly Tensor[], after: (pull: Scalar) => void): Tensor[] {
    const { tf } = this.engine;
    const { loss } = this.options;
    const [learningRate, firstBias, secondBias, pull] = tf.unstack(rates) as [Scalar, Scalar, Scalar, Scalar];
    let streams = 0;
    const noise = (shape: readonly number[]) => this.noise(shape, streams++);
    const { reparametrisation: other } = this;
    let measured: readonly Tensor[] = [];
    const objective = (): Scalar => {
      const constants = other?.constants((shape) => this.noise(shape, 'of constants'));
      const values = this.model.forwardAll(x, this.objective.values, { training: true, noise, constants });
      const evaluated = this.objective.evaluate(tf, values, inputs);
      measured = loss.measures.map((name) => tf.keep(evaluated.measures[name]!));
      return evaluated.loss;
    };
    const { value, grads } = this.gradients(objective);
    this.model.applyStatistics();
    this.optimizer.apply(grads, { learningRate, firstBias, secondBias });
    other?.step(grads, learningRate);
    after(pull);
    return [value, ...measured];
  }

  private gradients(objective: () => Scalar) {
    try {
      return this.engine.tf.variableGrads(objective, [
        ...this.model.parameters.values(),
        ...(this.reparametrisation?.variables.values() ?? []),
      ]);
    } catch (error) {
      throw this.options.loss.blame?.(error) ?? error;
    }
  }

  /** Numbers that depend on the seed, the step and the place in the network alone. */
  private noise(shape: readonly number[], stream: number | string): Tensor {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const root = createRng(this.options.seed);
    return this.engine.drawn(shape, () => {
      const rng = root.fork(`noise ${stream} of step ${this.steps}`);
      return Float32Array.from({ length: size }, () => rng.next());
    });
  }

  dispose(): void {
    this.optimizer.dispose();
    this.model.dispose();
  }
}
