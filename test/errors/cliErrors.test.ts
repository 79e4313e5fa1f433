import { describe, expect, it } from 'vitest';
import { cliErrors } from '../../src/errors/cliErrors.js';
import type { MorphError } from '../../src/errors/morphError.js';

type Case = readonly [error: MorphError, code: string, exitCode: number, message: string];

const CASES: Readonly<Record<keyof typeof cliErrors, Case>> = {
  usage: [
    cliErrors.usage("unknown option '--jsn'", 'onnx-morph report'),
    'CLI_USAGE',
    2,
    "unknown option '--jsn'; see onnx-morph report --help",
  ],
  notNumber: [
    cliErrors.notNumber('--epochs', 'ten', 'an integer of at least 0'),
    'CLI_NOT_NUMBER',
    2,
    '--epochs: cannot take "ten"; give an integer of at least 0',
  ],
  inputShape: [
    cliErrors.inputShape('x=1,3'),
    'CLI_INPUT_SHAPE',
    2,
    '--input: "x=1,3" is not NAME=SHAPE with dimensions of at least 1; write for example --input x=1x3x224x224',
  ],
  inputTwice: [
    cliErrors.inputTwice('x'),
    'CLI_INPUT_TWICE',
    2,
    '--input: the shape of "x" is given twice; give one shape for each input',
  ],
  aborted: [cliErrors.aborted(), 'CLI_ABORTED', 130, 'stopped; no result was written'],
};

describe('cliErrors', () => {
  it.each(Object.values(CASES))('%s', (error, code, exitCode, message) => {
    expect({ code: error.code, exitCode: error.exitCode, message: error.message }).toEqual({ code, exitCode, message });
  });
});
