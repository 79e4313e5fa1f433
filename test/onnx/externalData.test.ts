import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MorphError } from '../../src/errors/morphError.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import { DataType } from '../../src/onnx/dataType.js';
import { resolveExternal } from '../../src/onnx/externalData.js';
import { DataLocation, type TensorProto } from '../../src/onnx/messages.js';
import { tensorData } from '../../src/onnx/tensorData.js';

let outside: string;
let dir: string;

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'onnx-external-'));
  dir = join(outside, 'model');
  mkdirSync(join(dir, 'sub'), { recursive: true });
  mkdirSync(join(outside, 'other'));
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
  for (const file of [
    join(dir, 'w.data'),
    join(dir, 'sub', 'w.data'),
    join(outside, 'secret'),
    join(outside, 'other', 'w.data'),
  ]) {
    writeFileSync(file, bytes);
  }
  symlinkSync('w.data', join(dir, 'inside-link'));
  symlinkSync('../secret', join(dir, 'outside-link'));
  symlinkSync('../other', join(dir, 'folder-link'));
  symlinkSync('..', join(dir, 'up'));
  symlinkSync('loop', join(dir, 'loop'));
  execFileSync('mkfifo', [join(dir, 'pipe')]);
});

afterAll(() => rmSync(outside, { recursive: true, force: true }));

function external(entries: Readonly<Record<string, string>>, dims: readonly bigint[] = [4n]): TensorProto {
  return createMessage('TensorProto', {
    name: 'w',
    dims,
    dataType: DataType.UINT8,
    dataLocation: DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) =>
      createMessage('StringStringEntryProto', { key, value }),
    ),
  });
}

function code(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof MorphError) return error.code;
    throw error;
  }
}

describe('reading', () => {
  test.each([
    ['at an offset', { location: 'w.data', offset: '8', length: '4' }, [8, 9, 10, 11]],
    ['without offset and length', { location: 'w.data' }, [0, 1, 2, 3]],
    ['up to the last byte', { location: 'w.data', offset: '60' }, [60, 61, 62, 63]],
    ['from a folder below', { location: './sub/w.data', offset: '1' }, [1, 2, 3, 4]],
    ['through a link that stays inside', { location: 'inside-link' }, [0, 1, 2, 3]],
    ['with a checksum and unknown keys', { location: 'w.data', checksum: 'abc', basepath: '/' }, [0, 1, 2, 3]],
  ])('%s', (_, entries, expected) => {
    expect(tensorData(external(entries), dir)).toEqual(Uint8Array.from(expected));
  });

  test('an empty tensor reads nothing', () => {
    expect(tensorData(external({ location: 'w.data', offset: '64' }, [0n]), dir)).toEqual(new Uint8Array(0));
  });

  test('where the bytes are is known without reading them', () => {
    const range = resolveExternal(external({ location: 'sub/w.data', offset: '8' }), dir);
    expect(range).toMatchObject({ location: 'sub/w.data', offset: 8, length: 4 });
    expect(range.file).toMatch(/model\/sub\/w\.data$/);
  });
});

describe('refused', () => {
  test.each([
    ['an absolute path', { location: '/etc/passwd' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a drive', { location: 'C:w.data' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['an absolute path of Windows', { location: '\\\\server\\share\\w' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a way up', { location: '../secret' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a way up in the middle, even back in', { location: 'sub/../w.data' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a way up with backslashes', { location: 'sub\\..\\..\\secret' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a NUL character', { location: 'w.data\0.txt' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['no location', {}, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a link that leads out', { location: 'outside-link' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a linked folder outside', { location: 'folder-link/w.data' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a link out and back in', { location: 'up/model/w.data' }, 'MODEL_EXTERNAL_OUTSIDE'],
    ['a link to itself', { location: 'loop' }, 'MODEL_EXTERNAL_UNREADABLE'],
    ['a missing file', { location: 'nothing.data' }, 'MODEL_EXTERNAL_MISSING'],
    ['a file taken for a folder', { location: 'w.data/x' }, 'MODEL_EXTERNAL_MISSING'],
    ['a folder', { location: 'sub' }, 'MODEL_EXTERNAL_UNREADABLE'],
    ['a pipe', { location: 'pipe' }, 'MODEL_EXTERNAL_UNREADABLE'],
    ['a negative offset', { location: 'w.data', offset: '-1' }, 'MODEL_EXTERNAL_RANGE'],
    ['an offset that is no number', { location: 'w.data', offset: '0x10' }, 'MODEL_EXTERNAL_RANGE'],
    ['an offset beyond 2⁵³', { location: 'w.data', offset: '99999999999999999999' }, 'MODEL_EXTERNAL_RANGE'],
    ['an offset beyond the file', { location: 'w.data', offset: '61' }, 'MODEL_EXTERNAL_SHORT'],
    ['a length that does not fit the shape', { location: 'w.data', length: '5' }, 'MODEL_TENSOR_BYTES'],
  ])('%s', (_, entries, expected) => {
    expect(code(() => tensorData(external(entries as Record<string, string>), dir))).toBe(expected);
  });

  test('a shape larger than the file, before anything is allocated', () => {
    const huge = external({ location: 'w.data' }, [2n ** 40n]);
    expect(() => tensorData(huge, dir)).toThrow(
      'tensor "w": needs "w.data" up to byte 1099511627776, but that file has 64 bytes; the data file is cut short, or belongs to another model: export or download it again',
    );
  });

  test.skipIf(process.getuid?.() === 0)('a file without read permission', () => {
    writeFileSync(join(dir, 'locked'), 'abcd');
    chmodSync(join(dir, 'locked'), 0);
    expect(code(() => tensorData(external({ location: 'locked' }), dir))).toBe('MODEL_EXTERNAL_UNREADABLE');
  });

  test('strings, which the standard forbids outside', () => {
    const text = { ...external({ location: 'w.data' }), dataType: DataType.STRING };
    expect(code(() => resolveExternal(text, dir))).toBe('MODEL_TENSOR_TYPE');
  });
});
