import { InferenceSession } from 'onnxruntime-node';
import { expect, test, vi } from 'vitest';
import { Executor } from '../../src/engine/onnxruntime/executor.js';
import { SessionCache } from '../../src/engine/onnxruntime/sessionCache.js';

test('the structure used longest ago goes first', async () => {
  const cache = new SessionCache(2, { threads: 1 });
  const executor = new Executor(cache);
  const run = async (op: string): Promise<void> => {
    const { graph } = executor;
    const source = graph.add(op, [graph.constant('float32', [1], [0.5])], 'float32', [1]);
    source.holders = 1;
    await executor.tensor(source);
  };
  await run('Exp');
  await run('Sqrt');
  await run('Exp');
  expect(cache.info()).toEqual({ entries: 2, hits: 1, misses: 2 });
  await run('Abs');
  expect(cache.info()).toEqual({ entries: 2, hits: 1, misses: 3 });
  await run('Exp');
  expect(cache.info()).toEqual({ entries: 2, hits: 2, misses: 3 });
  await run('Sqrt');
  expect(cache.info()).toEqual({ entries: 2, hits: 2, misses: 4 });
  await executor.close();
  expect(cache.info().entries).toBe(0);
});

test('a session that goes is released, and none is twice', async () => {
  const created = vi.spyOn(InferenceSession, 'create');
  try {
    const cache = new SessionCache(1, { threads: 1 });
    const executor = new Executor(cache);
    for (const op of ['Exp', 'Sqrt', 'Abs']) {
      const source = executor.graph.add(op, [executor.graph.constant('float32', [1], [0.5])], 'float32', [1]);
      source.holders = 1;
      await executor.tensor(source);
    }
    const sessions = await Promise.all(created.mock.results.map(({ value }) => value as Promise<InferenceSession>));
    const isReleased = await Promise.all(
      sessions.map((session) =>
        session.run({}).then(
          () => false,
          () => true,
        ),
      ),
    );
    expect(isReleased).toEqual([true, true, false]);
    await executor.close();
  } finally {
    created.mockRestore();
  }
});

test('sessions of other settings are let go', async () => {
  const cache = new SessionCache(2);
  const executor = new Executor(cache);
  const run = async (): Promise<void> => {
    const { graph } = executor;
    const source = graph.add('Exp', [graph.constant('float32', [1], [0.5])], 'float32', [1]);
    source.holders = 1;
    await executor.tensor(source);
  };
  await run();
  executor.configure({ threads: 1, providers: ['cpu'] });
  await run();
  executor.configure({ threads: 1, providers: ['cpu'] });
  await run();
  expect(cache.info()).toEqual({ entries: 1, hits: 1, misses: 2 });
  await executor.close();
});
