import { expect, test } from 'vitest';
import type { MorphError } from '../../src/errors/morphError.js';
import { structureErrors } from '../../src/errors/structureErrors.js';

const CASES: Readonly<Record<keyof typeof structureErrors, readonly [MorphError, string, string, string]>> = {
  unreadable: [
    structureErrors.unreadable('s.json', 'ENOENT'),
    'STRUCTURE_UNREADABLE',
    'usage',
    's.json: the structure cannot be read (ENOENT); check the path',
  ],
  malformed: [
    structureErrors.malformed('s.json', 'it is not JSON'),
    'STRUCTURE_MALFORMED',
    'usage',
    's.json: this is no structure (it is not JSON); give a file that --structure-out wrote; see onnx-morph schema structure',
  ],
  mismatch: [
    structureErrors.mismatch('s.json', 'a.onnx', '"c1" has 8 channels, not 16'),
    'STRUCTURE_MISMATCH',
    'usage',
    's.json: it does not fit a.onnx: "c1" has 8 channels, not 16; give the model that the structure was found on, with the same --keep and --input',
  ],
  cycles: [
    structureErrors.cycles('s.json', 3),
    'STRUCTURE_CYCLES',
    'usage',
    's.json: a structure is cut to at once, and --cycles asks for 3; leave out --structure or --cycles',
  ],
  overTarget: [
    structureErrors.overTarget('s.json', 'flops', 200, 100),
    'STRUCTURE_OVER_TARGET',
    'target',
    's.json: the structure costs 200 flops, and --target allows 100; give a target that it holds, or find a structure for this one',
  ],
};

test.each(Object.entries(CASES))('%s says what, where, and what to do', (_, [error, code, category, message]) => {
  expect({ ...error, message: error.message }).toMatchObject({ code, category, message });
});
