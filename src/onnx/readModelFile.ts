import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { modelErrors } from '../errors/modelErrors.js';
import { MorphError } from '../errors/morphError.js';
import { decodeModel } from './decodeModel.js';
import { MAX_MODEL_BYTES } from './encodeModel.js';
import type { ModelProto } from './messages.js';
import { readSparsely, type SparseFile } from './sparseFile.js';

/** A model as it came from a file. */
export interface ModelFile {
  /** Large weights are in the file still; tensors in memory are views over what was read, not to be changed. */
  readonly model: ModelProto;
  /** Folder of the file, where its external data is. */
  readonly dir: string;
  /** The size of the file. */
  readonly byteLength: number;
}

/** Errors of the file system get a place in the catalogue; any other is passed on. */
function readError(path: string, error: unknown): unknown {
  if (error instanceof MorphError || !(error instanceof Error && 'code' in error)) return error;
  const code = String(error.code);
  if (code === 'ENOENT' || code === 'ENOTDIR') return modelErrors.missing(path);
  return modelErrors.unreadable(path, code, error);
}

async function checkFile(handle: FileHandle, path: string): Promise<void> {
  const stat = await handle.stat();
  if (stat.isDirectory()) throw modelErrors.folder(path);
  if (!stat.isFile()) throw modelErrors.notRegular(path);
  if (stat.size > MAX_MODEL_BYTES) throw modelErrors.tooLarge(path, stat.size);
}

function decodeSparsely(handle: FileHandle, path: string): ModelFile | undefined {
  const file = readSparsely(handle.fd, resolve(path));
  if (file === undefined) return undefined;
  const model = decodeModel(file.bytes, path);
  return { model: withStored(model, file), dir: dirname(path), byteLength: file.bytes.length };
}

/** The model with the payloads that were not read; its initializers are views that tell the place by their offset. */
function withStored(model: ModelProto, { stored }: SparseFile): ModelProto {
  const { graph } = model;
  if (stored.size === 0 || graph === undefined) return model;
  const initializer = graph.initializer.map((tensor) => {
    const payload = tensor.rawData instanceof Uint8Array ? stored.get(tensor.rawData.byteOffset) : undefined;
    return payload === undefined ? tensor : { ...tensor, rawData: payload };
  });
  return { ...model, graph: { ...graph, initializer } };
}

function decodeWhole(buffer: Buffer, path: string): ModelFile {
  const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return { model: decodeModel(bytes, path), dir: dirname(path), byteLength: bytes.length };
}

/**
 * Reads an .onnx file, but for its large weights: like external data they are read
 * only when a tensor's bytes are asked for.
 *
 * @throws MODEL_MISSING, MODEL_FOLDER, MODEL_NOT_REGULAR, MODEL_UNREADABLE, and what `decodeModel` throws
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer, for ever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    await checkFile(handle, path);
    return decodeSparsely(handle, path) ?? decodeWhole(await handle.readFile(), path);
  } catch (error) {
    throw readError(path, error);
  } finally {
    await handle?.close();
  }
}
