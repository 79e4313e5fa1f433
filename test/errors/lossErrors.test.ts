import { expect, test } from 'vitest';
import { lossErrors } from '../../src/errors/lossErrors.js';
import type { MorphError } from '../../src/errors/morphError.js';

const FORM =
  'export a function ({ tf, outputs, targets, teacher }) that returns a scalar tensor, or { loss, teacher: true }';

const CASES: Readonly<Record<keyof typeof lossErrors, readonly [MorphError, string, string]>> = {
  unknown: [
    lossErrors.unknown('hinge'),
    'LOSS_UNKNOWN',
    "--loss: 'hinge' is no loss, and no file; give distill, cross-entropy, mse, bce, or the path of a module",
  ],
  moduleExport: [
    lossErrors.moduleExport('loss.js', 'undefined'),
    'LOSS_MODULE_EXPORT',
    `loss.js: its default export is undefined; ${FORM}`,
  ],
  moduleFailed: [
    lossErrors.moduleFailed('loss.js', 'no y'),
    'LOSS_MODULE_FAILED',
    'loss.js: the loss threw: no y; correct the module; what it returns must depend on the outputs, through operators of tf that have gradients',
  ],
  moduleResult: [
    lossErrors.moduleResult('loss.js', 'a promise'),
    'LOSS_MODULE_RESULT',
    `loss.js: the loss gave a promise; ${FORM}`,
  ],
};

test.each(Object.entries(CASES))('%s', (_, [error, code, message]) => {
  expect([error.code, error.category, error.message]).toEqual([code, 'usage', message]);
});
