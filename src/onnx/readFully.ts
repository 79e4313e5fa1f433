import { readSync } from 'node:fs';

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
