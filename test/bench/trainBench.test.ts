import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
const script = join(folder, 'test/bench/trainBench.mjs');

beforeAll(() => {
  const tsc = resolve('node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(folder, 'dist')]);
  cpSync('package.json', join(folder, 'package.json'));
  cpSync('test/bench', join(folder, 'test/bench'), { recursive: true });
  symlinkSync(resolve('proto'), join(folder, 'proto'), 'junction');
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

it('engines train side by side, and find the same losses', () => {
  const args = ['--model', 'lstm', '--engine', 'onnxruntime,wasm', '--rounds', '1', '--seconds', '0', '--penalty'];
  const text = execFileSync(process.execPath, [script, ...args, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const { results } = JSON.parse(text.toString());
  const rows = results.map(({ model, engine, error }: Record<string, unknown>) => [model, engine, error]);
  expect(rows).toEqual([
    ['lstm', 'onnxruntime', undefined],
    ['lstm', 'wasm', undefined],
  ]);
  for (const { msPerStep, imagesPerSecond, peakRssMb, first, last } of results) {
    expect(Math.min(msPerStep, imagesPerSecond, peakRssMb)).toBeGreaterThan(0);
    expect(last.tensors).toBe(first.tensors);
  }
  expect(results[0].penaltyPercent).toEqual(expect.any(Number));
});
