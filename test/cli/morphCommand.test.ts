import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { MorphOptions, MorphResult } from '../../src/index.js';
import { MORPH_DEFAULTS } from '../../src/index.js';
import { morphTable } from '../../src/report/morphTable.js';
import { SCHEMAS } from '../../src/report/schemas.js';
import { SAMPLE_MORPHED, SAMPLE_PROGRESS } from '../report/sampleResults.js';
import { violations } from '../report/structuralCheck.js';
import { recorder, runInTest } from './runInTest.js';

const REQUIRED = ['morph', 'm.onnx', '--data', 'd.npz', '--target', 'flops=50%', '--out', 'o.onnx'];

const recorded = () => recorder<MorphOptions, MorphResult>(SAMPLE_MORPHED);

describe('onnx-morph morph', () => {
  it('calls the library with its defaults', async () => {
    const { calls, call } = recorded();
    const { signal } = new AbortController();
    await runInTest(REQUIRED, { library: { morph: call }, signal });
    expect(calls).toEqual([
      [
        'm.onnx',
        {
          ...MORPH_DEFAULTS,
          data: 'd.npz',
          target: [{ resource: 'flops', share: 0.5 }],
          out: 'o.onnx',
          signal,
          onProgress: expect.any(Function),
        },
      ],
    ]);
    expect(calls[0]![1].signal).toBe(signal);
  });

  it('hands on every option', async () => {
    const { calls, call } = recorded();
    const options = [
      ['--widen', 'params=120%'],
      ['--cycles', '3'],
      ['--widen-init', 'random'],
      ['--penalty', 'group-lasso'],
      ['--lambda', '0.5'],
      ['--shrink-epochs', '3'],
      ['--epochs', '0'],
      ['--batch-size', '32'],
      ['--learning-rate', '1e-3'],
      ['--optimizer', 'adamw'],
      ['--momentum', '0.8'],
      ['--weight-decay', '0'],
      ['--clip-norm', '2.5'],
      ['--bn-batches', '16'],
      ['--label-smoothing', '0.2'],
      ['--loss', 'loss.mjs'],
      ['--distill', 'kl'],
      ['--distill-weight', '0.25'],
      ['--temperature', '3'],
      ['--log-dir', 'log'],
      ['--retrain', 'scratch'],
      ['--augment', 'crop=0.5,shift=2,flip'],
      ['--structure-out', 'found.json'],
      ['--structure', 'given.json'],
      ['--checkpoint', 'kept'],
      ['--checkpoint-seconds', '2.5'],
      ['--resume'],
      ['--l1-fraction', '0.25'],
      ['--threshold', '0.01'],
      ['--gate-temperature', '0.25'],
      ['--gate-anneal', '0.05'],
      ['--gate-straight-through'],
      ['--gate-learning-rate', '20'],
      ['--gate-per', 'layer'],
      ['--join', 'max'],
      ['--seed', '7'],
      ['--engine', 'onnxruntime'],
      ['--threads', '2'],
      ['--provider', 'cuda,cpu'],
      ['--input', 'x=1x1x8x8'],
      ['--input', 'z=1x4'],
      ['--scale', '1/16'],
      ['--mean', '0.5,0.25'],
      ['--std', '2'],
      ['--keep', '/head/*'],
      ['--keep', 'y'],
      ['--round', '8'],
      ['--max-ratio', '0.5'],
      ['--min-channels', '4'],
    ];
    await runInTest([...REQUIRED, ...options.flat()], { library: { morph: call } });
    expect(calls[0]![1]).toEqual({
      data: 'd.npz',
      out: 'o.onnx',
      target: [{ resource: 'flops', share: 0.5 }],
      widen: [{ resource: 'params', share: 1.2 }],
      cycles: 3,
      widenInit: 'random',
      penalty: 'group-lasso',
      l1Fraction: 0.25,
      threshold: 0.01,
      gateTemperature: 0.25,
      gateAnneal: 0.05,
      gateStraightThrough: true,
      gateLearningRate: 20,
      gatePer: 'layer',
      join: 'max',
      lambda: 0.5,
      shrinkEpochs: 3,
      epochs: 0,
      batchSize: 32,
      learningRate: 0.001,
      optimizer: 'adamw',
      momentum: 0.8,
      weightDecay: 0,
      clipNorm: 2.5,
      bnBatches: 16,
      labelSmoothing: 0.2,
      loss: 'loss.mjs',
      distill: 'kl',
      distillWeight: 0.25,
      temperature: 3,
      logDir: 'log',
      retrain: 'scratch',
      augment: { crop: 0.5, shift: 2, flip: true },
      structureOut: 'found.json',
      structure: 'given.json',
      checkpoint: 'kept',
      checkpointSeconds: 2.5,
      resume: true,
      seed: 7,
      engine: 'onnxruntime',
      threads: 2,
      provider: 'cuda,cpu',
      keep: ['/head/*', 'y'],
      round: 8,
      maxRatio: 0.5,
      minChannels: 4,
      inputShapes: { x: [1, 1, 8, 8], z: [1, 4] },
      dataOptions: { normalisation: { scale: 1 / 16, mean: [0.5, 0.25], std: [2] } },
      signal: expect.any(AbortSignal),
      onProgress: expect.any(Function),
    });
  });

  it('prints its table on stdout', async () => {
    const outcome = await runInTest(REQUIRED, { library: { morph: recorded().call } });
    expect(outcome).toEqual({ exitCode: 0, stdout: morphTable(SAMPLE_MORPHED), stderr: '' });
  });

  it('prints one object on stdout with --json', async () => {
    const { stdout, stderr } = await runInTest([...REQUIRED, '--json'], { library: { morph: recorded().call } });
    expect(JSON.parse(stdout)).toEqual(SAMPLE_MORPHED);
    expect(stderr).toBe('');
  });

  it('tells of each epoch on a line of its own where there is no terminal', async () => {
    const morph = async (_: string, { onProgress }: MorphOptions) => {
      onProgress?.(SAMPLE_PROGRESS);
      onProgress?.({ ...SAMPLE_PROGRESS, isEpochEnd: true });
      return SAMPLE_MORPHED;
    };
    const { stderr } = await runInTest(REQUIRED, { library: { morph } });
    expect(stderr).toBe(
      'shrink  3/20  loss 0.412  penalty 0.083  flops 4.21M/3.24M  λ 1.20  81.0 ms/step  2 min 10 s left\n',
    );
  });

  it('clears the line it draws on before it tells an error', async () => {
    const morph = async (_: string, { onProgress, signal }: MorphOptions): Promise<MorphResult> => {
      onProgress?.(SAMPLE_PROGRESS);
      controller.abort();
      signal?.throwIfAborted();
      return SAMPLE_MORPHED;
    };
    const controller = new AbortController();
    const terminal = { library: { morph }, signal: controller.signal, isTTY: true, columns: 80 };
    expect(await runInTest([...REQUIRED, '--json'], terminal)).toEqual({
      exitCode: 130,
      stdout: '',
      stderr:
        '\r\u001b[2Kshrink  3/20  loss 0.412  penalty 0.083  flops 4.21M/3.24M  2 min 10 s left' +
        '\r\u001b[2Kerror: stopped; no result was written\n',
    });
  });

  it.each([
    [['--target', 'flops=0%'], 5, '--target flops=0%: the amount must be above 0 %; write for example flops=50%'],
    [
      ['--target', 'flops=101%'],
      5,
      '--target flops=101%: the amount must be above 0 % and at most 100 %; write for example flops=50%',
    ],
    [
      ['--target', 'time=5'],
      2,
      "--target time: 'time' is no resource that can be a target; use one of flops, macs, params, weight-bytes, activation-bytes, peak-activation-bytes, latency",
    ],
    [['--max-ratio', '1.5'], 2, '--max-ratio: cannot take "1.5"; give a number above 0 and at most 1'],
    [['--clip-norm', '0'], 2, '--clip-norm: cannot take "0"; give a number above 0'],
    [['--round', '0'], 2, '--round: cannot take "0"; give an integer of at least 1'],
    [['--epochs', '-1'], 2, '--epochs: cannot take "-1"; give an integer of at least 0'],
    [
      ['--penalty', 'lasso'],
      2,
      "option '--penalty <kind>' argument 'lasso' is invalid. Allowed choices are auto, gamma, group-lasso, gates; " +
        'see onnx-morph morph --help',
    ],
    [['--scale', '0'], 4, '--scale: is 0, which makes all samples equal; give another number, as 1/255'],
    [['--jsn'], 2, "unknown option '--jsn' (Did you mean --json?); see onnx-morph morph --help"],
  ])('%j ends with %d before any work is done', async (args, exitCode, message) => {
    const { calls, call } = recorded();
    const outcome = await runInTest([...REQUIRED, ...args], { library: { morph: call } });
    expect(outcome).toEqual({ exitCode, stdout: '', stderr: `error: ${message}\n` });
    expect(calls).toEqual([]);
  });

  it('needs a target or a structure', async () => {
    const args = ['morph', 'm.onnx', '--data', 'd.npz', '--out', 'o.onnx'];
    const outcome = await runInTest(args);
    const stderr = 'error: --target: nothing is limited; give at least one budget, as flops=50%\n';
    expect(outcome).toMatchObject({ exitCode: 2, stderr });
    const { calls, call } = recorded();
    await runInTest([...args, '--structure', 's.json'], { library: { morph: call } });
    expect(calls).toMatchObject([['m.onnx', { structure: 's.json' }]]);
    expect(calls[0]?.[1]).not.toHaveProperty('target');
  });

  it.each(['--data', '--out'])('needs %s', async (option) => {
    const at = REQUIRED.indexOf(option);
    const { exitCode, stderr } = await runInTest(REQUIRED.filter((_, i) => i !== at && i !== at + 1));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`^error: required option '${option} <\\w+>' not specified; see onnx-morph morph --help\n$`),
    );
  });

  it('shows the defaults in its help', async () => {
    const { exitCode, stdout } = await runInTest(['morph', '--help'], { columns: 200 });
    expect(exitCode).toBe(0);
    for (const [option, value] of Object.entries(MORPH_DEFAULTS)) {
      const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} `;
      const line = stdout.split('\n').find((text) => text.trim().startsWith(flag));
      expect(line, flag).toContain(`default: ${JSON.stringify(value)})`);
    }
  });
});

describe('onnx-morph morph, with the library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('makes a smaller model, and an object that its schema describes', async () => {
    const out = join(folder, 'small.onnx');
    const { exitCode, stdout, stderr } = await runInTest([
      ...['morph', 'fixtures/digits-vgg.onnx', '--data', 'fixtures/digits.npz', '--scale', '1/16', '--out', out],
      ...['--target', 'params=70%', '--shrink-epochs', '1', '--epochs', '1', '--engine', 'onnxruntime', '--json'],
    ]);
    const result = JSON.parse(stdout);
    expect({ exitCode, violations: violations(result, SCHEMAS.morph) }).toEqual({ exitCode: 0, violations: [] });
    expect(result.output.path).toBe(out);
    expect(stderr.split('\n').map((line) => line.slice(0, 13))).toEqual(
      expect.arrayContaining(['shrink 1/1  l', 'fine-tune 1/1']),
    );
    const report = JSON.parse((await runInTest(['report', out, '--json'])).stdout);
    expect({ ...report.totals, fileBytes: report.fileBytes }).toMatchObject({
      ...{ flops: result.output.flops, macs: result.output.macs, params: result.output.params },
      fileBytes: result.output.fileBytes,
    });
    expect(result.output.params).toBeLessThanOrEqual(result.target.limit);
  });
});
