/**
 * @file Large buffers that are used one time after the other. The garbage collector sees little of them and is late, so
 * that fresh ones for every weight would pile up.
 */
import { bytesToFill } from './readFully.js';

/** Free buffers; held weakly, so that an idle process keeps none. */
const free: WeakRef<ArrayBuffer>[] = [];

/** Of at least so many bytes, on an 8-byte boundary, holding anything. Give it back. */
export function takeScratch(length: number): Uint8Array {
  let best: ArrayBuffer | undefined;
  for (let i = free.length - 1; i >= 0; i--) {
    const buffer = free[i]!.deref();
    if (buffer === undefined) free.splice(i, 1);
    else if (buffer.byteLength >= length && buffer.byteLength < (best?.byteLength ?? Number.POSITIVE_INFINITY)) {
      best = buffer;
    }
  }
  if (best === undefined) {
    // Pages that are never touched take no memory, so a round size costs nothing and serves more often.
    return bytesToFill(2 ** Math.ceil(Math.log2(Math.max(length, 1)))).subarray(0, length);
  }
  const taken = best;
  free.splice(
    free.findIndex((reference) => reference.deref() === taken),
    1,
  );
  return new Uint8Array(taken, 0, length);
}

/** Nobody may use the bytes afterwards. @param bytes from `takeScratch` */
export function giveBackScratch({ buffer }: Uint8Array): void {
  free.push(new WeakRef(buffer as ArrayBuffer));
}
