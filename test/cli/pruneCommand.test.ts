import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PRUNE_DEFAULTS, type PruneOptions, type PruneResult } from '../../src/index.js';
import { pruneTable } from '../../src/report/pruneTable.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { SAMPLE_PRUNED } from '../report/sampleResults.js';
import { violations } from '../report/structuralCheck.js';
import { recorder, runInTest } from './runInTest.js';

const REQUIRED = ['prune', 'm.onnx', '--target', 'flops=50%', '--out', 'o.onnx'];
const recorded = () => recorder<PruneOptions, PruneResult>(SAMPLE_PRUNED);

describe('onnx-morph prune', () => {
  it('calls the library with its defaults, and prints its table', async () => {
    const { calls, call } = recorded();
    const outcome = await runInTest(REQUIRED, { library: { prune: call } });
    expect(outcome).toEqual({ exitCode: 0, stdout: pruneTable(SAMPLE_PRUNED), stderr: '' });
    const target = [{ resource: 'flops', share: 0.5 }];
    // How much of a group may be cut depends on whether groups may die.
    const { maxRatio: _, ...defaults } = PRUNE_DEFAULTS;
    expect(calls).toEqual([['m.onnx', { ...defaults, target, out: 'o.onnx', signal: expect.any(AbortSignal) }]]);
  });

  it('hands on every option', async () => {
    const { calls, call } = recorded();
    const options = [
      ['--importance', 'fpgm'],
      ['--reduce', 'max'],
      ['--scope', 'local'],
      ['--round', '8'],
      ['--keep', '/head/*'],
      ['--keep', 'y'],
      ['--max-ratio', '0.5'],
      ['--min-channels', '4'],
      ['--calibrate', 'd.npz'],
      ['--bn-batches', '3'],
      ['--structure-out', 's.json'],
      ['--scale', '1/255'],
      ['--input', 'x=1x3'],
      ['--seed', '7'],
      ['--threads', '2'],
      ['--provider', 'dml'],
    ];
    const { stdout } = await runInTest([...REQUIRED, ...options.flat(), '--json'], { library: { prune: call } });
    expect(JSON.parse(stdout)).toEqual(SAMPLE_PRUNED);
    expect(calls[0]![1]).toEqual({
      target: [{ resource: 'flops', share: 0.5 }],
      out: 'o.onnx',
      importance: 'fpgm',
      reduce: 'max',
      scope: 'local',
      round: 8,
      keep: ['/head/*', 'y'],
      maxRatio: 0.5,
      minChannels: 4,
      calibrate: 'd.npz',
      bnBatches: 3,
      structureOut: 's.json',
      dataOptions: { normalisation: { scale: 1 / 255, mean: [0], std: [1] } },
      inputShapes: { x: [1, 3] },
      seed: 7,
      threads: 2,
      provider: 'dml',
      signal: expect.any(AbortSignal),
    });
  });

  it.each([
    [['--max-ratio', '0'], '--max-ratio: cannot take "0"; give a number above 0 and at most 1'],
    [['--round', '1.5'], '--round: cannot take "1.5"; give an integer of at least 1'],
    [['--bn-batches', '-1'], '--bn-batches: cannot take "-1"; give an integer of at least 0'],
    [['--min-channels', '-1'], '--min-channels: cannot take "-1"; give an integer of at least 0'],
    [
      ['--importance', 'taylor'],
      "option '--importance <measure>' argument 'taylor' is invalid. " +
        'Allowed choices are l1, l2, bn, lamp, fpgm, random; see onnx-morph prune --help',
    ],
  ])('%j ends with 2 before any work is done', async (args, message) => {
    const { calls, call } = recorded();
    const outcome = await runInTest([...REQUIRED, ...args], { library: { prune: call } });
    expect(outcome).toEqual({ exitCode: 2, stdout: '', stderr: `error: ${message}\n` });
    expect(calls).toEqual([]);
  });

  it.each(['--target', '--out'])('needs %s', async (option) => {
    const at = REQUIRED.indexOf(option);
    const { exitCode, stderr } = await runInTest(REQUIRED.filter((_, i) => i !== at && i !== at + 1));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`required option '${option} <`);
  });
});

describe('onnx-morph prune, with the library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('makes a smaller model, and an object that its schema describes', async () => {
    const out = join(folder, 'small.onnx');
    const args = [
      'prune',
      'fixtures/digits-resnet8.onnx',
      '--target',
      'params=60%',
      '--out',
      out,
      '--round',
      '4',
      '--json',
    ];
    const { exitCode, stdout, stderr } = await runInTest([
      ...args,
      '--calibrate',
      'fixtures/digits.npz',
      '--scale',
      '1/16',
    ]);
    const result = JSON.parse(stdout);
    expect({ exitCode, stderr, violations: violations(result, SCHEMAS.prune) }).toEqual({
      ...{ exitCode: 0, stderr: '', violations: [] },
    });
    expect(result.output.params).toBeLessThanOrEqual(result.target.limit);
    const report = JSON.parse((await runInTest(['report', out, '--json'])).stdout);
    expect(report.totals.params).toBe(result.output.params);
  });

  it('tells names that come near a pattern that matches nothing', async () => {
    const args = ['prune', 'fixtures/digits-vgg.onnx', '--target', 'params=60%', '--out', join(folder, 'a.onnx')];
    expect(await runInTest([...args, '--keep', '/c9/Conv'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'error: --keep /c9/Conv: no node and no value of the model has such a name; ' +
        'names that come near: /c1/Conv, /c2/Conv, /c3/Conv\n',
    });
  });
});
