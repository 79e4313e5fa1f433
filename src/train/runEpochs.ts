import type { Rng } from '../random/rng.js';
import type { DataSet } from './data/index.js';
import type { Schedule } from './schedule.js';
import type { TrainStep } from './trainer.js';

/** Where the loop stands between two steps. */
export interface LoopState {
  /** Of the next step, from 1. */
  readonly epoch: number;
  /** Steps of it that are done, and the sum of their losses. */
  readonly step: number;
  readonly lossSum: number;
  /** Undefined while it is not known. */
  readonly stepsPerEpoch: number | undefined;
}

export interface EpochOptions {
  /** For messages: `shrink`, `fine-tune`. */
  readonly phase: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly schedule: Schedule;
  /** Where the order of the samples comes from; epochs draw from forks of it. */
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
  /** Where to go on from. */
  readonly from?: LoopState | undefined;
  /** λ at this moment; 0 where it is left out. */
  readonly lambda?: () => number;
  /** Called after every step, and awaited. */
  readonly onStep: (progress: StepProgress) => void | Promise<void>;
}

export interface StepProgress {
  /** From 1. */
  readonly epoch: number;
  /** Steps done in this epoch. */
  readonly step: number;
  /** Steps of an epoch; in the first epoch of a data set of unknown length, those done so far. */
  readonly steps: number;
  /** Share of the whole phase that is done; known only to the epoch while the length of one is not. */
  readonly done: number;
  /** Mean over this epoch so far. */
  readonly loss: number;
  /** Of this step alone, before it. */
  readonly stepLoss: number;
  /** What the loss told beside, before it. */
  readonly stepMeasures: Readonly<Record<string, number>>;
  readonly learningRate: number;
  readonly milliseconds: number;
  readonly isEpochEnd: boolean;
  /** To go on from here. */
  readonly loop: LoopState;
}

/**
 * Trains for a number of epochs.
 *
 * @throws the signal's reason when it is aborted; what the step throws
 */
export async function runEpochs(trainStep: TrainStep, data: DataSet, options: EpochOptions): Promise<void> {
  const { phase, epochs, batchSize, schedule, rng, signal, from, lambda = () => 0, onStep } = options;
  let stepsPerEpoch = from === undefined ? data.trainBatches(batchSize) : from.stepsPerEpoch;
  const first = from?.epoch ?? 1;
  for (let epoch = first; epoch <= epochs; epoch++) {
    const batches = data.train(epoch - 1, batchSize, rng)[Symbol.asyncIterator]();
    const begun = epoch === first ? from : undefined;
    let lossSum = begun?.lossSum ?? 0;
    let step = begun?.step ?? 0;
    for (let skipped = 0; skipped < step; skipped++) if ((await batches.next()).done) break;
    const share = () => (stepsPerEpoch === undefined ? 0 : Math.min(1, step / stepsPerEpoch));
    // One batch ahead, so that the last step of an epoch is known as such.
    for (let next = await batches.next(); !next.done; ) {
      signal?.throwIfAborted();
      const start = performance.now();
      const learningRate = schedule((epoch - 1 + share()) / epochs);
      const where = { phase, epoch, step: step + 1 };
      const rates = { learningRate, pull: learningRate * lambda() };
      const { loss, measures } = await trainStep(next.value, rates, where);
      const milliseconds = performance.now() - start;
      next = await batches.next();
      lossSum += loss;
      step++;
      const isEpochEnd = next.done === true;
      const done = (epoch - 1 + (isEpochEnd ? 1 : share())) / epochs;
      await onStep({
        epoch,
        step,
        steps: stepsPerEpoch ?? step,
        done,
        loss: lossSum / step,
        stepLoss: loss,
        stepMeasures: measures,
        learningRate,
        milliseconds,
        isEpochEnd,
        loop: isEpochEnd
          ? { epoch: epoch + 1, step: 0, lossSum: 0, stepsPerEpoch: step }
          : { epoch, step, lossSum, stepsPerEpoch },
      });
    }
    stepsPerEpoch = step;
  }
}
