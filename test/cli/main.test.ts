/** @file The command as it is installed: built, and run by Node in a process of its own. */
import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { report } from '../../src/index.js';
import { reportTable } from '../../src/report/reportTable.js';
import { installCommand, mainIn } from './installCommand.js';

const VGG = 'fixtures/models/vgg.onnx';
const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
const main = mainIn(folder);

beforeAll(() => installCommand(folder), 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

function start(args: readonly string[], options: SpawnOptionsWithoutStdio = {}) {
  const child = spawn(process.execPath, args, options);
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    written.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, ...written }));
  });
  return { child, ended };
}

/** What a process loads beside Node's own modules. */
async function loadedBy(args: readonly string[], name: string): Promise<readonly string[]> {
  const list = join(folder, `${name}.txt`);
  const hook = pathToFileURL(resolve('test/cli/recordLoads.mjs')).href;
  const { code, stderr } = await start(['--import', hook, ...args], { env: { ...process.env, LOADED: list } }).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return readFileSync(list, 'utf8').split('\n');
}

const containing = (urls: readonly string[], ...parts: readonly string[]) =>
  urls.filter((url) => parts.some((part) => url.includes(part)));

describe('the installed command', () => {
  it('is a script for Node', () => {
    expect(readFileSync(main, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node');
  });

  it('reports', async () => {
    const stdout = reportTable(await report(VGG));
    expect(await start([main, 'report', VGG]).ended).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('loads neither tf.js nor the trainer to report', async () => {
    const urls = await loadedBy([main, 'report', VGG], 'report');
    expect(containing(urls, '/onnxruntime-node/')).not.toEqual([]);
    expect(containing(urls, '/pipeline/modelReport.js')).not.toEqual([]);
    expect(containing(urls, 'tfjs', '/dist/train/', '/dist/engine/', '/pipeline/morph.js')).toEqual([]);
  });

  it.each([
    ['prune', '--target', 'flops=50%'],
    ['widen', '--to', 'flops=150%'],
  ])('loads no tf.js to %s', async (command, option, budget) => {
    const out = join(folder, `${command}.onnx`);
    const urls = await loadedBy([main, command, VGG, option, budget, '--no-latency', '--out', out], command);
    expect(containing(urls, '/rewrite/applyPlan.js')).not.toEqual([]);
    expect(containing(urls, 'tfjs', '/dist/engine/', '/train/trainer.js')).toEqual([]);
  });

  it('loads neither tf.js nor ONNX Runtime for its help', async () => {
    const urls = await loadedBy([main, '--help'], 'help');
    expect(containing(urls, '/cli/program.js')).not.toEqual([]);
    expect(containing(urls, 'tfjs', '/onnxruntime-node/')).toEqual([]);
  });

  it('ends with the exit code of the error, one line and no stack', async () => {
    expect(await start([main, 'report', 'nothing.onnx']).ended).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error: nothing.onnx: there is no such file; check the path of the model\n',
    });
  });

  it('is silent when the reader of its output goes away', async () => {
    const { child, ended } = start([main, 'report', VGG, '--json']);
    child.stdout.destroy();
    expect(await ended).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  // Windows has no signals: a process there ends without a word.
  it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'ends with 130 at %s, and leaves nothing behind',
    async (signal) => {
      const out = join(folder, signal);
      mkdirSync(out);
      const { child, ended } = start([
        ...[main, 'morph', 'fixtures/digits-vgg.onnx', '--data', 'fixtures/digits.npz', '--scale', '1/16'],
        ...['--target', 'flops=50%', '--out', join(out, 'small.onnx'), '--shrink-epochs', '10000', '--json'],
        ...['--engine', 'onnxruntime'],
      ]);
      child.stderr.once('data', () => child.kill(signal)); // the first epoch has ended
      const { code, stdout, stderr } = await ended;
      const lines = stderr.split('\n');
      expect({ code, stdout, lastLine: lines.at(-2) }).toEqual({
        code: 130,
        stdout: '',
        lastLine: 'error: stopped; no result was written',
      });
      expect(lines.slice(0, -2).every((line) => line.startsWith('shrink '))).toBe(true);
      expect(readdirSync(out)).toEqual([]);
    },
  );
});

describe('the library', () => {
  it('loads neither tf.js nor the trainer when it is imported', async () => {
    const index = pathToFileURL(join(folder, 'dist/index.js')).href;
    const urls = await loadedBy(['--input-type=module', '-e', `await import(${JSON.stringify(index)})`], 'index');
    expect(containing(urls, '/dist/pipeline/loadModel.js')).not.toEqual([]);
    expect(containing(urls, 'tfjs', '/dist/train/', '/dist/engine/')).toEqual([]);
  });
});
