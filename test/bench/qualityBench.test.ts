import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installCommand } from '../cli/installCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
const results = join(folder, 'results.jsonl');
const models = join(folder, 'kept');
const only = 'digits-resnet8,50%,seed0,gamma,uniform,magnitude-l2';

interface Row {
  readonly method: string;
  readonly accuracy: number;
  readonly seedAccuracy: number;
  readonly flopsShare: number;
  readonly widths: readonly (readonly [string, number, number])[];
  readonly latencyMs: number;
  readonly seedLatencyMs: number;
}

function readResults(path: string): readonly Row[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

function bench(...args: readonly string[]): string {
  const script = join(folder, 'test/bench/quality/qualityBench.mjs');
  const all = [script, '--results', results, '--epochs', '2', ...args];
  return execFileSync(process.execPath, all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

beforeAll(() => {
  installCommand(folder);
  cpSync('test/bench', join(folder, 'test/bench'), { recursive: true });
  mkdirSync(join(folder, 'fixtures'));
  for (const name of ['digits-resnet8.onnx', 'digits.npz']) cpSync(`fixtures/${name}`, join(folder, 'fixtures', name));
  bench('--only', `${only},longer`, '--models', models, '--threads', '1');
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('the benchmark of quality', () => {
  it('brings a network to a budget by each method, and keeps what came of it', () => {
    const rows = readResults(results);
    expect(rows.map(({ method }) => method)).toEqual(['gamma', 'uniform', 'magnitude-l2', 'longer']);
    for (const { method, accuracy, seedAccuracy, flopsShare, widths, latencyMs } of rows) {
      expect(seedAccuracy).toBeCloseTo(0.9722, 4);
      expect(accuracy).toBeGreaterThan(0.5);
      expect(latencyMs).toBeGreaterThan(0);
      expect(flopsShare).toBeLessThanOrEqual(method === 'longer' ? 1 : 0.5);
      expect(flopsShare).toBeGreaterThan(method === 'longer' ? 0.999 : 0.47);
      expect(widths.map(([, before]) => before)).toEqual([16, 16, 32, 32, 64, 64]);
    }
    const shares = rows[1]!.widths.map(([, before, after]) => after / before);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.1);
  });

  it('runs what is missing alone', () => {
    expect(bench('--list', '--only', `${only},random`)).toBe('digits-resnet8 random 50 % flops seed 0\n');
    expect(bench('--list', '--only', `${only},longer`).trim()).toBe('');
    const settings = ['--recipe', '{"shrinkEpochs":2}', '--only', only];
    expect(bench('--list', ...settings)).toBe('digits-resnet8 gamma 50 % flops seed 0\n');
  });

  it('times again the networks that it kept', () => {
    expect(readdirSync(models)).toHaveLength(4);
    const read = () => readResults(results);
    const before = read();
    const unknown = { latencyMs: 0, seedLatencyMs: 0 };
    writeFileSync(results, before.map((row) => `${JSON.stringify({ ...row, ...unknown })}\n`).join(''));
    bench('--time', '--models', models);
    for (const [i, row] of read().entries()) {
      expect({ ...row, ...unknown }).toEqual({ ...before[i], ...unknown });
      expect(Math.min(row.latencyMs, row.seedLatencyMs)).toBeGreaterThan(0);
    }
    expect(() => bench('--time')).toThrow(/Command failed/);
  });

  it('prints a row for each method, and the widths of each layer', () => {
    const table = bench('--table').trim().split('\n');
    expect(table[0]).toBe('digits-resnet8: accuracy of the seed 0.9722, 77754 params');
    expect(table.slice(4).map((row) => row.split(' | ')[1])).toEqual(
      expect.arrayContaining(['longer', 'gamma', 'uniform', 'magnitude-l2']),
    );
    const structures = bench('--structures', '--only', 'digits-resnet8').trim().split('\n');
    expect(structures[0]).toBe('| layer | seed | gamma, 50 % flops | uniform, 50 % flops | magnitude-l2, 50 % flops |');
    expect(structures).toHaveLength(2 + 6);
  });

  it('draws the trade-off', () => {
    const path = join(folder, 'curve.svg');
    bench('--curve', path, '--only', 'digits-resnet8');
    const svg = readFileSync(path, 'utf8');
    expect(svg).not.toContain('NaN');
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    expect(svg).toContain('seed 0.9722');
  });

  it('says which words it knows', () => {
    expect(() => bench('--only', 'nothing')).toThrow(/Command failed/);
  });
});
