/** @file Errors of pruning without training. */
import { MorphError } from './morphError.js';

export const pruneErrors = {
  noNorm: (label: string) =>
    new MorphError({
      code: 'PRUNE_NO_NORM',
      category: 'model',
      where: label,
      what: 'importance bn needs a BatchNormalization, and no channel that can be cut runs through one',
      fix: 'use --importance l2',
    }),
};
