import type { BoundModel } from '../ops/bindModel.js';
import { endsInSigmoid } from '../train/loss/elementLosses.js';
import type { LossKind } from './lossKind.js';

/** What one element of the first output loses by its target. */
export type ElementLoss = (output: number, target: number) => number;

/** Keeps a probability of float32 that came out as 0 or 1 from an infinite loss. */
const SMALLEST_PROBABILITY = 1e-7;

/** The loss of each element of the first output; undefined where the loss is none of single elements. */
export function elementLoss(bound: BoundModel, { kind }: LossKind): ElementLoss | undefined {
  switch (kind) {
    case 'mse':
      return (output, target) => (output - target) ** 2;
    case 'bce':
      return endsInSigmoid(bound) ? byProbability : byLogit;
    default:
      return undefined;
  }
}

function byProbability(output: number, target: number): number {
  const p = Math.min(1 - SMALLEST_PROBABILITY, Math.max(SMALLEST_PROBABILITY, output));
  return -target * Math.log(p) - (1 - target) * Math.log(1 - p);
}

function byLogit(output: number, target: number): number {
  return Math.max(output, 0) - output * target + Math.log1p(Math.exp(-Math.abs(output)));
}
