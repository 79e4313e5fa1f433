/** @file The library. Importing it loads neither tf.js nor the trainer: `morph` does when it is called. */

import type { MeasuredDevice } from './cost/devices/device.js';
import { chosenProviders } from './pipeline/chosenProviders.js';
import type { CalibrateOptions } from './pipeline/device/calibrateDevice.js';
import { loadDevice } from './pipeline/device/loadDevice.js';
import { explainModel } from './pipeline/explain.js';
import { type LoadedModel, type LoadOptions, loadModel, loadWithWeights } from './pipeline/loadModel.js';
import { modelReport } from './pipeline/modelReport.js';
import type { DeviceOptions, MorphOptions, PruneOptions, RuntimeOptions, WidenOptions } from './pipeline/options.js';
import type { Explanation } from './report/explainResult.js';
import type { ModelReport } from './report/reportResult.js';
import type { MorphResult, PruneResult, WidenResult } from './report/results.js';

export type { Device, KindTime, MeasuredDevice, RooflineDevice } from './cost/devices/device.js';
export type { Resource } from './cost/resource.js';
export { type ErrorCategory, EXIT_CODES, MorphError } from './errors/morphError.js';
export type { CalibrateOptions, CalibrationProgress } from './pipeline/device/calibrateDevice.js';
export { type LoadedModel, type LoadOptions, loadModel } from './pipeline/loadModel.js';
export {
  type Budget,
  type Budgets,
  type CutScope,
  type DeviceOptions,
  type Distillation,
  type EngineChoice,
  type Gated,
  type Importance,
  type Join,
  type LossChoice,
  MORPH_DEFAULTS,
  type MorphOptions,
  type OptimizerChoice,
  type PenaltyChoice,
  PRUNE_DEFAULTS,
  type PruneOptions,
  type Reduction,
  type Retraining,
  type RuntimeOptions,
  type TargetResource,
  type WidenInit,
  type WidenOptions,
  type WidthOptions,
} from './pipeline/options.js';
export type {
  ChainLink,
  ChannelAxis,
  Explanation,
  GroupExplanation,
  NodeChannels,
  NodeExplanation,
  PinnedAxis,
} from './report/explainResult.js';
export type {
  Costs,
  GroupReport,
  LatencyReport,
  ModelReport,
  NodeReport,
  TensorReport,
  UnknownNode,
} from './report/reportResult.js';
export type {
  CalibrationResult,
  CycleResult,
  Fidelity,
  GroupWidths,
  ModelSummary,
  MorphResult,
  PenaltyResult,
  Progress,
  PruneResult,
  TargetResult,
  TrainingResult,
  VerificationResult,
  WidenResult,
} from './report/results.js';
export type {
  Augmentation,
  Batch,
  DataModule,
  DataOptions,
  DataSet,
  FloatArray,
  Normalisation,
} from './train/data/index.js';
export type { LossArguments, LossFunction, LossModule } from './train/loss/lossModule.js';

export interface ReportOptions extends LoadOptions, DeviceOptions, Pick<RuntimeOptions, 'provider'> {
  /** Whether the model is timed in ONNX Runtime; where it is left out, it is for a device that was measured. */
  readonly latency?: boolean;
}

/**
 * What a model costs, node by node, which of its channels hang together, and what is pinned and why.
 *
 * @param model a path, or a model that `loadModel` gave
 * @example
 * const { totals } = await report('resnet.onnx', { inputShapes: { x: [1, 3, 224, 224] } });
 *
 * @throws MorphError of category `model` or `usage`, as `loadModel` does, and DEVICE_UNKNOWN and the like
 */
export async function report(model: string | LoadedModel, options: ReportOptions = {}): Promise<ModelReport> {
  const { device: named, latency, provider, ...loading } = options;
  const device = await loadDevice(named);
  const isTimed = latency ?? device?.kind === 'measured';
  const load = isTimed ? loadWithWeights : loadModel;
  const loaded = typeof model === 'string' ? await load(model, loading) : model;
  if (!isTimed) return modelReport(loaded, device);
  const { timeModel } = await import('./pipeline/timeModel.js');
  const providers = await chosenProviders({ provider });
  return modelReport(loaded, device, await timeModel(loaded, { providers }));
}

export interface ExplainOptions extends LoadOptions {
  /** Name of a node, or of a value that it gives, to tell of. */
  readonly node?: string;
}

/**
 * Which channels of a model can be cut and what one of them costs, which must stay and why, and for a node the way from
 * its channels to what holds them.
 *
 * @param model a path, or a model that `loadModel` gave
 * @example
 * const { node } = await explain('resnet.onnx', { node: '/fc/Gemm' });
 *
 * @throws MorphError as `loadModel` does, and GRAPH_NO_SUCH_NODE
 */
export async function explain(model: string | LoadedModel, options: ExplainOptions = {}): Promise<Explanation> {
  const { node, ...loading } = options;
  return explainModel(typeof model === 'string' ? await loadModel(model, loading) : model, node);
}

/**
 * Shrinks a trained model to a budget while it is fine-tuned, verifies the result and writes it.
 *
 * @example
 * const { output } = await morph('model.onnx', {
 *   data: 'digits.npz',
 *   target: { resource: 'flops', share: 0.5 },
 *   out: 'small.onnx',
 * });
 *
 * @throws MorphError
 */
export async function morph(path: string, options: MorphOptions): Promise<MorphResult> {
  const pipeline = await import('./pipeline/morph.js');
  return pipeline.morph(path, options);
}

/**
 * Cuts a model to a budget without training, verifies the result and writes it.
 *
 * @example
 * await prune('model.onnx', { target: { resource: 'flops', share: 0.7 }, out: 'small.onnx', calibrate: 'digits.npz' });
 *
 * @throws MorphError
 */
export async function prune(path: string, options: PruneOptions): Promise<PruneResult> {
  const pipeline = await import('./pipeline/prune.js');
  return pipeline.prune(path, options);
}

/**
 * Widens a model by one factor to fill a budget, so that its outputs stay what they are, verifies and writes it.
 *
 * @throws MorphError
 */
export async function widen(path: string, options: WidenOptions): Promise<WidenResult> {
  const pipeline = await import('./pipeline/widen.js');
  return pipeline.widen(path, options);
}

/**
 * Measures this machine by timing models in ONNX Runtime at many widths, and writes what each kind of node takes to a
 * file for `device`.
 *
 * @example
 * await calibrateDevice(['resnet.onnx'], { out: 'device.json' });
 *
 * @throws MorphError
 */
export async function calibrateDevice(paths: readonly string[], options: CalibrateOptions): Promise<MeasuredDevice> {
  const pipeline = await import('./pipeline/device/calibrateDevice.js');
  return pipeline.calibrateDevice(paths, options);
}
