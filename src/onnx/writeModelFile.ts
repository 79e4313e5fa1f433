import { createHash } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { modelErrors } from '../errors/modelErrors.js';
import { createMessage } from './createMessage.js';
import { DataType } from './dataType.js';
import { encodeModelParts, MAX_MODEL_BYTES } from './encodeModel.js';
import { resolveExternal } from './externalData.js';
import { mapTensors } from './mapTensors.js';
import { DataLocation, type ModelProto, type TensorProto } from './messages.js';
import { PendingFile } from './pendingFile.js';
import { type Bytes, withBytesAsync } from './storedBytes.js';
import { tensorPayload } from './tensorPayload.js';

export interface WriteModelOptions {
  /** Folder in which the external data of the model is now. */
  readonly sourceDir?: string;
  /** Up to this size all weights go into the .onnx file itself; default 2 GiB − 1, the most that the format allows. */
  readonly inlineLimitBytes?: number;
  /** Until the last byte is on the disk, an abort leaves everything as it was. */
  readonly signal?: AbortSignal;
  /** The file takes its place after this, so that it can be judged while it is written; nothing is left if it fails. */
  readonly ready?: Promise<unknown>;
}

/** Smaller tensors stay in the .onnx file: shape arithmetic must be readable without a second file. */
const EXTERNAL_FROM_BYTES = 1024;

/** Large tensors begin on a page, so that runtimes can map them into memory. */
const ALIGNMENT = [
  { fromBytes: 2 ** 20, alignTo: 4096 },
  { fromBytes: 0, alignTo: 64 },
] as const;

const isExternal = (tensor: TensorProto): boolean => tensor.dataLocation === DataLocation.EXTERNAL;

function withoutExternal({ dataLocation: _, ...tensor }: TensorProto, rawData: Bytes): TensorProto {
  return { ...tensor, externalData: [], rawData };
}

/** The size of the file if all external data came into it. */
function inlineByteLength(model: ModelProto, sourceDir: string | undefined): number {
  let size = encodeModelParts(model).byteLength;
  mapTensors(model, (tensor) => {
    if (isExternal(tensor)) {
      if (sourceDir === undefined) throw modelErrors.externalFolderless(tensor.name ?? '');
      // A tag and a length more for the tensor, and longer lengths for what holds it.
      size += resolveExternal(tensor, sourceDir).length + 64;
    }
    return tensor;
  });
  return size;
}

function inlined(model: ModelProto, sourceDir: string | undefined): ModelProto {
  return mapTensors(model, (tensor) =>
    isExternal(tensor) ? withoutExternal(tensor, tensorPayload(tensor, sourceDir)) : tensor,
  );
}

/** Initializers, and what was external before: runtimes do not look for external data in other places. */
function tensorsToMoveOut(model: ModelProto): readonly TensorProto[] {
  const found = new Set<TensorProto>();
  mapTensors(model, (tensor, owner) => {
    const isLarge = (tensor.rawData?.length ?? 0) >= EXTERNAL_FROM_BYTES && tensor.dataType !== DataType.STRING;
    if (isExternal(tensor) || (isLarge && owner === 'GraphProto.initializer')) found.add(tensor);
    return tensor;
  });
  return [...found];
}

interface DataFile {
  readonly offsets: ReadonlyMap<TensorProto, { readonly offset: number; readonly length: number }>;
  readonly sha256: string;
}

/** One tensor in memory at a time. */
async function writeData(file: PendingFile, tensors: readonly TensorProto[], sourceDir?: string): Promise<DataFile> {
  const hash = createHash('sha256');
  const offsets = new Map<TensorProto, { offset: number; length: number }>();
  for (const tensor of tensors) {
    const payload = tensorPayload(tensor, sourceDir);
    const { length } = payload;
    const { alignTo } = ALIGNMENT.find(({ fromBytes }) => length >= fromBytes) ?? ALIGNMENT[1];
    const padding = new Uint8Array((alignTo - (file.length % alignTo)) % alignTo);
    await file.write(padding);
    hash.update(padding);
    offsets.set(tensor, { offset: file.length, length });
    await withBytesAsync(payload, async (bytes) => {
      await file.write(bytes);
      hash.update(bytes);
    });
  }
  return { offsets, sha256: hash.digest('hex') };
}

