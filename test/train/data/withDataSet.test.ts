import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDataSet, withDataSet } from '../../../src/train/data/index.js';
import { temporaryFile } from './fileBuilders.js';

/** A module that goes on writing to a file for as long as its thread lives. */
function restlessModule(): { readonly path: string; readonly written: () => number } {
  const log = join(dirname(temporaryFile('log', '')), 'log');
  const path = temporaryFile(
    'data.mjs',
    `import { appendFileSync } from 'node:fs';
    setInterval(() => appendFileSync(${JSON.stringify(log)}, '.'), 1);
    export default { train: () => [{ x: { data: new Float32Array(1), shape: [1, 1] } }] };`,
  );
  return { path, written: () => statSync(log).size };
}

async function isStillWritten(written: () => number): Promise<boolean> {
  const before = written();
  await setTimeout(300);
  return written() > before;
}

test('a data set that a path names is let go of, however its use ends', async () => {
  const { path, written } = restlessModule();
  expect(await withDataSet(path, undefined, async (data) => [data.source, await isStillWritten(written)])).toEqual([
    path,
    true,
  ]);
  expect(await isStillWritten(written)).toBe(false);
  const failing = withDataSet(path, undefined, async () => {
    throw new Error('no use');
  });
  await expect(failing).rejects.toThrow('no use');
  expect(await isStillWritten(written)).toBe(false);
});

test('a data set that somebody opened stays open', async () => {
  const { path, written } = restlessModule();
  const data = await openDataSet(path);
  await withDataSet(data, undefined, async () => undefined);
  expect(await isStillWritten(written)).toBe(true);
  await data.close?.();
  expect(await isStillWritten(written)).toBe(false);
});
