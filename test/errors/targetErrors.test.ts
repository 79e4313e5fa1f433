import { expect, test } from 'vitest';
import type { MorphError } from '../../src/errors/morphError.js';
import { targetErrors } from '../../src/errors/targetErrors.js';

const CASES: Readonly<Record<keyof typeof targetErrors, readonly [MorphError, string, number, string]>> = {
  malformed: [
    targetErrors.malformed('--target', 'flops'),
    'TARGET_MALFORMED',
    2,
    '--target flops: a budget is RESOURCE=AMOUNT; write for example flops=50%, params=30%, macs=30M, weight-bytes=1.5MB or latency=3ms',
  ],
  unknownResource: [
    targetErrors.unknownResource('--target', 'watts', ['flops', 'params']),
    'TARGET_UNKNOWN_RESOURCE',
    2,
    "--target watts: 'watts' is no resource that can be a target; use one of flops, params",
  ],
  twice: [
    targetErrors.twice('--target', 'flops'),
    'TARGET_TWICE',
    2,
    "--target flops: 'flops' is limited twice; give one --target for each resource",
  ],
  none: [
    targetErrors.none('--target'),
    'TARGET_NONE',
    2,
    '--target: nothing is limited; give at least one budget, as flops=50%',
  ],
  unit: [
    targetErrors.unit('--target', 'latency=5', 'latency', 'us, ms or s'),
    'TARGET_UNIT',
    2,
    '--target latency=5: latency is not measured in that; write a share as latency=50%, or an amount with us, ms or s',
  ],
  noDevice: [
    targetErrors.noDevice(),
    'TARGET_NO_DEVICE',
    2,
    'latency: how long a model takes depends on the device that it runs on; name one with --device',
  ],
  outOfRange: [
    targetErrors.outOfRange('--target', 'flops=0%', 'above 0'),
    'TARGET_OUT_OF_RANGE',
    5,
    '--target flops=0%: the amount must be above 0; write for example flops=50%',
  ],
  unreachable: [
    targetErrors.unreachable('flops', 10, 3000, 101),
    'TARGET_UNREACHABLE',
    5,
    'target flops=10: the model has 3000, and cutting every group down to one channel leaves 101; ask for at least flops=3.4%',
  ],
  missed: [
    targetErrors.missed(3, 3.87654),
    'TARGET_MISSED',
    5,
    'target latency=3ms: the result takes 3.877ms on this machine, the best of all plans that were tried; ask for more, calibrate again on a machine that does nothing else, or go by the prediction (prune --no-latency)',
  ],
  belowCost: [
    targetErrors.belowCost('params', 10, 300),
    'TARGET_BELOW_COST',
    5,
    'widen params=10: the model has 300 already, and widening only adds; ask for more than 300, or cut it with --target',
  ],
  nothingPrunable: [
    targetErrors.nothingPrunable('a.onnx', "graph output 'y'"),
    'TARGET_NOTHING_PRUNABLE',
    5,
    "a.onnx: no channel can be changed (graph output 'y'); see what holds them with: onnx-morph explain MODEL.onnx",
  ],
};

test('the least number of channels is part of the message', () => {
  expect(targetErrors.unreachable('flops', 10, 3000, 101, 0).message).toBe(
    'target flops=10: the model has 3000, and letting every group die that the outputs can do without, and cutting the others down to one channel leaves 101; ask for at least flops=3.4%',
  );
  expect(targetErrors.unreachable('flops', 10, 3000, 101, 4).message).toContain('down to 4 channels leaves 101;');
  expect(targetErrors.unreachable('flops', 10, 3000, 101, 1, ['--max-ratio 0.5', '--round 8']).message).toBe(
    'target flops=10: the model has 3000, and cutting every group down to one channel, within --max-ratio 0.5 and --round 8, leaves 101; ask for at least flops=3.4%',
  );
});

test('milliseconds are no whole numbers', () => {
  expect(targetErrors.unreachable('latency', 0.123456, 3.25, 0.2).message).toBe(
    'target latency=0.1235ms: the model has 3.25ms, and cutting every group down to one channel leaves 0.2ms; ask for at least latency=6.2%',
  );
});

test.each(Object.entries(CASES))('%s says where, what and what to do', (_, [error, code, exitCode, message]) => {
  expect(error.code).toBe(code);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toBe(message);
});
