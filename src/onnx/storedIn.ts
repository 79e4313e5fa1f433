import { type BigIntStats, closeSync, constants, fstatSync, openSync } from 'node:fs';
import { modelErrors } from '../errors/modelErrors.js';
import { MorphError } from '../errors/morphError.js';
import { bytesToFill, readFully } from './readFully.js';
import type { StoredBytes } from './storedBytes.js';

/** Payloads from this size on may stay in their file; smaller ones are read at once. */
export const STORED_FROM_BYTES = 2 ** 18;

/** Bytes of a file; `end` is exclusive. */
export interface FileSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Bytes that stay in a file until they are asked for.
 *
 * @param path absolute
 * @param found what the file was when the span was found: another one in its place is MODEL_CHANGED
 * @param flags how to open it, beside reading
 */
export function storedIn(
  path: string,
  found: Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs'>,
  { start, end }: FileSpan,
  flags = 0,
): StoredBytes {
  return {
    length: end - start,
    read: (target = bytesToFill(end - start)) => {
      let descriptor: number | undefined;
      try {
        // A pipe in its place must not block.
        descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | flags);
        const now = fstatSync(descriptor, { bigint: true });
        const isSame = now.ino === found.ino && now.size === found.size && now.mtimeNs === found.mtimeNs;
        if (!isSame || !readFully(descriptor, target, start)) throw modelErrors.changed(path);
        return target;
      } catch (error) {
        if (error instanceof MorphError) throw error;
        throw modelErrors.unreadable(path, error instanceof Error && 'code' in error ? String(error.code) : '', error);
      } finally {
        if (descriptor !== undefined) closeSync(descriptor);
      }
    },
  };
}
