import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { modelErrors } from '../errors/modelErrors.js';
import { MorphError } from '../errors/morphError.js';
import { decodeModel } from './decodeModel.js';
import { MAX_MODEL_BYTES } from './encodeModel.js';
import type { ModelProto } from './messages.js';

/** A model as it came from a file. */
export interface ModelFile {
  readonly model: ModelProto;
  /** Folder of the file, where its external data is. */
  readonly dir: string;
  /** The file's bytes, which the model's tensors are views over: not to be changed. */
  readonly bytes: Uint8Array;
}

/** Errors of the file system get a place in the catalogue; any other is passed on. */
function readError(path: string, error: unknown): unknown {
  if (error instanceof MorphError || !(error instanceof Error && 'code' in error)) return error;
  const code = String(error.code);
  if (code === 'ENOENT' || code === 'ENOTDIR') return modelErrors.missing(path);
  return modelErrors.unreadable(path, code, error);
}

async function readBytes(handle: FileHandle, path: string): Promise<Uint8Array> {
  const stat = await handle.stat();
  if (stat.isDirectory()) throw modelErrors.folder(path);
  if (!stat.isFile()) throw modelErrors.notRegular(path);
  if (stat.size > MAX_MODEL_BYTES) throw modelErrors.tooLarge(path, stat.size);
  const buffer = await handle.readFile();
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/**
 * Reads an .onnx file. External data is checked and read only when a tensor's bytes are asked for.
 *
 * @throws MODEL_MISSING, MODEL_FOLDER, MODEL_NOT_REGULAR, MODEL_UNREADABLE, and what `decodeModel` throws
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer, for ever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const bytes = await readBytes(handle, path);
    return { model: decodeModel(bytes, path), dir: dirname(path), bytes };
  } catch (error) {
    throw readError(path, error);
  } finally {
    await handle?.close();
  }
}
