import { stat } from 'node:fs/promises';
import { dataErrors } from '../../errors/dataErrors.js';
import { decodeNumbers, ELEMENT_BYTES, type ElementType } from './decodeNumbers.js';
import { type DataArray, elementCount } from './numericArray.js';
import { allocateBytes, fillBytes, type Packing, streamFile } from './streamFile.js';

const IDX_TYPES: Readonly<Record<number, ElementType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

/**
 * The array in an IDX file (the format of MNIST), unpacked on the way where its name ends in `.gz`: two zero bytes,
 * type, number of axes, the sizes as big-endian uint32, then the elements, big-endian.
 * @throws DATA_UNREADABLE, DATA_NOT_IDX, DATA_DAMAGED, DATA_TOO_LARGE
 */
export async function readIdx(path: string): Promise<DataArray> {
  const packing: Packing = path.endsWith('.gz') ? 'gzip' : 'stored';
  const fileBytes = await fileSize(path);
  return streamFile(path, { start: 0, length: fileBytes }, packing, path, async (chunks) => {
    const iterator = chunks[Symbol.asyncIterator]();
    let head: Uint8Array = new Uint8Array(0);
    const need = async (length: number) => {
      while (head.length < length) {
        const { done, value } = await iterator.next();
        if (done === true) throw dataErrors.notIdx(path, `it ends after ${head.length} bytes, within its header`);
        head = Buffer.concat([head, value]);
      }
    };
    await need(4);
    const [zero, alsoZero, code, rank] = head as unknown as [number, number, number, number];
    const type = IDX_TYPES[code];
    if (zero !== 0 || alsoZero !== 0 || type === undefined || rank === 0) {
      throw dataErrors.notIdx(path, `it begins with the bytes ${[...head.subarray(0, 4)].join(' ')}`);
    }
    const headBytes = 4 + 4 * rank;
    await need(headBytes);
    const view = new DataView(head.buffer, head.byteOffset, headBytes);
    const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
    const size = elementCount(shape) * ELEMENT_BYTES[type];
    const bytes = allocateBytes(size, fileBytes, packing, path);
    const rest = head.subarray(headBytes);
    await fillBytes(bytes, 0, chain(rest, iterator), path);
    return { data: decodeNumbers(bytes, type, true, path), shape };
  });
}

async function* chain(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw dataErrors.unreadable(path, (error as Error).message);
  }
}
