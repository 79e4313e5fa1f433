import { readSync } from 'node:fs';

/** Bytes that are not zeroed: for large ones that takes as long as to read them. Whoever asks must fill them all. */
export function bytesToFill(length: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer, byteOffset, length);
}

/** Fills `target` from a file's position on. @returns false where the file ends before */
export function readFully(descriptor: number, target: Uint8Array, position: number): boolean {
  let at = 0;
  while (at < target.length) {
    const read = readSync(descriptor, target, at, Math.min(target.length - at, 2 ** 30), position + at);
    if (read === 0) return false;
    at += read;
  }
  return true;
}
