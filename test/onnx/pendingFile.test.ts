import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { modelErrors } from '../../src/errors/modelErrors.js';
import { PendingFile, writeError } from '../../src/onnx/pendingFile.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'onnx-pending-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test.each([
  ['ENOENT', 'OUTPUT_NO_FOLDER'],
  ['ENOTDIR', 'OUTPUT_NO_FOLDER'],
  ['EISDIR', 'OUTPUT_IS_FOLDER'],
  ['EACCES', 'OUTPUT_DENIED'],
  ['EPERM', 'OUTPUT_DENIED'],
  ['EROFS', 'OUTPUT_DENIED'],
  ['ENOSPC', 'OUTPUT_NO_SPACE'],
  ['EDQUOT', 'OUTPUT_NO_SPACE'],
  ['EFBIG', 'OUTPUT_NO_SPACE'],
  ['EIO', 'OUTPUT_FAILED'],
])('%s becomes %s', (code, expected) => {
  const cause = Object.assign(new Error(code), { code });
  expect(writeError('m.onnx', cause)).toMatchObject({ code: expected, category: 'output' });
});

test('catalogued errors and bugs are passed on', () => {
  const known = modelErrors.outputAborted('m.onnx');
  const bug = new TypeError('x is undefined');
  expect(writeError('m.onnx', known)).toBe(known);
  expect(writeError('m.onnx', bug)).toBe(bug);
});

test('until it is committed, the destination is as before; then it is the new file', async () => {
  const path = join(dir, 'f');
  writeFileSync(path, 'before');
  const file = await PendingFile.create(path);
  await file.write(Uint8Array.of(110, 101));
  await file.write(Uint8Array.of(119));
  await file.seal();
  expect(file.length).toBe(3);
  expect(readFileSync(path, 'utf8')).toBe('before');
  expect(readdirSync(dir)).toHaveLength(2);
  await file.commit();
  await file.discard();
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(dir)).toEqual(['f']);
});

test('discarded, it leaves no trace', async () => {
  const file = await PendingFile.create(join(dir, 'f'));
  await file.write(Uint8Array.of(1));
  await file.discard();
  await file.discard();
  expect(readdirSync(dir)).toEqual([]);
});

test('a commit that fails can still be discarded', async () => {
  const file = await PendingFile.create(join(dir, 'f'));
  await expect(file.commit(join(dir, 'gone', 'f'))).rejects.toMatchObject({ code: 'OUTPUT_NO_FOLDER' });
  await file.discard();
  expect(readdirSync(dir)).toEqual([]);
});

test('a name of the greatest length can be written', async () => {
  const path = join(dir, 'n'.repeat(255));
  const file = await PendingFile.create(path);
  await file.commit();
  expect(readdirSync(dir)).toEqual(['n'.repeat(255)]);
});
