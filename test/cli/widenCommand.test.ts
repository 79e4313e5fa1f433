import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WidenOptions, WidenResult } from '../../src/index.js';
import { morphTable } from '../../src/report/morphTable.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { SAMPLE_WIDENED } from '../report/sampleResults.js';
import { violations } from '../report/structuralCheck.js';
import { recorder, runInTest } from './runInTest.js';

describe('onnx-morph widen', () => {
  it('hands on its options, and prints its table', async () => {
    const { calls, call } = recorder<WidenOptions, WidenResult>(SAMPLE_WIDENED);
    const outcome = await runInTest(
      [
        'widen',
        'm.onnx',
        '--to',
        'flops=150%',
        '--out',
        'o.onnx',
        '--seed',
        '3',
        '--input',
        'x=1x3',
        '--keep',
        'a*',
        '--widen-init',
        'random',
        '--round',
        '8',
        '--threads',
        '2',
        '--provider',
        'webgpu',
      ],
      { library: { widen: call } },
    );
    expect(outcome).toEqual({ exitCode: 0, stdout: morphTable(SAMPLE_WIDENED), stderr: '' });
    const options = {
      to: [{ resource: 'flops', share: 1.5 }],
      out: 'o.onnx',
      seed: 3,
      inputShapes: { x: [1, 3] },
      keep: ['a*'],
      round: 8,
      widenInit: 'random',
      threads: 2,
      provider: 'webgpu',
    };
    expect(calls).toEqual([['m.onnx', { ...options, signal: expect.any(AbortSignal) }]]);
  });

  it('needs to know how wide', async () => {
    const { exitCode, stderr } = await runInTest(['widen', 'm.onnx', '--out', 'o.onnx']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: "error: required option '--to <budget>' not specified; see onnx-morph widen --help\n",
    });
  });
});

describe('onnx-morph widen, with the library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('makes a wider model, and an object that its schema describes', async () => {
    const out = join(folder, 'wide.onnx');
    const args = ['widen', 'fixtures/models/vgg.onnx', '--to', 'params=150%', '--out', out, '--json'];
    const { exitCode, stdout, stderr } = await runInTest(args);
    const result = JSON.parse(stdout);
    expect({ exitCode, violations: violations(result, SCHEMAS.widen) }).toEqual({ exitCode: 0, violations: [] });
    expect(stderr).toBe('');
    expect(result.output.params).toBeGreaterThan(result.input.params);
    expect(result.output.params).toBeLessThanOrEqual(result.target.limit);
  });
});
