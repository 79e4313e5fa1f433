import { arch, cpus, platform } from 'node:os';
import { basename } from 'node:path';
import { isPrunable } from '../../channels/channelAnalysis.js';
import { CostModel } from '../../cost/costModel.js';
import type { KindTime, MeasuredDevice } from '../../cost/devices/device.js';
import { fitDevice, STEPS, type TimedRun } from '../../cost/devices/fitDevice.js';
import { nodeWork } from '../../cost/devices/nodeWork.js';
import { LatencyCost } from '../../cost/latencyCost.js';
import { deviceErrors } from '../../errors/deviceErrors.js';
import { encodeModel } from '../../onnx/encodeModel.js';
import { createRng, type Rng } from '../../random/rng.js';
import { applyPlan } from '../../rewrite/applyPlan.js';
import { leastCost, planCut } from '../../rewrite/plan/planCut.js';
import { foreignNodes } from '../../runtime/foreignNodes.js';
import { withBatch } from '../../runtime/inputShapes.js';
import { type LatencyOptions, median } from '../../runtime/measureLatency.js';
import { profileKernels } from '../../runtime/profileKernels.js';
import { randomInputs } from '../../runtime/randomInputs.js';
import { RUNTIME_VERSION } from '../../runtime/session.js';
import { chosenProviders } from '../chosenProviders.js';
import { analyzeModel, loadWithWeights } from '../loadModel.js';
import type { RuntimeOptions } from '../options.js';
import { checkWritable, writeText } from '../outputPath.js';
import { restage, type Stage } from '../stage.js';
import { timeModel } from '../timeModel.js';
import { calibrationNets } from './calibrationNets.js';
import { kernelsOfNodes, withMarkedNodes } from './kernelsOfNodes.js';

export interface CalibrateOptions extends RuntimeOptions {
  /** Where the device is written. */
  readonly out: string;
  /** What it is called; its processor by default. */
  readonly name?: string;
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  readonly seed?: number;
  /** How long each form of a model is timed, for its kernels and again for whole runs; 400 ms by default. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CalibrationProgress) => void;
}

export interface CalibrationProgress {
  readonly model: string;
  /** From 1. */
  readonly form: number;
  readonly forms: number;
}

/** A model that is timed. */
interface Subject extends Stage {
  readonly name: string;
}

/** Shares of its FLOPs that each model is cut to, at random, so that all widths are seen. */
const SHARES = [1, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2, 0.1] as const;

/**
 * Measures this machine: times the nodes of models in ONNX Runtime, at many widths, finds what each kind of node takes,
 * and writes it to a file that `device` takes.
 *
 * @param paths models whose operators and sizes are like those that matter; without any, built-in ones
 * @example
 * const device = await calibrateDevice(['resnet.onnx'], { out: 'device.json' });
 *
 * @throws DEVICE_UNTIMED where a model does not take random inputs, and what `loadModel` throws
 */
export async function calibrateDevice(paths: readonly string[], options: CalibrateOptions): Promise<MeasuredDevice> {
  const { out, signal, threads, budgetMs = 400 } = options;
  const rng = createRng(options.seed ?? 0);
  const providers = await chosenProviders(options);
  await checkWritable(out);
  const subjects = paths.length === 0 ? await builtInNets(threads) : await loadAll(paths, options);
  const runs: (TimedRun & { readonly stage: Stage })[] = [];
  for (const subject of subjects) {
    for (const [i, share] of SHARES.entries()) {
      signal?.throwIfAborted();
      options.onProgress?.({ model: subject.name, form: i + 1, forms: SHARES.length });
      const form = share === 1 ? subject : await randomForm(subject, share, rng.fork(`${subject.name} ${share}`));
      if (form === undefined) continue;
      const run = await timeForm(form, { threads, providers, budgetMs }, rng.fork('inputs'));
      if (run === undefined) throw deviceErrors.untimed(subject.name);
      runs.push({ ...run, stage: form });
    }
  }
  const device: MeasuredDevice = {
    kind: 'measured',
    name: options.name ?? cpus()[0]?.model.trim() ?? 'this machine',
    ...fitDevice(runs),
    runtime: `onnxruntime-node ${RUNTIME_VERSION}, ${platform()} ${arch()}, ${cpus()[0]?.model.trim() ?? '?'}`,
    threads: threads ?? null,
    providers: providers ?? ['cpu'],
    measuredAt: new Date().toISOString(),
    models: subjects.map(({ name }) => name),
    medianError: 0,
  };
  const errors = runs.map(({ stage, ms }) => Math.abs(predict(stage, device) - ms) / ms);
  const checked = { ...device, medianError: Number(median(errors).toPrecision(3)) };
  await writeText(out, `${JSON.stringify(checked, null, 2)}\n`, signal);
  return checked;
}

