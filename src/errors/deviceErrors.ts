/** @file Errors about devices, and the files that describe them. */
import { MorphError } from './morphError.js';

export const deviceErrors = {
  unknown: (name: string, known: readonly string[]) =>
    new MorphError({
      code: 'DEVICE_UNKNOWN',
      category: 'usage',
      where: `--device ${name}`,
      what: 'there is no such device',
      fix: `use one of ${known.join(', ')}, or a .json file that onnx-morph calibrate wrote`,
    }),

  unreadable: (path: string, detail: string) =>
    new MorphError({
      code: 'DEVICE_UNREADABLE',
      category: 'usage',
      where: path,
      what: `the device cannot be read (${detail})`,
      fix: 'check the path',
    }),

  malformed: (path: string, detail: string) =>
    new MorphError({
      code: 'DEVICE_MALFORMED',
      category: 'usage',
      where: path,
      what: `this is no device (${detail})`,
      fix: 'see what one looks like with: onnx-morph schema device',
    }),

  untimed: (model: string) =>
    new MorphError({
      code: 'DEVICE_UNTIMED',
      category: 'model',
      where: model,
      what: 'it cannot be timed: ONNX Runtime does not run it on random inputs',
      fix: 'calibrate with another model, or with none',
    }),
};
