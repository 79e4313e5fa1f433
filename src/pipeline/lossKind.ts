import { stat } from 'node:fs/promises';
import { lossErrors } from '../errors/lossErrors.js';
import { type ImportedLoss, importLoss } from '../train/loss/lossModule.js';
import { LOSSES, type LossChoice } from './options.js';

/** A loss that was asked for, or that the data decided on. */
export type LossKind =
  | { readonly kind: 'cross-entropy' | 'distill' | 'mse' | 'bce' }
  | { readonly kind: 'module'; readonly path: string; readonly imported: ImportedLoss };

/**
 * What `--loss` names; undefined where it is left out.
 *
 * @throws LOSS_UNKNOWN, and what {@link importLoss} throws
 */
export async function findLossKind(choice: LossChoice | undefined): Promise<LossKind | undefined> {
  if (choice === undefined) return undefined;
  const kind = LOSSES.find((name) => name === choice);
  if (kind !== undefined) return { kind };
  if (!(await isFile(choice))) throw lossErrors.unknown(choice);
  return { kind: 'module', path: choice, imported: await importLoss(choice) };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
