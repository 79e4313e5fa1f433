import { gunzipSync } from 'node:zlib';

const BLOCK = 512;

/** The files of a gzipped tar archive (POSIX ustar, names of up to 100 characters), by their paths. */
export function readTar(packed: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const bytes = gunzipSync(packed);
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const text = (start: number, length: number) =>
      bytes.toString('latin1', at + start, at + start + length).replace(/\0.*$/s, '');
    const name = text(0, 100);
    if (name === '') break;
    const size = Number.parseInt(text(124, 12), 8);
    files.set(name, bytes.subarray(at + BLOCK, at + BLOCK + size));
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return files;
}
