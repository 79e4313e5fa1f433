/** @file Bytes of npy, zip and IDX files, put together by hand so that every field can be made wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, crc32 as zlibCrc } from 'node:zlib';
import { onTestFinished } from 'vitest';

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file into a folder of its own and returns its path. */
export function temporaryFile(name: string, bytes: Uint8Array | string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

type Writer = (view: DataView, at: number, value: number, little: boolean) => void;

/** dtype → [bytes, how one element is written]. */
const WRITERS: Readonly<Record<string, readonly [number, Writer]>> = {
  b1: [1, (v, at, x) => v.setUint8(at, x)],
  u1: [1, (v, at, x) => v.setUint8(at, x)],
  i1: [1, (v, at, x) => v.setInt8(at, x)],
  u2: [2, (v, at, x, little) => v.setUint16(at, x, little)],
  i2: [2, (v, at, x, little) => v.setInt16(at, x, little)],
  f2: [2, (v, at, x, little) => v.setUint16(at, x, little)], // raw bits
  u4: [4, (v, at, x, little) => v.setUint32(at, x, little)],
  i4: [4, (v, at, x, little) => v.setInt32(at, x, little)],
  i8: [8, (v, at, x, little) => v.setBigInt64(at, BigInt(x), little)],
  f4: [4, (v, at, x, little) => v.setFloat32(at, x, little)],
  f8: [8, (v, at, x, little) => v.setFloat64(at, x, little)],
};

export function elementBytes(dtype: string, values: readonly number[]): Uint8Array {
  const writer = WRITERS[dtype.slice(1)];
  if (writer === undefined) throw new Error(dtype);
  const [width, write] = writer;
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    write(view, i * width, value, dtype[0] !== '>');
  });
  return bytes;
}

export interface NpyParts {
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly values?: readonly number[];
  readonly fortran?: boolean;
  readonly version?: number;
  /** Replaces the header's text. */
  readonly header?: string;
  /** Replaces the elements. */
  readonly payload?: Uint8Array;
}

export function npyBytes(parts: NpyParts): Uint8Array {
  const { dtype = '<f4', shape = [], values = [], fortran = false, version = 1 } = parts;
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const text =
    parts.header ?? `{'descr': '${dtype}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const start = version === 1 ? 10 : 12;
  const padded = Buffer.from(`${text.padEnd(63 - start + 64 * Math.ceil((text.length - 63 + start) / 64))}\n`);
  const head = Buffer.alloc(start);
  head.write('\x93NUMPY', 'latin1');
  head[6] = version;
  if (version === 1) head.writeUInt16LE(padded.length, 8);
  else head.writeUInt32LE(padded.length, 8);
  return Buffer.concat([head, padded, parts.payload ?? elementBytes(dtype, values)]);
}

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly method?: number;
  /** Puts sizes and place into the zip64 extra field. */
  readonly zip64?: boolean;
  readonly flags?: number;
  readonly crc?: number;
  readonly unpackedBytes?: number;
}

export function zipBytes(files: readonly ZipFile[], options: { zip64End?: boolean; comment?: string } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, method = 8, zip64 = false, flags = 0, crc, unpackedBytes } of files) {
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const sum = crc ?? zlibCrc(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(4, 28); // an extra field that the directory does not have
    parts.push(local, Buffer.from(name), Buffer.from([0xfe, 0xca, 0, 0]), packed);
    const sizes = [unpackedBytes ?? bytes.length, packed.length, at];
    const extra = Buffer.alloc(zip64 ? 32 : 0);
    if (zip64) {
      extra.writeUInt16LE(0x5455, 0); // a time stamp without content comes first
      extra.writeUInt16LE(1, 4);
      extra.writeUInt16LE(24, 6);
      sizes.forEach((size, i) => {
        extra.writeBigUInt64LE(BigInt(size), 8 + 8 * i);
      });
    }
    const [unpacked = 0, length = 0, place = 0] = zip64 ? [0xffffffff, 0xffffffff, 0xffffffff] : sizes;
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(sum, 16);
    entry.writeUInt32LE(length, 20);
    entry.writeUInt32LE(unpacked, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(place, 42);
    directory.push(entry, Buffer.from(name), extra);
    at += 34 + name.length + packed.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const { zip64End = false, comment = '' } = options;
  const end64 = Buffer.alloc(zip64End ? 76 : 0);
  if (zip64End) {
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(44n, 4);
    end64.writeBigUInt64LE(BigInt(files.length), 32);
    end64.writeBigUInt64LE(BigInt(directoryBytes.length), 40);
    end64.writeBigUInt64LE(BigInt(at), 48);
    end64.writeUInt32LE(0x07064b50, 56);
    end64.writeBigUInt64LE(BigInt(at + directoryBytes.length), 64);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64End ? 0xffff : files.length, 10);
  end.writeUInt32LE(zip64End ? 0xffffffff : directoryBytes.length, 12);
  end.writeUInt32LE(zip64End ? 0xffffffff : at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, directoryBytes, end64, end, Buffer.from(comment)]);
}

/** A `.npz` of named arrays. */
export function npzBytes(arrays: Readonly<Record<string, NpyParts>>): Buffer {
  return zipBytes(Object.entries(arrays).map(([name, parts]) => ({ name: `${name}.npy`, bytes: npyBytes(parts) })));
}

const IDX_DTYPES: Readonly<Record<number, string>> = { 8: '>u1', 9: '>i1', 11: '>i2', 12: '>i4', 13: '>f4', 14: '>f8' };

export function idxBytes(code: number, shape: readonly number[], values: readonly number[]): Buffer {
  const dtype = IDX_DTYPES[code] ?? '>u1';
  return Buffer.concat([
    Buffer.from([0, 0, code, shape.length]),
    elementBytes('>u4', shape),
    elementBytes(dtype, values),
  ]);
}

/** 0, 1, 2, … */
export function countUp(length: number, from = 0): number[] {
  return Array.from({ length }, (_, i) => from + i);
}

/** Everything that an async iterable yields. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
