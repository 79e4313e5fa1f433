import type { Tensor } from '@tensorflow/tfjs-core';
import type { CostModel } from '../cost/costModel.js';
import type { PenaltyLayout } from '../sparsity/penaltyLayout.js';
import { ProximalStep } from '../sparsity/proximalStep.js';
import type { DataSet } from './data/index.js';
import { LambdaController } from './lambdaController.js';
import { type EpochOptions, runEpochs, type StepProgress } from './runEpochs.js';
import type { Trainer } from './trainer.js';

export interface ShrinkOptions extends Omit<EpochOptions, 'after' | 'onStep'> {
  /** What the alive cost is to come down to. */
  readonly limit: number;
  /** Fixes λ instead of steering it. */
  readonly lambda?: number | undefined;
  /** Peak learning rate, to guess the first λ from. */
  readonly learningRate: number;
  readonly onProgress: (progress: ShrinkProgress) => void;
}

export interface ShrinkProgress extends StepProgress {
  readonly lambda: number;
  /** λ · Σ w_u n_u / whole cost. */
  readonly penalty: number;
  readonly aliveCost: number;
}

export interface Shrunk {
  /** What the penalty would still have to pull for each unit of the layout to die; exactly 0 where it did. */
  readonly prices: Float64Array;
  readonly lambda: number;
  readonly aliveCost: number;
}

/** Steps between two looks at the norms. */
const LOOK_EVERY = 4;

/** Trains under the resource-weighted penalty, steering λ so that the alive cost reaches the limit. */
export async function shrink(
  trainer: Trainer,
  data: DataSet,
  cost: CostModel,
  layout: PenaltyLayout,
  options: ShrinkOptions,
): Promise<Shrunk> {
  const { analysis } = cost;
  const copies = new Uint8Array(analysis.unitCount).fill(1);
  const whole = cost.total(copies);
  const proximal = new ProximalStep(trainer.engine.tf, layout, trainer.model.parameters);
  try {
    let norms = await readNorms(trainer, proximal);
    let slopes = slopesOf(cost, layout, copies, whole);
    const pull = options.epochs * (data.trainBatches(options.batchSize) ?? 100) * options.learningRate;
    const controller = new LambdaController({ whole, limit: options.limit, pull });
    const control = (done: number) =>
      options.lambda ??
      controller.look({
        done,
        aliveCost,
        priceFor: (wanted) => priceFor(wanted, cost, layout, copies, pricesOf(layout, norms, slopes)),
      });
    let aliveCost = whole;
    let lambda = control(0);
    let reported = lambda;
    let count = 0;
    proximal.update(
      slopes,
      Uint8Array.from(layout.units, () => 1),
    );

    await runEpochs(trainer, data, {
      ...options,
      after: (learningRate) => {
        if (lambda > 0) proximal.apply(learningRate * lambda);
        return [proximal.norms()];
      },
      onStep: async (progress) => {
        count++;
        const tensor = progress.kept[0]!;
        if (count % LOOK_EVERY === 0 || progress.isEpochEnd) {
          norms = (await tensor.data()) as Float32Array;
          layout.units.forEach((unit, u) => {
            if (norms[u] === 0) copies[unit] = 0;
          });
          keepOneAlive(cost, copies);
          aliveCost = cost.total(copies);
          slopes = slopesOf(cost, layout, copies, whole);
          proximal.update(
            slopes,
            Uint8Array.from(layout.units, (unit) => copies[unit]!),
          );
          lambda = control(progress.done);
          if (lambda > 0) reported = lambda;
        }
        tensor.dispose();
        const penalty = lambda * slopes.reduce((sum, slope, u) => sum + slope * norms[u]!, 0);
        options.onProgress({ ...progress, lambda, penalty, aliveCost });
      },
    });
    return { prices: pricesOf(layout, norms, slopes), lambda: reported, aliveCost };
  } finally {
    proximal.dispose();
  }
}

async function readNorms(trainer: Trainer, proximal: ProximalStep): Promise<Float32Array> {
  const tensor: Tensor = proximal.norms();
  await trainer.engine.flush();
  const norms = (await tensor.data()) as Float32Array;
  tensor.dispose();
  return norms;
}

/** `w_u`: ∂cost/∂alive at the present widths, over the whole cost. */
function slopesOf(cost: CostModel, layout: PenaltyLayout, copies: Uint8Array, whole: number): Float64Array {
  const marginal = cost.marginal(cost.widths(copies));
  return Float64Array.from(layout.units, (unit) => marginal[unit]! / whole);
}

/** A group whose units all died keeps its first one in the count, as the cut will. */
function keepOneAlive(cost: CostModel, copies: Uint8Array): void {
  for (const { units, pinned } of cost.analysis.groups) {
    if (pinned === undefined && units.every((unit) => copies[unit] === 0)) copies[units[0]!] = 1;
  }
}

/** A unit with norm n dies when the penalty has pulled `n · dim / w` in all: λ times learning rate, step by step. */
function pricesOf(layout: PenaltyLayout, norms: Float32Array, slopes: Float64Array): Float64Array {
  return Float64Array.from(norms, (norm, u) => (norm * layout.sizes[u]!) / Math.max(slopes[u]!, 1e-12));
}

/** The price of the dearest unit that dies when the cheapest die one by one until the cost is down to `wanted`. */
function priceFor(
  wanted: number,
  cost: CostModel,
  layout: PenaltyLayout,
  copies: Uint8Array,
  prices: Float64Array,
): number {
  const alive = [...prices.keys()].filter((u) => copies[layout.units[u]!] === 1);
  alive.sort((a, b) => prices[a]! - prices[b]!);
  const widths = cost.widths(copies);
  let total = cost.at(widths);
  let price = 0;
  for (const u of alive) {
    if (total <= wanted) break;
    price = prices[u]!;
    total += cost.change(widths, layout.units[u]!, -1);
    cost.apply(widths, layout.units[u]!, -1);
  }
  return price;
}
