/** @file Tensors whose bytes are in another file beside the model. The names come from the model, so they are hostile. */
import { type BigIntStats, constants, realpathSync, statSync } from 'node:fs';
import { join, relative, sep, win32 } from 'node:path';
import { modelErrors } from '../errors/modelErrors.js';
import { MorphError } from '../errors/morphError.js';
import { requireDataType } from './dataType.js';
import type { TensorProto } from './messages.js';
import type { Bytes } from './storedBytes.js';
import { STORED_FROM_BYTES, storedIn } from './storedIn.js';
import { elementCount, packedByteLength } from './tensorSize.js';

/** Bytes `offset` to `offset + length` of a file inside the model's folder. */
export interface ExternalRange {
  /** Real path, free of links. */
  readonly file: string;
  readonly stat: BigIntStats;
  /** As the model names it. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** The value of a key of external_data; the last one counts, as in every map of protobuf. */
function entry(tensor: TensorProto, key: string): string | undefined {
  return tensor.externalData.filter((pair) => pair.key === key).at(-1)?.value;
}

function byteCount(tensor: TensorProto, key: 'offset' | 'length'): number | undefined {
  const value = entry(tensor, key);
  if (value === undefined || value === '') return undefined;
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw modelErrors.externalRange(tensor.name ?? '', key, value);
  return number;
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function checkLocation(tensor: TensorProto): string {
  const name = tensor.name ?? '';
  const location = entry(tensor, 'location') ?? '';
  const outside = (reason: string) => modelErrors.externalOutside(name, location, reason);
  if (location === '') throw outside('is no path');
  if (location.includes('\0')) throw outside('holds a NUL character');
  // Win32 rules know every form of an absolute path, the POSIX one too.
  if (win32.isAbsolute(location) || /^[a-z]:/i.test(location)) throw outside('is not relative to the model');
  if (location.split(/[/\\]/).includes('..')) throw outside("leads out of the model's folder");
  return location;
}

/** Follows the location step by step, so that no link on the way leads out, not even to come back in. */
function realFile(tensor: TensorProto, location: string, dir: string): string {
  const name = tensor.name ?? '';
  try {
    const root = realpathSync(dir);
    let path = root;
    for (const component of location.split('/')) {
      if (component === '' || component === '.') continue;
      path = realpathSync(join(path, component));
      const inside = relative(root, path);
      if (inside === '..' || inside.startsWith(`..${sep}`) || win32.isAbsolute(inside)) {
        throw modelErrors.externalOutside(name, location, "is a link that leads out of the model's folder");
      }
    }
    return path;
  } catch (error) {
    if (error instanceof MorphError) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw modelErrors.externalMissing(name, location);
    throw modelErrors.externalUnreadable(name, location, code, error);
  }
}

/**
 * Where the bytes of an external tensor are, checked against the file's size and the tensor's shape. Reads nothing.
 *
 * The optional checksum is not verified: it covers the whole data file, which is not read as a whole.
 *
 * @param dir folder of the model
 * @throws MODEL_EXTERNAL_OUTSIDE, MODEL_EXTERNAL_MISSING, MODEL_EXTERNAL_UNREADABLE, MODEL_EXTERNAL_RANGE,
 *   MODEL_EXTERNAL_SHORT, MODEL_TENSOR_BYTES, MODEL_DATA_TYPE, MODEL_TENSOR_DIMS
 */
export function resolveExternal(tensor: TensorProto, dir: string): ExternalRange {
  const name = tensor.name ?? '';
  const info = requireDataType(tensor);
  if (info.kind === 'string') throw modelErrors.noNumbers(name, info.name, 'numbers');
  const needed = packedByteLength(elementCount(tensor), info);
  const location = checkLocation(tensor);
  const offset = byteCount(tensor, 'offset') ?? 0;
  const length = byteCount(tensor, 'length') ?? needed;
  if (length !== needed) throw modelErrors.payloadBytes(name, length, needed, info.name, tensor.dims);
  const file = realFile(tensor, location, dir);
  const stat = statFile(tensor, location, file);
  const size = Number(stat.size);
  if (!stat.isFile()) throw modelErrors.externalUnreadable(name, location, 'not a regular file');
  if (offset + length > size) throw modelErrors.externalShort(name, location, offset + length, size);
  return { file, stat, location, offset, length };
}

function statFile(tensor: TensorProto, location: string, file: string): BigIntStats {
  try {
    return statSync(file, { bigint: true });
  } catch (error) {
    throw modelErrors.externalUnreadable(tensor.name ?? '', location, errorCode(error), error);
  }
}

/**
 * The bytes of an external tensor, and no others; large ones are not read yet.
 *
 * @param dir folder of the model; undefined for a model that came from no file
 * @throws MODEL_EXTERNAL_NO_FOLDER, and what `resolveExternal` throws
 */
export function externalBytes(tensor: TensorProto, dir: string | undefined): Bytes {
  const name = tensor.name ?? '';
  if (dir === undefined) throw modelErrors.externalFolderless(name);
  const { file, stat, offset, length } = resolveExternal(tensor, dir);
  // The path is real: a link that appears now was put there to deceive.
  const stored = storedIn(file, stat, { start: offset, end: offset + length }, constants.O_NOFOLLOW ?? 0);
  return length >= STORED_FROM_BYTES ? stored : stored.read();
}
