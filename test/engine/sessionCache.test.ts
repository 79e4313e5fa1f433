import { expect, test } from 'vitest';
import { Executor } from '../../src/engine/onnxruntime/executor.js';
import { SessionCache } from '../../src/engine/onnxruntime/sessionCache.js';

test('the structure used longest ago goes first', async () => {
  const cache = new SessionCache(2, 1);
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
