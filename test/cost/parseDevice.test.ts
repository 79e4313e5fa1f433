import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../src/cost/devices/dataSheets.js';
import { parseDevice } from '../../src/cost/devices/parseDevice.js';

const ROOFLINE = { kind: 'roofline', name: 'mine', peakGflops: 10, bandwidthGBps: 2.5, source: 'its sheet' };
const TIME = { overheadMs: 0.001, msPerMflop: 0.05, msPerMB: 0.1, step: 8 };
const MEASURED = {
  ...{ kind: 'measured', name: 'mine', runMs: 0.02, kinds: { Conv: TIME, 'Relu after Conv': TIME }, other: TIME },
  ...{ runtime: 'onnxruntime 1.30', threads: 2, providers: ['cpu'], measuredAt: '2026-01-01T00:00:00Z' },
  ...{ models: ['a.onnx'], medianError: 0.05 },
};

test.each([ROOFLINE, MEASURED, { ...MEASURED, threads: null, kinds: {} }])('reads %o', (device) => {
  expect(parseDevice(JSON.stringify(device), 'd.json')).toEqual(device);
});

test('drops what it does not know, and takes no prototype for a kind', () => {
  const text = JSON.stringify({ ...MEASURED, more: 1 }).replace('"Conv":', '"__proto__":');
  const device = parseDevice(text, 'd.json');
  expect(Object.hasOwn(device, 'more')).toBe(false);
  expect(device.kind === 'measured' && Object.keys(device.kinds)).toEqual(['__proto__', 'Relu after Conv']);
  expect(({} as { overheadMs?: number }).overheadMs).toBeUndefined();
});

describe('refuses', () => {
  test.each<readonly [string, string]>([
    ['', 'it is not JSON'],
    ['{', 'it is not JSON'],
    ['[]', 'it is no object'],
    ['null', 'it is no object'],
    ['{}', 'kind: must be a text'],
    ['{"kind":"abacus"}', "kind: must be 'roofline' or 'measured'"],
    [JSON.stringify({ ...ROOFLINE, name: 7 }), 'name: must be a text'],
    [JSON.stringify({ ...ROOFLINE, peakGflops: 0 }), 'peakGflops: must be a number above 0'],
    [JSON.stringify({ ...ROOFLINE, peakGflops: '10' }), 'peakGflops: must be a number above 0'],
    [JSON.stringify(ROOFLINE).replace('2.5', '1e999'), 'bandwidthGBps: must be a number above 0'],
    [JSON.stringify({ ...MEASURED, runMs: -1 }), 'runMs: must be a number of at least 0'],
    [JSON.stringify({ ...MEASURED, kinds: [] }), 'kinds is no object'],
    [JSON.stringify({ ...MEASURED, kinds: { Conv: 3 } }), 'kinds.Conv is no object'],
    [
      JSON.stringify({ ...MEASURED, kinds: { Conv: { ...TIME, step: 0 } } }),
      'kinds.Conv.step: must be an integer of at least 1',
    ],
    [JSON.stringify({ ...MEASURED, other: { ...TIME, step: 2000 } }), 'other.step: must be at most 1024'],
    [
      JSON.stringify({ ...MEASURED, other: { ...TIME, msPerMB: null } }),
      'other.msPerMB: must be a number of at least 0',
    ],
    [JSON.stringify({ ...MEASURED, threads: 0.5 }), 'threads: must be an integer of at least 1'],
    [JSON.stringify({ ...MEASURED, providers: [1] }), 'providers: must be a list of texts'],
    [`"${'x'.repeat(2 ** 20)}"`, 'it is longer than 1048576 characters'],
  ])('%.60s', (text, detail) => {
    expect(() => parseDevice(text, 'd.json')).toThrow(
      `d.json: this is no device (${detail}); see what one looks like with: onnx-morph schema device`,
    );
  });
});

test('every device by data sheet has a name of its own, and a source', () => {
  const names = DEVICES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const device of DEVICES) {
    expect(parseDevice(JSON.stringify(device), device.name)).toEqual(device);
    expect(device.source.length).toBeGreaterThan(40);
    expect(device.name).toMatch(/^[a-z0-9-]+$/);
  }
  expect(names.slice(0, 6)).toEqual(['k80', 'p4', 't4', 'p100', 'v100', 'tpuv2']);
});
