import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { dataErrors } from '../../errors/dataErrors.js';
import { MorphError } from '../../errors/morphError.js';

/** One file of a zip archive, as its central directory tells it. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated; other methods are refused when the entry is read. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** Position in the archive of the first packed byte. */
  readonly dataStart: number;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
/** An archive comment has at most 65,535 bytes. */
const TAIL_BYTES = END_BYTES + 0xffff;

/**
 * The entries of a zip archive, zip64 included, in the order of its directory (PKWARE APPNOTE 6.3.10, section 4.3).
 * @throws DATA_UNREADABLE, DATA_NOT_ZIP, DATA_DAMAGED
 */
export async function readZipDirectory(path: string): Promise<readonly ZipEntry[]> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    return await new DirectoryReader(path, handle, (await handle.stat()).size).entries();
  } catch (error) {
    if (error instanceof MorphError || !(error instanceof Error && 'code' in error)) throw error;
    throw dataErrors.unreadable(path, error.message);
  } finally {
    await handle?.close();
  }
}

class DirectoryReader {
  constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly fileBytes: number,
  ) {}

  async entries(): Promise<readonly ZipEntry[]> {
    const directory = await this.findDirectory();
    const view = await this.view(directory.start, directory.length);
    const entries: ZipEntry[] = [];
    for (let at = 0; entries.length < directory.count; ) {
      if (at + ENTRY_BYTES > view.byteLength) throw this.damaged('its directory ends in the middle');
      if (view.getUint32(at, true) !== 0x02014b50)
        throw this.damaged(`entry ${entries.length} of its directory is none`);
      const nameBytes = view.getUint16(at + 28, true);
      const extraBytes = view.getUint16(at + 30, true);
      const end = at + ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
      if (end > view.byteLength) throw this.damaged('its directory ends in the middle');
      const extraStart = at + ENTRY_BYTES + nameBytes;
      const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + ENTRY_BYTES, nameBytes));
      const sizes = this.sizes(view, at, extraStart, extraStart + extraBytes);
      entries.push({
        name,
        method: view.getUint16(at + 10, true),
        encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
        crc: view.getUint32(at + 16, true),
        packedBytes: sizes.packed,
        unpackedBytes: sizes.unpacked,
        dataStart: await this.dataStart(sizes.local, sizes.packed, name),
      });
      at = end;
    }
    return entries;
  }

  private async findDirectory(): Promise<{ start: number; length: number; count: number }> {
    const tailStart = Math.max(0, this.fileBytes - TAIL_BYTES);
    const tail = await this.view(tailStart, this.fileBytes - tailStart);
    let at = tail.byteLength - END_BYTES;
    const isEnd = () =>
      tail.getUint32(at, true) === 0x06054b50 && at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength;
    while (at >= 0 && !isEnd()) at--;
    if (at < 0) throw dataErrors.notZip(this.path);
    const [count, length, start] = [
      tail.getUint16(at + 10, true),
      tail.getUint32(at + 12, true),
      tail.getUint32(at + 16, true),
    ];
    if (count !== 0xffff && length !== 0xffffffff && start !== 0xffffffff) return { start, length, count };
    const locatorAt = at - LOCATOR_BYTES;
    if (locatorAt < 0 || tail.getUint32(locatorAt, true) !== 0x07064b50) return { start, length, count };
    const end = await this.view(this.long(tail, locatorAt + 8), END64_BYTES);
    if (end.getUint32(0, true) !== 0x06064b50) throw this.damaged('its zip64 directory is not where it should be');
    return { count: this.long(end, 32), length: this.long(end, 40), start: this.long(end, 48) };
  }

  /** Sizes and place of an entry; fields of all ones stand in the zip64 extra field instead, in this order. */
  private sizes(view: DataView, at: number, extraStart: number, extraEnd: number) {
    let zip64At = 0;
    let zip64End = 0;
    for (let field = extraStart; field + 4 <= extraEnd; ) {
      const end = field + 4 + view.getUint16(field + 2, true);
      if (view.getUint16(field, true) === 1 && end <= extraEnd) [zip64At, zip64End] = [field + 4, end];
      field = end;
    }
    const size = (offset: number): number => {
      const value = view.getUint32(at + offset, true);
      if (value !== 0xffffffff || zip64End === 0) return value;
      if (zip64At + 8 > zip64End) throw this.damaged('a zip64 size is missing in its directory');
      zip64At += 8;
      return this.long(view, zip64At - 8);
    };
    const unpacked = size(24);
    const packed = size(20);
    return { unpacked, packed, local: size(42) };
  }

  /** The packed bytes follow the local header, whose name and extra field may differ in length from the directory's. */
  private async dataStart(local: number, packed: number, name: string): Promise<number> {
    const header = await this.view(local, LOCAL_BYTES);
    if (header.getUint32(0, true) !== 0x04034b50)
      throw this.damaged(`there is no entry where ${quote(name)} should be`);
    const start = local + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + packed > this.fileBytes) throw this.damaged(`${quote(name)} goes on after the end of the file`);
    return start;
  }

  private async view(start: number, length: number): Promise<DataView> {
    if (start + length > this.fileBytes) throw this.damaged('its directory points behind the end of the file');
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const { bytesRead } = await this.handle.read(bytes, filled, length - filled, start + filled);
      if (bytesRead === 0) throw this.damaged('it became shorter while it was read');
      filled += bytesRead;
    }
    return new DataView(bytes.buffer);
  }

  private long(view: DataView, at: number): number {
    const value = Number(view.getBigUint64(at, true));
    if (!Number.isSafeInteger(value)) throw this.damaged(`a zip64 field says ${value} bytes`);
    return value;
  }

  private damaged(detail: string): MorphError {
    return dataErrors.damaged(this.path, detail);
  }
}

/** A name out of a file as one line of readable text. */
const quote = (name: string): string => JSON.stringify(name);
