import { expect, test } from 'vitest';
import { pruneErrors } from '../../src/errors/pruneErrors.js';

test('noNorm says where, what and what to do', () => {
  const error = pruneErrors.noNorm('a.onnx');
  expect([error.code, error.exitCode, error.message]).toEqual([
    'PRUNE_NO_NORM',
    3,
    'a.onnx: importance bn needs a BatchNormalization, and no channel that can be cut runs through one; use --importance l2',
  ]);
});