function pointingAt(model: ModelProto, location: string, { offsets }: DataFile): ModelProto {
  const entry = (key: string, value: string) => createMessage('StringStringEntryProto', { key, value });
  return mapTensors(model, (tensor) => {
    const range = offsets.get(tensor);
    if (range === undefined) return tensor;
    const { rawData: _, ...rest } = tensor;
    const externalData = [
      entry('location', location),
      entry('offset', String(range.offset)),
      entry('length', String(range.length)),
    ];
    return { ...rest, dataLocation: DataLocation.EXTERNAL, externalData };
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function writeParts(file: PendingFile, model: ModelProto): Promise<void> {
  const { parts, byteLength } = encodeModelParts(model);
  if (byteLength > MAX_MODEL_BYTES) throw modelErrors.outputTooLarge(byteLength);
  for (const part of parts) await withBytesAsync(part, (bytes) => file.write(bytes));
  await file.seal();
}

async function writeWithData(
  file: PendingFile,
  model: ModelProto,
  { sourceDir, ready }: WriteModelOptions,
): Promise<string> {
  const data = await PendingFile.create(`${file.path}.data`, file.signal);
  try {
    const written = await writeData(data, tensorsToMoveOut(model), sourceDir);
    await data.seal();
    // An older model at this path may use the file of that name: until it is replaced, it must stay whole.
    const { dir, name } = parse(file.path);
    const digestPath = join(dir, `${name}.${written.sha256.slice(0, 16)}.data`);
    const dataPath = (await exists(data.path)) ? digestPath : data.path;
    const isNew = !(await exists(dataPath));
    await writeParts(file, pointingAt(model, basename(dataPath), written));
    await ready;
    // Data first: a crash between the two leaves a file too many, never a model without its weights.
    await data.commit(dataPath);
    try {
      await file.commit();
    } catch (error) {
      if (isNew) await rm(dataPath, { force: true }).catch(() => undefined);
      throw error;
    }
    return dataPath;
  } finally {
    await data.discard();
  }
}

/**
 * Writes a model so that the destination holds either what it held before or the whole new file: into a temporary file
 * beside it, to the disk, then renamed. It may be the file the model was read from.
 *
 * Weights go into the .onnx file while that stays below 2 GiB, also those which were external before; above, they go to
 * `<path>.data` beside it (to `<name>.<digest>.data` where a file of that name exists, since another model may use it).
 *
 * @returns the files written, the .onnx file first
 * @throws OUTPUT_NO_FOLDER, OUTPUT_IS_FOLDER, OUTPUT_DENIED, OUTPUT_NO_SPACE, OUTPUT_FAILED, OUTPUT_TOO_LARGE,
 *   OUTPUT_ABORTED; what `ready` fails with; MODEL_EXTERNAL_… where the model's present external data is not as it should be
 */
export async function writeModelFile(
  path: string,
  model: ModelProto,
  options: WriteModelOptions = {},
): Promise<readonly string[]> {
  const { sourceDir, inlineLimitBytes = MAX_MODEL_BYTES, signal, ready } = options;
  // It may fail while the file is being written: that is told below, and no unhandled rejection.
  ready?.catch(() => undefined);
  const file = await PendingFile.create(path, signal);
  try {
    if (inlineByteLength(model, sourceDir) > inlineLimitBytes) {
      return [path, await writeWithData(file, model, options)];
    }
    await writeParts(file, inlined(model, sourceDir));
    await ready;
    await file.commit();
    return [path];
  } finally {
    await file.discard();
  }
}
