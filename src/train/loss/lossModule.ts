/** @file The contract of a loss module: a JavaScript or TypeScript file whose default export is a loss. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { dataErrors } from '../../errors/dataErrors.js';
import { lossErrors } from '../../errors/lossErrors.js';
import { MorphError } from '../../errors/morphError.js';
import type { BoundModel } from '../../ops/bindModel.js';
import type { Tf } from '../../ops/opDef.js';
import { targetsOf } from '../data/dataSet.js';
import { importModule, messageOf } from '../data/importModule.js';
import { floatOutputs } from './distillation.js';
import type { Loss, Objective } from './objective.js';

/** What a loss is calculated from. */
export interface LossArguments {
  /** tf.js, on the engine that trains. */
  readonly tf: Tf;
  /** What the network gives for a batch, by the names of the graph's outputs. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** y of the data, float32 [N, …]; undefined where the data have none. */
  readonly targets?: Tensor;
  /** What the original gives for the same batch, by the same names, where the module asks for it. */
  readonly teacher?: Readonly<Record<string, Tensor>>;
}

/**
 * Gives a scalar. It is called a few times and what it did is repeated from then on, so it must depend on its arguments
 * alone, and read no values.
 */
export type LossFunction = (given: LossArguments) => Tensor;

/**
 * The default export of a loss module.
 *
 * @example
 * ```js
 * export default ({ tf, outputs, targets }) => tf.losses.huberLoss(targets, outputs.y);
 * ```
 */
export type LossModule = LossFunction | { readonly loss: LossFunction; readonly teacher?: boolean };

export interface ImportedLoss {
  readonly loss: LossFunction;
  /** Whether it wants what the original gives. */
  readonly wantsTeacher: boolean;
}

/** @throws LOSS_MODULE_EXPORT, DATA_MODULE_IMPORT, DATA_MODULE_TYPESCRIPT */
export async function importLoss(path: string): Promise<ImportedLoss> {
  const exported = await importModule(path);
  if (typeof exported === 'function') return { loss: exported as LossFunction, wantsTeacher: false };
  const fields = typeof exported === 'object' && exported !== null ? (exported as Record<string, unknown>) : undefined;
  if (typeof fields?.loss !== 'function') {
    const found = fields === undefined ? `${exported === null ? 'null' : typeof exported}` : 'an object without a loss';
    throw lossErrors.moduleExport(path, found);
  }
  return { loss: fields.loss as LossFunction, wantsTeacher: fields.teacher === true };
}

/** @param hasTargets whether the data have y */
export function moduleLoss(path: string, { loss, wantsTeacher }: ImportedLoss, hasTargets: boolean): Loss {
  return {
    name: path,
    measures: [],
    on: (bound) => objectiveOn(bound, path, loss, wantsTeacher, hasTargets),
    blame: (error) => (error instanceof MorphError ? error : lossErrors.moduleFailed(path, messageOf(error), error)),
  };
}

function objectiveOn(
  bound: BoundModel,
  path: string,
  loss: LossFunction,
  wantsTeacher: boolean,
  hasTargets: boolean,
): Objective {
  const values = floatOutputs(bound);
  const named = (tensors: readonly Tensor[]) => Object.fromEntries(values.map(({ name }, i) => [name, tensors[i]!]));
  return {
    values,
    inputCount: (hasTargets ? 1 : 0) + (wantsTeacher ? values.length : 0),
    inputs: (tf, batch) => {
      const targets = targetsOf(batch);
      if (hasTargets && targets === undefined) throw dataErrors.noLabels('a batch', 'training');
      const arrays = [...(hasTargets ? [targets!] : []), ...(wantsTeacher ? (batch.teacher ?? []) : [])];
      return arrays.map(({ data, shape }) => tf.tensor(data, [...shape], 'float32'));
    },
    evaluate: (tf, outputs, inputs) => {
      const [targets, ...rest] = hasTargets ? inputs : [undefined, ...inputs];
      const given: LossArguments = {
        tf,
        outputs: named(outputs),
        ...(targets === undefined ? {} : { targets }),
        ...(wantsTeacher ? { teacher: named(rest as Tensor[]) } : {}),
      };
      return { loss: checked(path, loss(given), tf), measures: {} };
    },
  };
}

function checked(path: string, given: unknown, tf: Tf): Scalar {
  if (given instanceof Promise) throw lossErrors.moduleResult(path, 'a promise');
  if (!(given instanceof tf.Tensor)) throw lossErrors.moduleResult(path, given === null ? 'null' : typeof given);
  if (given.size !== 1) throw lossErrors.moduleResult(path, `a tensor [${given.shape.join(', ')}]`);
  return tf.reshape(given, []) as Scalar;
}
