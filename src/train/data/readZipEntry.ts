import { dataErrors } from '../../errors/dataErrors.js';
import { crc32 } from './crc32.js';
import { allocateBytes, fillBytes, streamFile } from './streamFile.js';
import type { ZipEntry } from './zipDirectory.js';

/**
 * The unpacked bytes of one entry of a zip archive, checked against its CRC-32.
 * @throws DATA_UNREADABLE, DATA_ZIP_UNSUPPORTED, DATA_DAMAGED, DATA_TOO_LARGE
 */
export async function readZipEntry(path: string, entry: ZipEntry): Promise<Uint8Array> {
  const where = `${path}, ${JSON.stringify(entry.name)}`;
  if (entry.encrypted) throw dataErrors.zipUnsupported(where, 'it is encrypted');
  if (entry.method !== 0 && entry.method !== 8) {
    throw dataErrors.zipUnsupported(where, `it is compressed by zip method ${entry.method}`);
  }
  const packing = entry.method === 0 ? 'stored' : 'deflate';
  const bytes = allocateBytes(entry.unpackedBytes, entry.packedBytes, packing, where);
  const range = { start: entry.dataStart, length: entry.packedBytes };
  await streamFile(path, range, packing, where, (chunks) => fillBytes(bytes, 0, chunks, where));
  if (crc32(bytes) !== entry.crc) throw dataErrors.damaged(where, 'its bytes do not match their CRC-32');
  return bytes;
}
