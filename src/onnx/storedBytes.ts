import { bytesToFill } from './readFully.js';
import { giveBackScratch, takeScratch } from './scratch.js';

/** Bytes that are not in memory: still in the file where they were found, or to be made of such. */
export interface StoredBytes {
  readonly length: number;
  /**
   * Reads or makes them anew at every call.
   *
   * @param target what they are written to, as long as they are; new memory where it is left out
   * @throws MODEL_CHANGED, MODEL_UNREADABLE
   */
  read(target?: Uint8Array): Uint8Array;
}

/** Bytes in memory, or not. */
export type Bytes = Uint8Array | StoredBytes;

export function bytesOf(bytes: Bytes): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : bytes.read();
}

/** Looks at bytes for the time of a call: whoever keeps them sees them change. */
export function withBytes<T>(bytes: Bytes, use: (bytes: Uint8Array) => T): T {
  if (bytes instanceof Uint8Array) return use(bytes);
  const scratch = takeScratch(bytes.length);
  try {
    return use(bytes.read(scratch));
  } finally {
    giveBackScratch(scratch);
  }
}

/** `withBytes` until a promise is settled. */
export async function withBytesAsync(bytes: Bytes, use: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  if (bytes instanceof Uint8Array) return use(bytes);
  const scratch = takeScratch(bytes.length);
  try {
    await use(bytes.read(scratch));
  } finally {
    giveBackScratch(scratch);
  }
}

/**
 * Bytes that follow from others: made at once of those in memory, else whenever they are asked for.
 *
 * @param write fills all of `to`; neither is to be kept
 */
export function derivedBytes(source: Bytes, length: number, write: (from: Uint8Array, to: Uint8Array) => void): Bytes {
  const read = (target = bytesToFill(length)) => {
    withBytes(source, (from) => write(from, target));
    return target;
  };
  return source instanceof Uint8Array ? read() : { length, read };
}

/** As `derivedBytes`, of the same length: a copy that is changed where it stands. */
export function editedBytes(source: Bytes, edit: (bytes: Uint8Array) => void): Bytes {
  const read = (target = bytesToFill(source.length)) => {
    if (source instanceof Uint8Array) target.set(source);
    else source.read(target);
    edit(target);
    return target;
  };
  return source instanceof Uint8Array ? read() : { length: source.length, read };
}
