import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointErrors } from '../../errors/checkpointErrors.js';
import { PendingFile } from '../../onnx/pendingFile.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';

const NAME = /^checkpoint-\d{12}\.safetensors$/;
const UNFINISHED = /^\.checkpoint-\d{12}\.safetensors\.[\w-]+\.tmp$/;
const KEPT = 2;

/** A checkpoint with the path of its file. */
export interface FoundCheckpoint extends Checkpoint {
  readonly path: string;
}

/** The paths of all checkpoints in a folder, the newest first. */
export async function listCheckpoints(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name));
  return names
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/**
 * The newest checkpoint of a folder that is whole.
 *
 * @returns undefined where there is none at all
 * @throws CHECKPOINT_DAMAGED where none is whole
 */
export async function readCheckpoint(folder: string): Promise<FoundCheckpoint | undefined> {
  let failure: unknown;
  for (const path of await listCheckpoints(folder)) {
    try {
      return { ...decodeCheckpoint(await readFile(path)), path };
    } catch (error) {
      failure ??= checkpointErrors.damaged(path, error instanceof Error ? error.message : String(error), error);
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** Writes a checkpoint so that a folder always has a whole one, and lets go of those before the last two. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const name = `checkpoint-${String(checkpoint.step).padStart(12, '0')}.safetensors`;
  const file = await PendingFile.create(join(folder, name));
  try {
    for (const part of encodeCheckpoint(checkpoint)) await file.write(part);
    await file.seal();
    await file.commit();
  } finally {
    await file.discard();
  }
  for (const path of (await listCheckpoints(folder)).slice(KEPT)) await rm(path, { force: true });
}

/** Removes what a run that was killed was just writing. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (UNFINISHED.test(name)) await rm(join(folder, name), { force: true });
  }
}

/** Removes all checkpoints of a folder. */
export async function removeCheckpoints(folder: string): Promise<void> {
  for (const path of await listCheckpoints(folder)) await rm(path, { force: true });
}
