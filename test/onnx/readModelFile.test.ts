import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataType } from '../../src/onnx/dataType.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { holdWeights } from '../../src/onnx/holdWeights.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import type { StoredBytes } from '../../src/onnx/storedBytes.js';
import { createTensor } from '../../src/onnx/tensorData.js';
import { tensorBytes } from '../../src/onnx/tensorPayload.js';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';

const fixture = fileURLToPath(new URL('../../fixtures/digits-resnet8.onnx', import.meta.url));
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onnx-read-'));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a model comes with its folder and its size', async () => {
  const { model, dir: folder, byteLength } = await readModelFile(fixture);
  expect(folder).toBe(fileURLToPath(new URL('../../fixtures', import.meta.url)));
  expect(byteLength).toBe(320998);
  expect(model.producerName).toBe('pytorch');
  expect(model.opsetImport.map(({ version }) => version)).toHaveLength(1);
  const weights = model.graph?.initializer.filter(({ rawData }) => rawData !== undefined) ?? [];
  expect(weights.length).toBeGreaterThan(10);
});

describe('large weights', () => {
  const elements = 2 ** 17;
  const large = createTensor('large', DataType.FLOAT, [elements], randomBytes(4 * elements));
  const small = createTensor('small', DataType.FLOAT, [3], randomBytes(12));
  let bytes: Uint8Array;

  beforeAll(async () => {
    const { model } = await readModelFile(fixture);
    const graph = { ...model.graph!, initializer: [...model.graph!.initializer, large, small, large] };
    bytes = encodeModel({ ...model, graph });
  });

  test('stay in the file until they are asked for, and are what the file has', async () => {
    writeFileSync(join(dir, 'large.onnx'), bytes);
    const { model, byteLength } = await readModelFile(join(dir, 'large.onnx'));
    const [first, second, third] = model.graph!.initializer.slice(-3);
    expect(byteLength).toBe(bytes.length);
    expect([first, second, third].map((tensor) => tensor!.rawData instanceof Uint8Array)).toEqual([false, true, false]);
    for (const tensor of [first, third]) expect(Buffer.compare(tensorBytes(tensor!), tensorBytes(large))).toBe(0);
    expect(Buffer.compare(tensorBytes(second!), tensorBytes(small))).toBe(0);
    expect(Buffer.compare(encodeModel(model), bytes)).toBe(0);
  });

  test('can be read into memory that somebody has', async () => {
    writeFileSync(join(dir, 'own.onnx'), bytes);
    const { model } = await readModelFile(join(dir, 'own.onnx'));
    const { rawData } = model.graph!.initializer.at(-1)!;
    const target = new Uint8Array(rawData!.length).fill(7);
    expect((rawData as StoredBytes).read(target)).toBe(target);
    expect(Buffer.compare(target, tensorBytes(large))).toBe(0);
  });

  test('can be overwritten by the model that they belong to', async () => {
    const path = join(dir, 'same.onnx');
    writeFileSync(path, bytes);
    const { model } = await readModelFile(path);
    await writeModelFile(path, { ...model, docString: 'changed' });
    const { model: again } = await readModelFile(path);
    expect(again.docString).toBe('changed');
    expect(Buffer.compare(tensorBytes(again.graph!.initializer.at(-1)!), tensorBytes(large))).toBe(0);
  });

  test('can be held in memory, whatever becomes of the file', async () => {
    const path = join(dir, 'held.onnx');
    writeFileSync(path, bytes);
    const held = holdWeights((await readModelFile(path)).model);
    rmSync(path);
    expect(Buffer.compare(encodeModel(held), bytes)).toBe(0);
  });

  test('are refused where the file is no longer the same', async () => {
    const path = join(dir, 'changing.onnx');
    writeFileSync(path, bytes);
    const { model } = await readModelFile(path);
    writeFileSync(path, encodeModel({ ...model, docString: 'longer than before' }));
    expect(() => tensorBytes(model.graph!.initializer.at(-1)!)).toThrow(
      `${path}: was changed or replaced while it was in use; run again when nothing else writes to it`,
    );
    rmSync(path);
    expect(() => tensorBytes(model.graph!.initializer.at(-1)!)).toThrow(`${path}: cannot be read (ENOENT)`);
  });

  test('cut short anywhere, the file is refused like any other', async () => {
    const path = join(dir, 'short.onnx');
    for (const length of [bytes.length - 1, bytes.length - 2 * elements, bytes.length - 6 * elements, 200_000]) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(readModelFile(path)).rejects.toMatchObject({ code: 'MODEL_TRUNCATED' });
    }
  });
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
