import { expect, test } from 'vitest';
import { deviceErrors } from '../../src/errors/deviceErrors.js';
import type { MorphError } from '../../src/errors/morphError.js';

const CASES: Readonly<Record<keyof typeof deviceErrors, readonly [MorphError, string, number, string]>> = {
  unknown: [
    deviceErrors.unknown('abacus', ['k80', 'p4']),
    'DEVICE_UNKNOWN',
    2,
    '--device abacus: there is no such device; use one of k80, p4, or a .json file that onnx-morph calibrate wrote',
  ],
  unreadable: [
    deviceErrors.unreadable('d.json', 'no such file'),
    'DEVICE_UNREADABLE',
    2,
    'd.json: the device cannot be read (no such file); check the path',
  ],
  malformed: [
    deviceErrors.malformed('d.json', 'peakGflops: must be above 0'),
    'DEVICE_MALFORMED',
    2,
    'd.json: this is no device (peakGflops: must be above 0); see what one looks like with: onnx-morph schema device',
  ],
  untimed: [
    deviceErrors.untimed('a.onnx'),
    'DEVICE_UNTIMED',
    3,
    'a.onnx: it cannot be timed: ONNX Runtime does not run it on random inputs; calibrate with another model, or with none',
  ],
};

test.each(Object.entries(CASES))('%s says where, what and what to do', (_, [error, code, exitCode, message]) => {
  expect(error.code).toBe(code);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toBe(message);
});
