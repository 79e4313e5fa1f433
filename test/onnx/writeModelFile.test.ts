import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import { mapTensors } from '../../src/onnx/mapTensors.js';
import { DataLocation, type ModelProto, type TensorProto } from '../../src/onnx/messages.js';
import { readModelFile } from '../../src/onnx/readModelFile.js';
import { createTensor } from '../../src/onnx/tensorData.js';
import { tensorBytes } from '../../src/onnx/tensorPayload.js';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';

const fixture = fileURLToPath(new URL('../../fixtures/models/inception_bn.onnx', import.meta.url));
let dir: string;
let model: ModelProto;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'onnx-write-'));
  ({ model } = await readModelFile(fixture));
});

afterEach(() => {
  chmodSync(dir, 0o755);
  rmSync(dir, { recursive: true, force: true });
});

const at = (name: string): string => join(dir, name);

/** Name and bytes of every initializer, wherever they are stored. */
function weights({ graph }: ModelProto, folder?: string): [string, string][] {
  return (graph?.initializer ?? []).map((tensor) => [
    tensor.name ?? '',
    Buffer.from(tensorBytes(tensor, folder)).toString('base64'),
  ]);
}

function externals({ graph }: ModelProto): readonly TensorProto[] {
  return (graph?.initializer ?? []).filter(({ dataLocation }) => dataLocation === DataLocation.EXTERNAL);
}

const entry = (tensor: TensorProto, key: string) => tensor.externalData.find((pair) => pair.key === key)?.value;

describe('one file', () => {
  test('holds the model, and nothing else is left in the folder', async () => {
    expect(await writeModelFile(at('m.onnx'), model)).toEqual([at('m.onnx')]);
    expect(readFileSync(at('m.onnx')).equals(readFileSync(fixture))).toBe(true);
    expect(readdirSync(dir)).toEqual(['m.onnx']);
  });

  test('may be the one the model came from', async () => {
    copyFileSync(fixture, at('m.onnx'));
    const { model: before } = await readModelFile(at('m.onnx'));
    await writeModelFile(at('m.onnx'), { ...before, docString: 'changed' });
    expect((await readModelFile(at('m.onnx'))).model).toEqual({ ...model, docString: 'changed' });
  });
});

