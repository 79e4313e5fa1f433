import { type GateOptions, Gates } from '../sparsity/gates.js';
import type { NormOptions } from '../sparsity/normOfUnits.js';
import type { Penalty } from '../sparsity/penalty.js';
import type { PenaltyLayout } from '../sparsity/penaltyLayout.js';
import { ProximalStep } from '../sparsity/proximalStep.js';
import type { Trainer } from './trainer.js';

export interface PenaltyOptions extends NormOptions {
  /** Largest norm of a unit that counts as dead. */
  readonly threshold: number;
  /** In place of a norm. */
  readonly gates?: Omit<GateOptions, 'threshold'> | undefined;
}

/** Puts a penalty on the model of a trainer, for the caller to dispose of. */
export function penaltyOn(trainer: Trainer, layout: PenaltyLayout, options: PenaltyOptions): Penalty {
  const { engine, model } = trainer;
  const { gates, threshold } = options;
  if (gates === undefined) return new ProximalStep(engine, layout, model.parameters, options);
  const made = new Gates(engine, layout, model.parameters, { ...gates, threshold });
  trainer.attach(made);
  return made;
}
