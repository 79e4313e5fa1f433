/** @file Errors of rewriting a model, and of its proof. */
import { MorphError } from './morphError.js';

export const rewriteErrors = {
  cannotDie: (label: string, obstacle: string) =>
    new MorphError({
      code: 'REWRITE_CANNOT_DIE',
      category: 'model',
      where: label,
      what: `the plan leaves groups without any channel, and ${obstacle}`,
      fix: 'keep at least one channel of each of them',
    }),

  sharedConstant: (node: string, other: string, value: string) =>
    new MorphError({
      code: 'REWRITE_SHARED_CONSTANT',
      category: 'model',
      where: node,
      what: `it needs another value of the shape constant '${value}' than ${other}, which reads it too`,
      fix: 'export the model with constant folding, so that each shape has constants of its own',
    }),

  unproven: (label: string, difference: number, limit: number, output: string) =>
    new MorphError({
      code: 'REWRITE_UNPROVEN',
      category: 'verification',
      where: label,
      what: `the rewritten model differs from its reference by ${difference.toExponential(1)} of the largest magnitude of '${output}' (at most ${limit.toExponential(0)} is rounding)`,
      fix: 'nothing was written: this is a defect of onnx-morph, please report it with the model',
    }),

  notANumber: (label: string, output: string) =>
    new MorphError({
      code: 'REWRITE_NOT_A_NUMBER',
      category: 'verification',
      where: label,
      what: `the model gives NaN alone in '${output}' for random inputs, so that nothing can be compared`,
      fix: 'nothing was written: look for infinite masks, roots and logarithms that random inputs do not suit, or for NaN in the weights',
    }),
};