describe('external data', () => {
  test('is written beside above the limit; small tensors stay inside', async () => {
    expect(await writeModelFile(at('m.onnx'), model, { inlineLimitBytes: 0 })).toEqual([
      at('m.onnx'),
      at('m.onnx.data'),
    ]);
    const { model: split } = await readModelFile(at('m.onnx'));
    expect(weights(split, dir)).toEqual(weights(model));
    expect(externals(split).length).toBeGreaterThan(3);
    for (const tensor of split.graph?.initializer ?? []) {
      expect(tensor.dataLocation === DataLocation.EXTERNAL).toBe(tensorBytes(tensor, dir).length >= 1024);
    }
    expect(readFileSync(at('m.onnx')).length).toBeLessThan(readFileSync(fixture).length);
    for (const tensor of externals(split)) {
      expect(entry(tensor, 'location')).toBe('m.onnx.data');
      expect(Number(entry(tensor, 'offset')) % 64).toBe(0);
    }
  });

  test('large tensors begin on a page', async () => {
    const large = createTensor('large', DataType.UINT8, [2 ** 20], new Uint8Array(2 ** 20).fill(7));
    const grown = { ...model, graph: { ...model.graph!, initializer: [...model.graph!.initializer, large] } };
    await writeModelFile(at('m.onnx'), grown, { inlineLimitBytes: 2 ** 19 });
    const { model: split } = await readModelFile(at('m.onnx'));
    const tensor = externals(split).find(({ name }) => name === 'large')!;
    expect(Number(entry(tensor, 'offset')) % 4096).toBe(0);
    expect(Buffer.compare(tensorBytes(tensor, dir), tensorBytes(large))).toBe(0);
  });

  test('of the input comes into the file when the whole stays below the limit', async () => {
    mkdirSync(at('in'));
    await writeModelFile(at('in/m.onnx'), model, { inlineLimitBytes: 0 });
    const { model: split, dir: sourceDir } = await readModelFile(at('in/m.onnx'));
    expect(await writeModelFile(at('out.onnx'), split, { sourceDir })).toEqual([at('out.onnx')]);
    // dataLocation and externalData are gone again: the model is what it was.
    expect((await readModelFile(at('out.onnx'))).model).toEqual(model);
  });

  test('of the input is copied to the new place above the limit', async () => {
    mkdirSync(at('in'));
    await writeModelFile(at('in/m.onnx'), model, { inlineLimitBytes: 0 });
    const { model: split, dir: sourceDir } = await readModelFile(at('in/m.onnx'));
    await writeModelFile(at('out.onnx'), split, { sourceDir, inlineLimitBytes: 1000 });
    rmSync(sourceDir, { recursive: true });
    expect(weights((await readModelFile(at('out.onnx'))).model, dir)).toEqual(weights(model));
  });

  test('never overwrites a data file that another model may use', async () => {
    await writeModelFile(at('m.onnx'), model, { inlineLimitBytes: 0 });
    const before = readFileSync(at('m.onnx.data'));
    const { model: split } = await readModelFile(at('m.onnx'));
    const changed = mapTensors(split, (tensor) => {
      if (tensor.dataLocation !== DataLocation.EXTERNAL) return tensor;
      const bytes = tensorBytes(tensor, dir).map((byte) => byte ^ 1);
      return createTensor(tensor.name ?? '', tensor.dataType ?? 0, tensor.dims.map(Number), bytes);
    });
    const [, second] = await writeModelFile(at('m.onnx'), changed, { sourceDir: dir, inlineLimitBytes: 0 });
    expect(basename(second!)).toMatch(/^m\.[0-9a-f]{16}\.data$/);
    expect(readFileSync(at('m.onnx.data')).equals(before)).toBe(true);
    expect(weights((await readModelFile(at('m.onnx'))).model, dir)).toEqual(weights(changed, dir));
    expect(await writeModelFile(at('m.onnx'), changed, { sourceDir: dir, inlineLimitBytes: 0 })).toEqual([
      at('m.onnx'),
      second,
    ]);
    expect(readdirSync(dir).sort()).toEqual([basename(second!), 'm.onnx', 'm.onnx.data'].sort());
  });

  test('that is missing is an error about the model, and nothing is written', async () => {
    const broken = mapTensors(model, ({ rawData: _, ...tensor }) => ({
      ...tensor,
      dataLocation: DataLocation.EXTERNAL,
      externalData: [createMessage('StringStringEntryProto', { key: 'location', value: 'gone.data' })],
    }));
    for (const inlineLimitBytes of [0, 2 ** 30]) {
      const written = writeModelFile(at('m.onnx'), broken, { sourceDir: dir, inlineLimitBytes });
      await expect(written).rejects.toMatchObject({ code: 'MODEL_EXTERNAL_MISSING' });
    }
    await expect(writeModelFile(at('m.onnx'), broken)).rejects.toMatchObject({ code: 'MODEL_EXTERNAL_NO_FOLDER' });
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('failures leave everything as it was', () => {
  test('a missing folder', async () => {
    const path = at('no/such/m.onnx');
    await expect(writeModelFile(path, model)).rejects.toThrow(
      `${path}: its folder does not exist; make the folder first`,
    );
  });

  test('a folder at the destination', async () => {
    mkdirSync(at('m.onnx'));
    await expect(writeModelFile(at('m.onnx'), model)).rejects.toMatchObject({
      code: 'OUTPUT_IS_FOLDER',
      category: 'output',
    });
    expect(readdirSync(dir)).toEqual(['m.onnx']);
  });

  test.skipIf(process.getuid?.() === 0)('a folder without write permission', async () => {
    writeFileSync(at('m.onnx'), 'before');
    chmodSync(dir, 0o555);
    await expect(writeModelFile(at('m.onnx'), model)).rejects.toMatchObject({ code: 'OUTPUT_DENIED' });
    expect(readFileSync(at('m.onnx'), 'utf8')).toBe('before');
  });

  test('an abort before the start', async () => {
    writeFileSync(at('m.onnx'), 'before');
    const signal = AbortSignal.abort();
    await expect(writeModelFile(at('m.onnx'), model, { signal })).rejects.toMatchObject({ category: 'aborted' });
    expect(readdirSync(dir)).toEqual(['m.onnx']);
    expect(readFileSync(at('m.onnx'), 'utf8')).toBe('before');
  });

  test.each([0, 2 ** 30])('a judgement that fails after all is written (inline limit %d)', async (inlineLimitBytes) => {
    writeFileSync(at('m.onnx'), 'before');
    let fail: (reason: Error) => void = () => undefined;
    const ready = new Promise((_, reject) => {
      fail = reject;
    });
    const written = writeModelFile(at('m.onnx'), model, { ready, inlineLimitBytes });
    while (readdirSync(dir).every((name) => !name.endsWith('.tmp'))) await new Promise(setImmediate);
    fail(new Error('not proven'));
    await expect(written).rejects.toThrow('not proven');
    expect(readdirSync(dir)).toEqual(['m.onnx']);
    expect(readFileSync(at('m.onnx'), 'utf8')).toBe('before');
  });

  test.each([0, 2 ** 30])('an abort at any moment (inline limit %d)', async (inlineLimitBytes) => {
    for (let turns = 0; turns < 60; turns += 4) {
      writeFileSync(at('m.onnx'), 'before');
      const controller = new AbortController();
      const written = writeModelFile(at('m.onnx'), model, { signal: controller.signal, inlineLimitBytes }).catch(
        (error) => error,
      );
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      controller.abort();
      const result = await written;
      const left = readdirSync(dir).filter((name) => name !== 'm.onnx');
      if (Array.isArray(result)) {
        expect(left).toEqual(result.slice(1).map((path) => basename(path)));
        expect(weights((await readModelFile(at('m.onnx'))).model, dir)).toEqual(weights(model));
      } else {
        expect(result).toMatchObject({ code: 'OUTPUT_ABORTED' });
        expect(left).toEqual([]);
        expect(readFileSync(at('m.onnx'), 'utf8')).toBe('before');
      }
      for (const name of readdirSync(dir)) rmSync(at(name));
    }
  });
});
