import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { modelErrors } from '../errors/modelErrors.js';
import { MorphError } from '../errors/morphError.js';

/** Errors of the file system on the way to `path` get a place in the catalogue; any other is passed on. */
export function writeError(path: string, error: unknown): unknown {
  if (error instanceof MorphError || !(error instanceof Error && 'code' in error)) return error;
  const code = String(error.code);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return modelErrors.outputNoFolder(path);
    case 'EISDIR':
      return modelErrors.outputFolder(path);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return modelErrors.outputDenied(path, code, error);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return modelErrors.outputNoSpace(path, code, error);
    default:
      return modelErrors.outputFailed(path, code, error);
  }
}

/** Makes renames in a folder last through a crash, where the system can. */
async function syncFolder(dir: string): Promise<void> {
  try {
    const handle = await open(dir, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Windows opens no folders, and some network drives do not sync them: the rename stands all the same.
  }
}

/**
 * A file that is written beside its destination and takes its place in one step, or leaves no trace.
 *
 * Always end it by `discard` (in a `finally`); after `commit` that does nothing.
 */
export class PendingFile {
  readonly #handle: FileHandle;
  readonly #temporary: string;
  #isClosed = false;
  #length = 0;

  private constructor(
    handle: FileHandle,
    temporary: string,
    readonly path: string,
    readonly signal: AbortSignal | undefined,
  ) {
    this.#handle = handle;
    this.#temporary = temporary;
  }

  /** @throws OUTPUT_NO_FOLDER, OUTPUT_IS_FOLDER, OUTPUT_DENIED, OUTPUT_FAILED */
  static async create(path: string, signal?: AbortSignal): Promise<PendingFile> {
    const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`);
    try {
      const existing = await stat(path).catch(() => undefined);
      if (existing?.isDirectory() === true) throw modelErrors.outputFolder(path);
      return new PendingFile(await open(temporary, 'wx'), temporary, path, signal);
    } catch (error) {
      throw writeError(path, error);
    }
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** @throws OUTPUT_ABORTED, OUTPUT_NO_SPACE, OUTPUT_FAILED */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      let at = 0;
      while (at < bytes.length) {
        this.#checkSignal();
        // 64 MiB at a time, so that an abort is soon heard.
        const { bytesWritten } = await this.#handle.write(bytes, at, Math.min(bytes.length - at, 2 ** 26));
        at += bytesWritten;
      }
      this.#length += bytes.length;
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  /** Brings what was written to the disk; the last moment at which an abort is heard. */
  async seal(): Promise<void> {
    try {
      this.#checkSignal();
      await this.#handle.sync();
      this.#checkSignal();
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  /** Takes the place of whatever is at `destination`. */
  async commit(destination: string = this.path): Promise<void> {
    try {
      await this.#close();
      await rename(this.#temporary, destination);
    } catch (error) {
      throw writeError(destination, error);
    }
    await syncFolder(dirname(destination));
  }

  /** Removes the temporary file if it is still there. */
  async discard(): Promise<void> {
    await this.#close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#handle.close();
  }

  #checkSignal(): void {
    if (this.signal?.aborted === true) throw modelErrors.outputAborted(this.path);
  }
}
