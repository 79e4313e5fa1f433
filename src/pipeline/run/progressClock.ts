import type { Progress } from '../../report/results.js';
import { median } from '../../runtime/measureLatency.js';
import type { StepProgress } from '../../train/runEpochs.js';

/** What stays the same over a phase. */
export interface PhaseInfo extends Pick<Progress, 'cycle' | 'cycles'> {
  readonly phase: Progress['phase'];
  readonly epochs: number;
  /** Epochs of the phases that follow, over all cycles. */
  readonly epochsAfter: number;
}

/** What the network costs at a step. */
export type ProgressCosts = Pick<Progress, 'lambda' | 'penalty' | 'aliveCost' | 'limit' | 'resource'>;

/** Steps whose median gives the time of a step. */
const RECENT = 50;

/** Turns steps into progress reports, with a guess at the time that is left. */
export class ProgressClock {
  private readonly times: number[] = [];

  constructor(private readonly info: PhaseInfo) {}

  /** Median time of all steps so far, in milliseconds; 0 before the first. */
  get msPerStep(): number {
    return this.times.length === 0 ? 0 : median(this.times);
  }

  report(step: StepProgress, { lambda, penalty, aliveCost, limit, resource }: ProgressCosts): Progress {
    this.times.push(step.milliseconds);
    const { cycle, cycles, phase, epochs, epochsAfter } = this.info;
    const recent = median(this.times.slice(-RECENT));
    const stepsLeft = (epochs - step.epoch + epochsAfter) * step.steps + (step.steps - step.step);
    return {
      ...{ cycle, cycles, phase },
      epoch: step.epoch,
      epochs,
      step: step.step,
      steps: step.steps,
      loss: step.loss,
      ...{ lambda, penalty, aliveCost, limit, resource },
      msPerStep: this.msPerStep,
      secondsLeft: (Math.max(0, stepsLeft) * recent) / 1000,
      isEpochEnd: step.isEpochEnd,
    };
  }
}
