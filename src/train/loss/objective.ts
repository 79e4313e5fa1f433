/** @file What training makes small. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Value } from '../../graph/graph.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Tf } from '../../ops/opDef.js';
import type { Batch } from '../data/index.js';

/** A loss on one form of the network. */
export interface Objective {
  /** Values of the graph that it is calculated from. */
  readonly values: readonly Value[];
  /** Tensors that {@link Objective.inputs} gives, for every batch. */
  readonly inputCount: number;
  /** What a step takes of a batch beside its samples. @throws DATA_NO_LABELS */
  inputs(tf: Tf, batch: Batch): Tensor[];
  /**
   * Runs inside a step that is recorded: it may depend on its arguments alone.
   *
   * @param values by {@link Objective.values}
   * @param inputs what {@link Objective.inputs} gave
   */
  evaluate(tf: Tf, values: readonly Tensor[], inputs: readonly Tensor[]): Evaluated;
}

export interface Evaluated {
  readonly loss: Scalar;
  /** Scalars to follow the training by, without gradients. */
  readonly measures: Readonly<Record<string, Tensor>>;
}

/** A loss, for every form that the network takes on its way. */
export interface Loss {
  /** How results call it. */
  readonly name: string;
  /** Names of the measures, as logs have them. */
  readonly measures: readonly string[];
  /** Length that gradients are cut down to where none is asked for; unlimited by default. */
  readonly clipNorm?: number | undefined;
  on(bound: BoundModel): Objective;
  /** What to tell of an error that came while gradients were taken; the error itself by default. */
  blame?(error: unknown): unknown;
}
