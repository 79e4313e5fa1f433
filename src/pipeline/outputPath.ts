import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { modelErrors } from '../errors/modelErrors.js';
import { PendingFile } from '../onnx/pendingFile.js';

/**
 * Checks before any work is done that the result can be written where it should go.
 *
 * @throws OUTPUT_IS_INPUT, and the errors of writing: OUTPUT_NO_FOLDER, OUTPUT_DENIED, …
 */
export async function checkOutputPath(input: string, output: string): Promise<void> {
  if ((await canonical(input)) === (await canonical(output))) throw modelErrors.outputIsInput(output);
  await checkWritable(output);
}

/** Checks that a file can be written where it should go. @throws OUTPUT_NO_FOLDER, OUTPUT_DENIED, … */
export async function checkWritable(path: string): Promise<void> {
  const probe = await PendingFile.create(path);
  await probe.discard();
}

async function canonical(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/** Writes a text so that there is the whole of it or what was there before. @throws OUTPUT_NO_FOLDER, OUTPUT_DENIED, … */
export async function writeText(path: string, text: string, signal?: AbortSignal): Promise<void> {
  const file = await PendingFile.create(path, signal);
  try {
    await file.write(new TextEncoder().encode(text));
    await file.seal();
    await file.commit();
  } finally {
    await file.discard();
  }
}
