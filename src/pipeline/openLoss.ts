import { trainErrors } from '../errors/trainErrors.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import { augmentData, type DataSet } from '../train/data/index.js';
import { crossEntropyLoss } from '../train/loss/crossEntropy.js';
import { decided, distillationLoss, distilledOutputs, floatOutputs } from '../train/loss/distillation.js';
import { binaryCrossEntropy, meanSquares } from '../train/loss/elementLosses.js';
import { moduleLoss } from '../train/loss/lossModule.js';
import { mixedLoss } from '../train/loss/mixedLoss.js';
import type { Loss } from '../train/loss/objective.js';
import { Teacher } from '../train/loss/teacher.js';
import type { LossKind } from './lossKind.js';
import type { Settings } from './options.js';

/** A loss, and the data that it is calculated on. */
export interface OpenLoss {
  readonly loss: Loss;
  /** Training images changed where asked, with what the original gives for them where the loss compares with it. */
  readonly data: DataSet;
  release(): Promise<void>;
}

/**
 * The loss of a run; where it compares with the original, that one is run for every batch.
 *
 * @param bound the original
 * @throws TRAIN_DISTILL_WEIGHT, TRAIN_NO_FLOAT_OUTPUT
 */
export async function openLoss(
  bound: BoundModel,
  kind: LossKind,
  data: DataSet,
  settings: Settings,
  providers: readonly string[] | undefined,
  rng: Rng,
): Promise<OpenLoss> {
  const { augment, distillWeight, temperature, batchSize, threads } = settings;
  const hasTask = kind.kind !== 'distill' && kind.kind !== 'module';
  if (distillWeight !== undefined && !hasTask) throw trainErrors.distillWeight(kind.kind);
  const distills = kind.kind === 'distill' || (distillWeight ?? 0) > 0;
  const outputs = distills ? distilledOutputs(bound, settings.distill) : [];
  const seen = augment === undefined ? data : augmentData(data, augment);
  const names = kind.kind === 'module' ? taughtNames(bound, kind) : outputs.map(({ value }) => value);
  if (names.length === 0) return { loss: taskLoss(kind, data, settings), data: seen, release: async () => undefined };
  const teacher = await Teacher.open(bound, names, { threads, providers });
  try {
    const spreads = outputs.every(({ kind }) => kind === 'kl')
      ? outputs.map(() => KNOWN)
      : await teacher.spreads(data, batchSize, rng.fork('spread of the outputs'));
    const distill = distillationLoss(
      outputs.map((output, i) => decided(output, spreads[i]!)),
      { temperature, scales: spreads.map(({ variance }) => variance) },
    );
    const loss =
      kind.kind === 'distill'
        ? distill
        : distills
          ? mixedLoss(distill, taskLoss(kind, data, settings), distillWeight ?? 0)
          : taskLoss(kind, data, settings);
    return { loss, data: teacher.teach(seen), release: () => teacher.release() };
  } catch (error) {
    await teacher.release();
    throw error;
  }
}

const KNOWN = { variance: 1, shared: 0 };

function taughtNames(bound: BoundModel, { imported }: LossKind & { readonly kind: 'module' }): readonly string[] {
  return imported.wantsTeacher ? floatOutputs(bound).map(({ name }) => name) : [];
}

function taskLoss(kind: LossKind, data: DataSet, { labelSmoothing }: Settings): Loss {
  switch (kind.kind) {
    case 'cross-entropy':
      return crossEntropyLoss(labelSmoothing);
    case 'mse':
      return meanSquares;
    case 'bce':
      return binaryCrossEntropy;
    case 'module':
      return moduleLoss(kind.path, kind.imported, data.labelled);
    case 'distill':
      throw new Error('distillation has no labels');
  }
}
