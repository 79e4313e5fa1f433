import type { Device } from '../cost/devices/device.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import { foreignNodes } from '../runtime/foreignNodes.js';
import { withBatch } from '../runtime/inputShapes.js';
import { type LatencyOptions, measureLatency } from '../runtime/measureLatency.js';
import { chosenProviders } from './chosenProviders.js';
import type { Budgets, RuntimeOptions } from './options.js';

/** How long a model is timed beside the original, again for each plan that is tried. */
const BUDGET_MS = 800;

/** Where models are timed: as they are told, else as the device was measured. */
export async function timingOptions(options: RuntimeOptions, device: Device | undefined): Promise<LatencyOptions> {
  const measured = device?.kind === 'measured' ? device : undefined;
  const isOnCpu = measured?.providers.every((name) => name === 'cpu') !== false;
  return {
    threads: options.threads ?? measured?.threads ?? undefined,
    providers: await chosenProviders({ provider: options.provider ?? (isOnCpu ? undefined : measured?.providers) }),
  };
}

/** Times the forms of one model, each in turn with the original, so that a machine that drifts does as little harm as can be. */
export class LatencyTimer {
  private constructor(
    private readonly original: BoundModel,
    private readonly rng: Rng,
    private readonly options: LatencyOptions,
    /** What the original takes, in milliseconds. */
    readonly wholeMs: number,
  ) {}

  /**
   * A timer for budgets of latency on a device that was measured.
   *
   * @returns null where none of the budgets is one, or the model does not take random inputs
   */
  static async create(
    original: BoundModel,
    budgets: Budgets,
    device: Device | undefined,
    rng: Rng,
    options: LatencyOptions,
  ): Promise<LatencyTimer | null> {
    const list = 'resource' in budgets ? [budgets] : budgets;
    if (device?.kind !== 'measured' || !list.some(({ resource }) => resource === 'latencyMs')) return null;
    const { graph, unrunnable } = original;
    if (foreignNodes(graph.model, unrunnable).size > 0) return null;
    const timing = { ...options, budgetMs: BUDGET_MS };
    const [wholeMs] = await measure(original, [graph.model], rng, timing);
    return wholeMs === undefined ? null : new LatencyTimer(original, rng, timing, wholeMs);
  }

  /** What a model takes, on the machine as it was when the original was timed first. */
  async time(model: ModelProto): Promise<number> {
    const models = [this.original.graph.model, model];
    const [whole = this.wholeMs, ms = Number.NaN] = await measure(this.original, models, this.rng, this.options);
    return (ms * this.wholeMs) / whole;
  }
}

function measure(
  { graph, inputShapes }: BoundModel,
  models: readonly ModelProto[],
  rng: Rng,
  options: LatencyOptions,
): Promise<readonly number[]> {
  const shapes = withBatch(graph, inputShapes, 1);
  return measureLatency(models.map(encodeModel), graph, shapes, rng, options);
}
