/** @file What the commands return, as data: the same objects that `--json` prints. */
import type { TargetResource } from '../cost/resource.js';

/** A model file with its costs. */
export interface ModelSummary {
  readonly path: string;
  /** At batch 1; 2 · macs. */
  readonly flops: number;
  readonly macs: number;
  readonly params: number;
  /** Bytes of constants, of the outputs of all nodes, and of those that are alive at once at most. */
  readonly weightBytes: number;
  readonly activationBytes: number;
  readonly peakActivationBytes: number;
  readonly fileBytes: number;
  /** Share of test samples whose class is right; null where there was no labelled test data. */
  readonly accuracy: number | null;
  /** Mean loss of the first output on the targets of test samples; null without those, and for losses but mse and bce. */
  readonly testLoss: number | null;
  /** Median of one run at batch 1 in ONNX Runtime, all threads, both models in turn; null where they were not timed. */
  readonly latencyMs: number | null;
  /** What the device that was named takes for a run; null where none was. */
  readonly predictedLatencyMs: number | null;
}

/** Widths of one group of channels. `name` and `members` are node names. */
export interface GroupWidths {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly members: readonly string[];
}

export interface TargetResult {
  readonly resource: TargetResource;
  /** What was allowed. */
  readonly limit: number;
  /** What the result costs. */
  readonly achieved: number;
}

export interface VerificationResult {
  /** Largest difference from the reference over the output's largest magnitude, over all proofs of the run. */
  readonly maxRelativeDifference: number;
  readonly batchSizes: readonly number[];
}

/** Channels that got one kind of penalty for one reason. */
export interface PenaltyResult {
  readonly kind: 'gamma' | 'group-lasso' | 'gates';
  readonly groups: number;
  readonly channels: number;
  readonly reason: string;
}

/** What one cycle of a run came to. */
export interface CycleResult {
  /** The budgets of its cut, and what was left after it. */
  readonly targets: readonly TargetResult[];
  /** The budgets that it was widened to again, and what was reached; empty where none were given. */
  readonly widen: readonly TargetResult[];
  /** The penalty's weight at the end of its shrinking phase. */
  readonly lambda: number;
  /** Share of test samples whose class was right in its end; null where there was no labelled test data. */
  readonly accuracy: number | null;
}

/** How far the result gives what the original gives, in ONNX Runtime. */
export interface Fidelity {
  /** What both were run on: the test samples, or up to 1,024 training samples where there are none. */
  readonly split: 'test' | 'training';
  readonly samples: number;
  /** Share of the samples that both give the same class; null where the first output tells no classes apart. */
  readonly agreement: number | null;
  /**
   * Root of the mean square of the difference over that of the original's output, the mean over all outputs; null where
   * they cannot be compared.
   */
  readonly outputError: number | null;
}

export interface TrainingResult {
  /** `cross-entropy`, `distill`, `mse`, `bce`, two of them with + between, or the path of a module. */
  readonly loss: string;
  readonly engine: string;
  /** Epochs of all phases together. */
  readonly epochs: number;
  /** Execution providers of ONNX Runtime, best first. */
  readonly providers: readonly string[];
  /** Median time of a training step. */
  readonly msPerStep: number;
  /** The penalty's weight at the end of the last shrinking phase. */
  readonly lambda: number;
  /** Which channels of the original got which penalty; empty where none was needed, as with a structure. */
  readonly penalty: readonly PenaltyResult[];
  readonly cycles: readonly CycleResult[];
}

/** What `morph` returns. */
export interface MorphResult {
  readonly input: ModelSummary;
  readonly output: ModelSummary;
  /** The budgets of the cut, and what was left after it. */
  readonly targets: readonly TargetResult[];
  /** The one of them that binds: of which the largest share is used. */
  readonly target: TargetResult;
  /** The budget of widening that binds, and what was reached, where it was asked for. */
  readonly widen?: TargetResult;
  readonly verification: VerificationResult;
  readonly groups: readonly GroupWidths[];
  readonly fidelity: Fidelity;
  readonly training: TrainingResult;
  readonly seconds: number;
}

/** What running the model on data gave `prune`. */
export interface CalibrationResult {
  readonly samples: number;
  /** Nodes whose bias took over the mean of what the removed channels gave them. */
  readonly folded: readonly string[];
  /** Nodes that lost channels and have no place for their mean. */
  readonly skipped: readonly { readonly node: string; readonly reason: string }[];
  /** BatchNormalizations behind the cut that have the statistics of the data now. */
  readonly reestimated: readonly string[];
}

/** What `prune` returns. */
export type PruneResult = WidenResult & { readonly calibration?: CalibrationResult };

/** What `widen` returns. */
export type WidenResult = Omit<MorphResult, 'training' | 'fidelity'>;

/** One report on the way of a training run, at the end of an epoch or (`step`) within it. */
export interface Progress {
  /** From 1. */
  readonly cycle: number;
  readonly cycles: number;
  readonly phase: 'shrink' | 'fine-tune';
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  /** λ · R, the penalty as it stands in the loss; 0 while fine-tuning. */
  readonly penalty: number;
  readonly lambda: number;
  /** Cost of the alive units in the resource whose target is farthest, and what it is to come down to. */
  readonly aliveCost: number;
  readonly limit: number;
  readonly resource: TargetResource;
  readonly msPerStep: number;
  readonly secondsLeft: number;
  readonly isEpochEnd: boolean;
}
