/** @file What `morph`, `prune` and `widen` can be told. */
import type { Device } from '../cost/devices/device.js';
import type { TargetResource } from '../cost/resource.js';
import type { Progress } from '../report/results.js';
import type { CutScope } from '../rewrite/plan/cutOptions.js';
import type { WidthRules } from '../rewrite/plan/widthRules.js';
import type { Gated } from '../sparsity/gates.js';
import type { Importance } from '../sparsity/importance/importance.js';
import type { Reduction } from '../sparsity/importance/reduction.js';
import type { Join } from '../sparsity/penalty.js';
import type { Augmentation, DataOptions, DataSet } from '../train/data/index.js';
import type { Distillation } from '../train/loss/distillation.js';

export { TARGET_RESOURCES, type TargetResource } from '../cost/resource.js';
export { CUT_SCOPES, type CutScope } from '../rewrite/plan/cutOptions.js';
export { GATED, type Gated } from '../sparsity/gates.js';
export { IMPORTANCES, type Importance } from '../sparsity/importance/importance.js';
export { REDUCTIONS, type Reduction } from '../sparsity/importance/reduction.js';
export { JOINS, type Join } from '../sparsity/penalty.js';
export type { Distillation } from '../train/loss/distillation.js';

/** A budget: a share of the original's cost (0.5 is 50 %) or an absolute amount, in the unit that the name tells. */
export type Budget = { readonly resource: TargetResource } & ({ readonly share: number } | { readonly amount: number });

/** One budget, or several that hold together, of different resources. */
export type Budgets = Budget | readonly Budget[];

export const PENALTIES = ['auto', 'gamma', 'group-lasso', 'gates'] as const;
/** `auto` takes gamma where a group has BatchNorm, group lasso where not. */
export type PenaltyChoice = (typeof PENALTIES)[number];

export const RETRAININGS = ['finetune', 'scratch'] as const;
/** `scratch` gives the network that was cut fresh weights, as MorphNet's authors do, and trains them. */
export type Retraining = (typeof RETRAININGS)[number];

export const WIDEN_INITS = ['preserve', 'random'] as const;
/**
 * What new channels begin with: copies that share with the original, so that the outputs stay the same, or fresh weights
 * by fan-in, wherever they are given and read.
 */
export type WidenInit = (typeof WIDEN_INITS)[number];

export const LOSSES = ['cross-entropy', 'distill', 'mse', 'bce'] as const;
/** One of these, or the path of a module of the user's (see LossModule). */
export type LossChoice = (typeof LOSSES)[number] | (string & {});

export const DISTILLATIONS = ['auto', 'kl', 'mse'] as const satisfies readonly Distillation[];

export const OPTIMIZERS = ['sgd', 'adam', 'adamw'] as const;
/** `adam` decays weights through its moments, as an L2 penalty does, `adamw` beside them. */
export type OptimizerChoice = (typeof OPTIMIZERS)[number];

export const ENGINES = ['auto', 'onnxruntime', 'tensorflow'] as const;
/** `auto` takes tensorflow where `@tensorflow/tfjs-node-gpu` is installed and works, else onnxruntime. */
export type EngineChoice = (typeof ENGINES)[number];

/** Which widths a cut may give. */
export interface WidthOptions {
  /** Globs on the names of nodes and values whose channels stay: `*` is any characters, `?` any single one. */
  readonly keep?: readonly string[];
  /** Groups that change get widths that are multiples of this. */
  readonly round?: number;
  /** Largest share of a group that may be cut; for `prune` 0.9 by default, and 1 where `minChannels` is 0. */
  readonly maxRatio?: number;
  /** Channels that every group keeps at least; with 0, residual blocks, gates and towers go that cost more than they are worth. */
  readonly minChannels?: number;
}

/** Where a model will run. */
export interface DeviceOptions {
  /** For budgets of latency, and to predict it: the name of a device, a file that `calibrate` wrote, or what is in one. */
  readonly device?: string | Device;
}

/** Where ONNX Runtime computes. */
export interface RuntimeOptions {
  /** Threads of ONNX Runtime within an operator; all cores by default. */
  readonly threads?: number;
  /**
   * Execution providers of ONNX Runtime, best first, for training and for timing: one name, several with commas between
   * them, or a list, e.g. `cuda`. The CPU takes what they leave, and all proofs. The CPU alone by default.
   */
  readonly provider?: string | readonly string[];
}

