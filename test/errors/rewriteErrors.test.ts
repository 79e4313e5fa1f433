import { expect, test } from 'vitest';
import type { MorphError } from '../../src/errors/morphError.js';
import { rewriteErrors } from '../../src/errors/rewriteErrors.js';

const CASES: Readonly<Record<keyof typeof rewriteErrors, readonly [MorphError, string, number, string]>> = {
  cannotDie: [
    rewriteErrors.cannotDie('a.onnx', "node 'b' (Concat) would join a constant with channels"),
    'REWRITE_CANNOT_DIE',
    3,
    "a.onnx: the plan leaves groups without any channel, and node 'b' (Concat) would join a constant with channels; keep at least one channel of each of them",
  ],
  sharedConstant: [
    rewriteErrors.sharedConstant("node 'b' (Reshape)", "node 'a' (Reshape)", 'shape'),
    'REWRITE_SHARED_CONSTANT',
    3,
    "node 'b' (Reshape): it needs another value of the shape constant 'shape' than node 'a' (Reshape), which reads it too; export the model with constant folding, so that each shape has constants of its own",
  ],
  unproven: [
    rewriteErrors.unproven('a.onnx', 0.0123, 1e-4, 'logits'),
    'REWRITE_UNPROVEN',
    6,
    "a.onnx: the rewritten model differs from its reference by 1.2e-2 of the largest magnitude of 'logits' (at most 1e-4 is rounding); nothing was written: this is a defect of onnx-morph, please report it with the model",
  ],
  notANumber: [
    rewriteErrors.notANumber('a.onnx', 'logits'),
    'REWRITE_NOT_A_NUMBER',
    6,
    "a.onnx: the model gives NaN alone in 'logits' for random inputs, so that nothing can be compared; nothing was written: look for infinite masks, roots and logarithms that random inputs do not suit, or for NaN in the weights",
  ],
};

test.each(Object.entries(CASES))('%s says where, what and what to do', (_, [error, code, exitCode, message]) => {
  expect(error.code).toBe(code);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toBe(message);
});
