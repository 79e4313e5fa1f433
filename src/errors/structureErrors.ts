/** @file Errors about structures: files that say which channels are left. */
import { MorphError } from './morphError.js';

export const structureErrors = {
  unreadable: (path: string, detail: string) =>
    new MorphError({
      code: 'STRUCTURE_UNREADABLE',
      category: 'usage',
      where: path,
      what: `the structure cannot be read (${detail})`,
      fix: 'check the path',
    }),

  malformed: (path: string, detail: string) =>
    new MorphError({
      code: 'STRUCTURE_MALFORMED',
      category: 'usage',
      where: path,
      what: `this is no structure (${detail})`,
      fix: 'give a file that --structure-out wrote; see onnx-morph schema structure',
    }),

  mismatch: (path: string, model: string, detail: string) =>
    new MorphError({
      code: 'STRUCTURE_MISMATCH',
      category: 'usage',
      where: path,
      what: `it does not fit ${model}: ${detail}`,
      fix: 'give the model that the structure was found on, with the same --keep and --input',
    }),

  cycles: (path: string, cycles: number) =>
    new MorphError({
      code: 'STRUCTURE_CYCLES',
      category: 'usage',
      where: path,
      what: `a structure is cut to at once, and --cycles asks for ${cycles}`,
      fix: 'leave out --structure or --cycles',
    }),

  overTarget: (path: string, resource: string, cost: number, limit: number) =>
    new MorphError({
      code: 'STRUCTURE_OVER_TARGET',
      category: 'target',
      where: path,
      what: `the structure costs ${cost} ${resource}, and --target allows ${limit}`,
      fix: 'give a target that it holds, or find a structure for this one',
    }),
};
