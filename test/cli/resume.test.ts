/** @file `morph --resume` after processes that were killed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRng } from '../../src/random/rng.js';
import { installCommand, mainIn } from './installCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
const checkpoint = join(folder, 'checkpoints');

beforeAll(() => installCommand(folder), 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function start(out: string, ...options: readonly string[]) {
  const args = [
    'fixtures/digits-vgg.onnx',
    '--data',
    'fixtures/digits.npz',
    '--scale',
    '1/16',
    '--target',
    'flops=50%',
  ];
  const training = ['--engine', 'onnxruntime', '--shrink-epochs', '2', '--epochs', '2'];
  const command = [mainIn(folder), 'morph', ...args, ...training, '--out', out, ...options];
  const child = spawn(process.execPath, command, { stdio: 'ignore' });
  const exit = new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('exit', done);
  });
  return { child, exit };
}

const newest = () => (existsSync(checkpoint) ? readdirSync(checkpoint).sort().at(-1) : undefined);
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

it('ends with the same file, whenever the processes before it were killed', async () => {
  const [whole, out] = [join(folder, 'whole.onnx'), join(folder, 'o.onnx')];
  expect(await start(whole).exit).toBe(0);
  const options = ['--checkpoint', checkpoint, '--checkpoint-seconds', '0', '--resume'];
  const rng = createRng(4);
  let kills = 0;
  while (kills < 4) {
    const before = newest();
    const { child, exit } = start(out, ...options);
    // It has gone on, and is at no particular place.
    while (newest() === before && child.exitCode === null) await pause(2);
    await pause(rng.int(150));
    child.kill('SIGKILL');
    if ((await exit) === 0) break;
    kills++;
  }
  expect(kills).toBeGreaterThan(0);
  if (!existsSync(out)) expect(await start(out, ...options).exit).toBe(0);
  expect(sha256(out)).toBe(sha256(whole));
  expect(newest()).toBeUndefined();
}, 300_000);
