import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readModelFile } from '../../src/onnx/readModelFile.js';

const fixture = fileURLToPath(new URL('../../fixtures/digits-resnet8.onnx', import.meta.url));
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onnx-read-'));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a model comes with its folder and its bytes, and its weights are views over them', async () => {
  const { model, dir: folder, bytes } = await readModelFile(fixture);
  expect(folder).toBe(fileURLToPath(new URL('../../fixtures', import.meta.url)));
  expect(bytes.length).toBe(320998);
  expect(model.producerName).toBe('pytorch');
  expect(model.opsetImport.map(({ version }) => version)).toHaveLength(1);
  const weights = model.graph?.initializer.filter(({ rawData }) => rawData !== undefined) ?? [];
  expect(weights.length).toBeGreaterThan(10);
  for (const { rawData } of weights) expect(rawData?.buffer).toBe(bytes.buffer);
});

test.each([
  ['a missing file', () => 'nothing.onnx', 'MODEL_MISSING'],
  ['a missing folder', () => 'nowhere/m.onnx', 'MODEL_MISSING'],
  ['a folder', () => '.', 'MODEL_FOLDER'],
  ['an empty file', () => write('empty.onnx', ''), 'MODEL_EMPTY'],
  ['a text file', () => write('text.onnx', 'not a model at all\n'), 'MODEL_FOREIGN'],
  ['a pipe', () => pipe('pipe.onnx'), 'MODEL_NOT_REGULAR'],
])('%s', async (_, make, code) => {
  const path = join(dir, make());
  await expect(readModelFile(path)).rejects.toMatchObject({ code, category: 'model' });
  await expect(readModelFile(path)).rejects.toThrow(`${path}: `);
});

test('a file of 2 GiB is refused by its size, unread', async () => {
  const path = join(dir, write('large.onnx', ''));
  truncateSync(path, 2 ** 31); // sparse: takes no space
  await expect(readModelFile(path)).rejects.toThrow(
    `${path}: has 2147483648 bytes, and an ONNX file must be smaller than 2 GiB (2147483648 bytes); save the model with its weights as external data`,
  );
});

test.skipIf(process.getuid?.() === 0)('a file without read permission', async () => {
  const path = join(dir, write('locked.onnx', 'x'));
  chmodSync(path, 0);
  await expect(readModelFile(path)).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' });
});

function write(name: string, content: string): string {
  writeFileSync(join(dir, name), content);
  return name;
}

function pipe(name: string): string {
  execFileSync('mkfifo', [join(dir, name)]);
  return name;
}