export interface MorphOptions extends WidthOptions, RuntimeOptions, DeviceOptions {
  /** Where the result is written. */
  readonly out: string;
  /** A data set, or the path of one (.npz, folder of IDX files, JS/TS module). */
  readonly data: string | DataSet;
  readonly dataOptions?: DataOptions;
  /** How training images are changed each time they are seen; not at all by default. */
  readonly augment?: Augmentation;
  /** What the result may cost. With `structure` it may be left out: then the FLOPs of that are the limit. */
  readonly target?: Budgets;
  /** Widen again to this budget after the cut. */
  readonly widen?: Budgets;
  /** What new channels begin with. */
  readonly widenInit?: WidenInit;
  /**
   * Times that the network is cut, widened where asked, and fine-tuned. With `widen`, each cut goes down to the target;
   * without, cycle i of n goes to whole · (target / whole)^(i/n), so that the last reaches it.
   */
  readonly cycles?: number;
  readonly penalty?: PenaltyChoice;
  /** Share of absolute values in the norms of group lasso, from 0 to 1; with some, single weights go to zero as well. */
  readonly l1Fraction?: number;
  /** Largest norm, or probability of gates, of a channel that counts as dead, and becomes zero: 0, of gates 0.5. */
  readonly threshold?: number;
  /** How what several layers give of one channel makes one norm: all their constants, or the largest of their norms. */
  readonly join?: Join;
  /** How soft the masks of gates are: towards 0 they are open or shut. */
  readonly gateTemperature?: number;
  /** What that comes to at the end of the phase; it stays as it is by default. */
  readonly gateAnneal?: number;
  /** Whether masks are 0 or 1, and soft for their gradient alone; false by default. */
  readonly gateStraightThrough?: boolean;
  /** Learning rate of the logits of gates, which plain gradient descent trains. */
  readonly gateLearningRate?: number;
  /** Whether a channel has one gate, or one in each of the layers that give it, and lives while any is open. */
  readonly gatePer?: Gated;
  /** What training makes small; cross-entropy for data with labels, distillation for others. */
  readonly loss?: LossChoice;
  /** How distillation compares outputs: as logits, by squares, or each by what it is. */
  readonly distill?: Distillation;
  /** Share of distillation where it is mixed with a loss on labels; none by default. */
  readonly distillWeight?: number;
  /** How much distillation softens logits: both are divided by it. */
  readonly temperature?: number;
  /** Fixes the penalty's weight; without it, it is controlled to reach the target. */
  readonly lambda?: number;
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** Epochs under the penalty, before the cut, in each cycle. */
  readonly shrinkEpochs?: number;
  /** What the epochs after the cut begin with. */
  readonly retrain?: Retraining;
  /** Epochs without it, after the cut, in each cycle. */
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly optimizer?: OptimizerChoice;
  readonly momentum?: number;
  readonly weightDecay?: number;
  /** Length that the gradient of all weights together is cut down to where it is longer; by default unlimited, with distillation 1.5. */
  readonly clipNorm?: number;
  /**
   * Batches whose statistics BatchNormalizations get at the end of each cycle, instead of the running ones that training
   * kept; with 0, the default, they keep those.
   */
  readonly bnBatches?: number;
  /** Share of each label that is spread over all classes, from 0 to below 1. */
  readonly labelSmoothing?: number;
  readonly seed?: number;
  readonly engine?: EngineChoice;
  /**
   * Where the structure is written that the cuts give: which channels of the original are left, by group. Those that
   * `widen` repeated stand once.
   */
  readonly structureOut?: string;
  /** A file of `structureOut`, to cut to at once, without training under the penalty; a target that is given must hold. */
  readonly structure?: string;
  /** Folder for event files that TensorBoard reads, and `training.csv` with the same numbers. */
  readonly logDir?: string;
  /** Folder for checkpoints: at the end of each phase and every `checkpointSeconds`; the last two are kept. */
  readonly checkpoint?: string;
  readonly checkpointSeconds?: number;
  /** Whether to go on from the last checkpoint: the result is the file that a run without a stop gives. */
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What `morph` does where it is not told otherwise. */
export const MORPH_DEFAULTS = {
  widenInit: 'preserve',
  cycles: 1,
  penalty: 'auto',
  l1Fraction: 0,
  join: 'l2',
  gateTemperature: 0.5,
  gateLearningRate: 50,
  gatePer: 'channel',
  distill: 'auto',
  temperature: 2,
  shrinkEpochs: 15,
  retrain: 'finetune',
  epochs: 20,
  batchSize: 64,
  learningRate: 0.05,
  optimizer: 'sgd',
  momentum: 0.9,
  weightDecay: 5e-4,
  labelSmoothing: 0.1,
  bnBatches: 0,
  round: 1,
  maxRatio: 1,
  minChannels: 1,
  checkpointSeconds: 30,
  seed: 0,
  engine: 'auto',
} as const satisfies Partial<MorphOptions>;

/** What `morph` was told, and what it does by default. */
export type Settings = MorphOptions & Required<Pick<MorphOptions, keyof typeof MORPH_DEFAULTS>>;

export interface PruneOptions extends WidthOptions, RuntimeOptions, DeviceOptions {
  /** Where the result is written. */
  readonly out: string;
  readonly target: Budgets;
  /** What a channel's worth is read from. */
  readonly importance?: Importance;
  /** How what several layers say of the same channel becomes one number. */
  readonly reduce?: Reduction;
  readonly scope?: CutScope;
  /** Data to run the model on, as for `morph`; labels are not looked at. */
  readonly calibrate?: string | DataSet;
  /** Batches of that data whose statistics the BatchNormalizations behind the cut get; with 0 they keep their own. */
  readonly bnBatches?: number;
  /** As for `morph`. */
  readonly structureOut?: string;
  readonly dataOptions?: DataOptions;
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  readonly seed?: number;
  /** Whether both models are timed in ONNX Runtime; where it is left out, those of less than 32 MiB are. */
  readonly latency?: boolean;
  readonly signal?: AbortSignal;
}

/** What `prune` does where it is not told otherwise. */
export const PRUNE_DEFAULTS = {
  importance: 'lamp',
  reduce: 'mean',
  scope: 'global',
  bnBatches: 8,
  round: 1,
  maxRatio: 0.9,
  minChannels: 1,
  seed: 0,
} as const satisfies Partial<PruneOptions>;

export interface WidenOptions extends Pick<WidthOptions, 'keep' | 'round'>, RuntimeOptions, DeviceOptions {
  readonly out: string;
  readonly to: Budgets;
  /** As for `morph`. */
  readonly widenInit?: WidenInit;
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  readonly seed?: number;
  /** As for `prune`. */
  readonly latency?: boolean;
  readonly signal?: AbortSignal;
}

/** The rules among options. */
export function widthRules({ minChannels = 1, maxRatio = 1, round = 1 }: WidthRules): WidthRules {
  return { minChannels, maxRatio, round };
}