async function loadAll(paths: readonly string[], options: CalibrateOptions): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const path of paths) subjects.push({ name: basename(path), ...(await loadWithWeights(path, options)) });
  return subjects;
}

async function builtInNets(threads: number | undefined): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (const { name, model } of calibrationNets()) {
    subjects.push({ name, ...(await analyzeModel(model, undefined, name, { threads })) });
  }
  return subjects;
}

/** A model cut to a share of its FLOPs, each group by a share of its own; undefined where it cannot be cut so far. */
async function randomForm(stage: Stage, share: number, rng: Rng): Promise<Stage | undefined> {
  const { analysis } = stage;
  const cost = new CostModel(analysis, 'flops');
  const limit = share * cost.total(new Uint8Array(analysis.unitCount).fill(1));
  const rules = { maxRatio: 0.95 };
  if (!analysis.groups.some(isPrunable) || leastCost(cost, rules) > limit) return undefined;
  const worth = analysis.groups.map(() => 0.2 + rng.next());
  const importance = Float64Array.from(analysis.groupOf, (group) => worth[group]! * (0.2 + rng.next()));
  const plan = planCut([{ cost, limit }], { ...rules, importance, perSaving: true });
  return restage(stage, await applyPlan(analysis, plan));
}

async function timeForm(stage: Stage, options: LatencyOptions, rng: Rng): Promise<TimedRun | undefined> {
  const { bound } = stage;
  if (foreignNodes(bound.graph.model, bound.unrunnable).size > 0) return undefined;
  const ms = await timeModel(stage, options);
  if (ms === null) return undefined;
  const feeds = randomInputs(bound.graph, withBatch(bound.graph, bound.inputShapes, 1), rng);
  const kernels = await profileKernels(encodeModel(withMarkedNodes(bound)), feeds, options);
  const times = kernelsOfNodes(bound, kernels);
  const mflops = STEPS.map((step) => worksOf(stage, { ...NOTHING, msPerMflop: 1, step }));
  const mb = worksOf(stage, { ...NOTHING, msPerMB: 1 });
  return {
    ms,
    nodes: nodeWork(bound).map(({ node, kind }) => ({
      kind,
      mflops: mflops.map((works) => works.get(node) ?? 0),
      mb: mb.get(node) ?? 0,
      ms: times.get(node) ?? 0,
    })),
  };
}

const NOTHING: KindTime = { overheadMs: 0, msPerMflop: 0, msPerMB: 0, step: 1 };

/** What nodes do, as the time they take on a device that counts one thing. */
function worksOf({ analysis }: Stage, other: KindTime) {
  const device: MeasuredDevice = {
    ...{ kind: 'measured', name: '', runMs: 0, kinds: {}, other, runtime: '', threads: null, providers: [] },
    ...{ measuredAt: '', models: [], medianError: 0 },
  };
  return new LatencyCost(analysis, device).byNode(Float64Array.from(analysis.table.axes, ({ width }) => width));
}

function predict({ analysis }: Stage, device: MeasuredDevice): number {
  return new LatencyCost(analysis, device).total(new Uint8Array(analysis.unitCount).fill(1));
}
