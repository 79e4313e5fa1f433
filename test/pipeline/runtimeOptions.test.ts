import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { explain, morph, prune, report, widen } from '../../src/index.js';
import { DataType } from '../../src/onnx/dataType.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { modelOf, node } from '../support/modelOf.js';
import { shortRun, VGG } from './digits.js';

const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
const out = join(folder, 'out.onnx');
const target = { resource: 'flops', share: 0.8 } as const;
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** The options of all sessions that are made from now on. */
function watchSessions(): () => readonly InferenceSession.SessionOptions[] {
  const create = vi.spyOn(InferenceSession, 'create');
  return () => create.mock.calls.map((call) => call[1] as InferenceSession.SessionOptions);
}

function threadsOf(sessions: readonly InferenceSession.SessionOptions[]): ReadonlySet<number | undefined> {
  return new Set(sessions.map(({ intraOpNumThreads }) => intraOpNumThreads));
}

const JOBS = {
  prune: (options) => prune(VGG, { target, out, calibrate: 'fixtures/digits.npz', ...options }),
  widen: (options) => widen(VGG, { to: { resource: 'flops', share: 1.2 }, out, ...options }),
  morph: (options) =>
    morph(VGG, { ...shortRun(out), target, shrinkEpochs: 1, epochs: 0, engine: 'onnxruntime', ...options }),
} as const satisfies Record<string, (options: { threads?: number; provider?: string | string[] }) => Promise<unknown>>;

test.each(Object.entries(JOBS))('%s makes no session with other threads than those it is told', async (_, run) => {
  const seen = watchSessions();
  await run({ threads: 2 });
  // One thread is for those that only find shapes.
  expect(threadsOf(seen())).toEqual(new Set([1, 2]));
});

test.each(Object.entries(JOBS))('%s lets threads spin while it times, and never else', async (_, run) => {
  const seen = watchSessions();
  await run({});
  const spinning = seen().filter(({ extra }) => {
    const { session } = extra as { readonly session: { readonly intra_op: { readonly allow_spinning: string } } };
    return session.intra_op.allow_spinning === '1';
  });
  expect([spinning.length, spinning.length < seen().length]).toEqual([2, true]);
});

test.each(Object.entries(JOBS))('%s takes a provider that is there, and refuses one that is not', async (_, run) => {
  const seen = watchSessions();
  await run({ provider: ['CPU'] });
  expect(seen().filter(({ executionProviders }) => executionProviders?.join() === 'cpu').length).toBeGreaterThan(1);
  await expect(run({ provider: 'cpu,nonsense' })).rejects.toMatchObject({ code: 'RUNTIME_NO_PROVIDER' });
});

test('a second run trains with its own threads, not with those of the first', async () => {
  await JOBS.morph({ threads: 1 });
  expect(tf.getBackend()).toBe('onnxruntime');
  const seen = watchSessions();
  await JOBS.morph({ threads: 3 });
  expect(threadsOf(seen())).toEqual(new Set([1, 3]));
});

test('report and explain run a model whose shapes the data decides with the threads that they are told', async () => {
  const path = join(folder, 'open.onnx');
  const model = modelOf({
    inputs: { x: ['N', 6] },
    weights: {},
    nodes: [node('NonZero', ['x'], 'found'), node('Cast', ['found'], 'y', { to: DataType.FLOAT })],
    outputs: ['y'],
  });
  await writeFile(path, encodeModel(model));
  const seen = watchSessions();
  await report(path, { threads: 2 });
  expect(threadsOf(seen())).toEqual(new Set([1, 2]));
  await explain(path, { threads: 3 });
  expect(threadsOf(seen())).toEqual(new Set([1, 2, 3]));
});
