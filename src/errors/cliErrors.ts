/** @file Errors about how the command was called. */
import { MorphError } from './morphError.js';

export const cliErrors = {
  /** What the parser of the command line says, on one line. */
  usage: (detail: string, command: string) =>
    new MorphError({ code: 'CLI_USAGE', category: 'usage', what: detail, fix: `see ${command} --help` }),

  notNumber: (option: string, text: string, expected: string) =>
    new MorphError({
      code: 'CLI_NOT_NUMBER',
      category: 'usage',
      where: option,
      what: `cannot take ${JSON.stringify(text)}`,
      fix: `give ${expected}`,
    }),

  inputShape: (text: string) =>
    new MorphError({
      code: 'CLI_INPUT_SHAPE',
      category: 'usage',
      where: '--input',
      what: `${JSON.stringify(text)} is not NAME=SHAPE with dimensions of at least 1`,
      fix: 'write for example --input x=1x3x224x224',
    }),

  inputTwice: (name: string) =>
    new MorphError({
      code: 'CLI_INPUT_TWICE',
      category: 'usage',
      where: '--input',
      what: `the shape of ${JSON.stringify(name)} is given twice`,
      fix: 'give one shape for each input',
    }),

  aborted: () =>
    new MorphError({ code: 'CLI_ABORTED', category: 'aborted', what: 'stopped', fix: 'no result was written' }),
};
