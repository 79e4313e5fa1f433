import type { Target } from '../cost/cost.js';
import type { Penalty, UnitNorms } from '../sparsity/penalty.js';
import type { PenaltyLayout } from '../sparsity/penaltyLayout.js';
import { type TargetState, UnitPrices } from '../sparsity/unitPrices.js';
import type { DataSet } from './data/index.js';
import { LambdaController, type SteeringState } from './lambdaController.js';
import { type EpochOptions, runEpochs, type StepProgress } from './runEpochs.js';
import type { Trainer } from './trainer.js';

/** What the penalty keeps between two steps, beside the loop's own state. */
export interface ShrinkState {
  readonly lambda: number;
  /** The last λ that pulled. */
  readonly reported: number;
  /** Steps since the phase began. */
  readonly count: number;
  readonly steering: SteeringState;
  /** By unit of the layout: 1 while it is alive, 1 where its group may die, and its norm when it was looked at last. */
  readonly alive: Uint8Array;
  readonly mayGo: Uint8Array;
  readonly norms: Float32Array;
  /** How far it was from dying then; absent where the norms say it. */
  readonly reaches?: Float32Array | undefined;
}

export interface ShrinkOptions extends Omit<EpochOptions, 'lambda' | 'onStep'> {
  /** Where to go on from, together with `from`. */
  readonly fromState?: ShrinkState | undefined;
  /** Fixes λ instead of steering it. */
  readonly lambda?: number | undefined;
  /** Whether whole groups may die; false by default. */
  readonly mayDie?: boolean;
  /** Largest norm of a unit that counts as dead; 0 by default. */
  readonly threshold?: number | undefined;
  /** Peak learning rate: how far λ = 1 pulls in a step. */
  readonly learningRate: number;
  /** Called after every step, and awaited. */
  readonly onProgress: (progress: ShrinkProgress) => void | Promise<void>;
}

/** The costs are those of the target that is farthest. */
export interface ShrinkProgress extends StepProgress, TargetState {
  readonly lambda: number;
  /** λ · Σ w_u n_u / whole cost. */
  readonly penalty: number;
  /** All targets. */
  readonly targets: readonly TargetState[];
  /** By unit of the layout: 1 while it is alive. */
  readonly alive: Uint8Array;
  /** To go on from here, together with `loop`. */
  readonly state: ShrinkState;
}

export interface Shrunk {
  /** What the penalty would still have to pull for each unit of the layout to die; exactly 0 where it did. */
  readonly prices: Float64Array;
  /** The last λ that pulled; 0 where none did. */
  readonly lambda: number;
}

/** Steps between two looks at the norms. */
const LOOK_EVERY = 4;

/** Trains under a resource-weighted penalty, steering λ so that the alive costs reach all limits. */
export async function shrink(
  trainer: Trainer,
  data: DataSet,
  targets: readonly Target[],
  layout: PenaltyLayout,
  penalty: Penalty,
  options: ShrinkOptions,
): Promise<Shrunk> {
  const { tf, flush } = trainer.engine;
  const { fromState: from } = options;
  if (from === undefined) tf.tidy(() => penalty.begin());
  const units = new UnitPrices(targets, layout, options);
  const pull = options.epochs * (data.trainBatches(options.batchSize) ?? 100) * options.learningRate;
  const controller = new LambdaController({ whole: 1, limit: 0, pull }, from?.steering);
  let seen: UnitNorms = from === undefined ? await penalty.look() : { norms: from.norms, reaches: from.reaches };
  let { lambda, reported, count } = from ?? { lambda: 0, reported: 0, count: 0 };
  const look = (done: number) => {
    units.observe(seen.norms, seen.reaches);
    penalty.update(units.weights, units.alive);
    const { excess } = units;
    lambda =
      options.lambda ?? controller.look({ done, aliveCost: excess, priceFor: (wanted) => units.priceFor(wanted) });
  };
  if (from === undefined) look(0);
  else {
    units.restore(from, seen);
    penalty.update(units.weights, units.alive);
  }
  const step = trainer.prepare((t) => penalty.apply(t));
  await runEpochs(step, data, {
    ...options,
    schedule: (done) => {
      penalty.at(done);
      return options.schedule(done);
    },
    lambda: () => lambda,
    onStep: async (progress) => {
      if (lambda > 0) reported = lambda;
      if (++count % LOOK_EVERY === 0 || progress.isEpochEnd) {
        seen = await penalty.look();
        look(progress.done);
      }
      const { alive, mayGo, states, worst } = units;
      const paid = lambda * units.penalty(seen.norms);
      const state = { lambda, reported, count, steering: controller.state, alive, mayGo, ...seen };
      await options.onProgress({ ...progress, ...worst, targets: states, alive, lambda, penalty: paid, state });
    },
  });
  tf.tidy(() => penalty.end());
  await flush();
  return { prices: units.prices, lambda: reported };
}
