/** @file Errors about losses that users bring. */
import { MorphError } from './morphError.js';

const FORM =
  'export a function ({ tf, outputs, targets, teacher }) that returns a scalar tensor, or { loss, teacher: true }';

export const lossErrors = {
  unknown: (name: string) =>
    new MorphError({
      code: 'LOSS_UNKNOWN',
      category: 'usage',
      where: '--loss',
      what: `'${name}' is no loss, and no file`,
      fix: 'give distill, cross-entropy, mse, bce, or the path of a module',
    }),

  moduleExport: (path: string, found: string) =>
    new MorphError({
      code: 'LOSS_MODULE_EXPORT',
      category: 'usage',
      where: path,
      what: `its default export is ${found}`,
      fix: FORM,
    }),

  moduleFailed: (path: string, detail: string, cause?: unknown) =>
    new MorphError(
      {
        code: 'LOSS_MODULE_FAILED',
        category: 'usage',
        where: path,
        what: `the loss threw: ${detail}`,
        fix: 'correct the module; what it returns must depend on the outputs, through operators of tf that have gradients',
      },
      { cause },
    ),

  moduleResult: (path: string, found: string) =>
    new MorphError({
      code: 'LOSS_MODULE_RESULT',
      category: 'usage',
      where: path,
      what: `the loss gave ${found}`,
      fix: FORM,
    }),
};
