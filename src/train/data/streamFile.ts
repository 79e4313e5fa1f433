import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { dataErrors } from '../../errors/dataErrors.js';
import { MorphError } from '../../errors/morphError.js';

/** How a stretch of a file is packed. */
export type Packing = 'stored' | 'deflate' | 'gzip';

/** A stretch of a file: `length` bytes from byte `start`. */
export interface FileRange {
  readonly start: number;
  readonly length: number;
}

/** DEFLATE cannot shrink more than this: 258 bytes for two bits (zlib's technical notes). */
const MAX_DEFLATE_RATIO = 1032;
const CHUNK_BYTES = 1 << 18;

type Chunks = AsyncIterable<Uint8Array>;

/**
 * Streams the unpacked bytes of a stretch of a file into `consume`, and returns what that returns.
 * @throws DATA_UNREADABLE, DATA_DAMAGED, and what `consume` throws
 */
export async function streamFile<T>(
  path: string,
  range: FileRange,
  packing: Packing,
  where: string,
  consume: (chunks: Chunks) => Promise<T>,
): Promise<T> {
  if (range.length === 0) return consume(noChunks());
  const { start, length } = range;
  const source = createReadStream(path, { start, end: start + length - 1, highWaterMark: CHUNK_BYTES });
  try {
    if (packing === 'stored') return await pipeline(source, consume);
    const options = { chunkSize: CHUNK_BYTES };
    const unpack = packing === 'gzip' ? createGunzip(options) : createInflateRaw(options);
    return await pipeline(source, unpack, consume);
  } catch (error) {
    throw error instanceof MorphError ? error : streamError(error, path, where);
  }
}

async function* noChunks(): AsyncGenerator<Uint8Array> {}

function streamError(error: unknown, path: string, where: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  return code.startsWith('Z_')
    ? dataErrors.damaged(where, `its compressed bytes do not unpack (${error.message})`)
    : dataErrors.unreadable(path, error.message);
}

/**
 * Room for `size` unpacked bytes, claimed only when `packedBytes` can really give as many.
 * @throws DATA_DAMAGED, DATA_TOO_LARGE
 */
export function allocateBytes(size: number, packedBytes: number, packing: Packing, where: string): Uint8Array {
  const possible = packing === 'stored' ? packedBytes : packedBytes * MAX_DEFLATE_RATIO;
  if (size > possible) {
    throw dataErrors.damaged(where, `it announces ${size} bytes, more than its ${packedBytes} stored bytes can hold`);
  }
  try {
    return new Uint8Array(size);
  } catch (error) {
    if (error instanceof RangeError) throw dataErrors.tooLarge(where, size);
    throw error;
  }
}

/**
 * Fills `target` from `offset` to its end with exactly the bytes of the stream.
 * @throws DATA_DAMAGED when there are more or fewer
 */
export async function fillBytes(target: Uint8Array, offset: number, chunks: Chunks, where: string): Promise<void> {
  let filled = offset;
  for await (const chunk of chunks) {
    if (filled + chunk.length > target.length) {
      throw dataErrors.damaged(where, `it holds more than the ${target.length} bytes that it announces`);
    }
    target.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < target.length) {
    throw dataErrors.damaged(where, `it ends after ${filled} of the ${target.length} bytes that it announces`);
  }
}
