import { mkdir } from 'node:fs/promises';
import { modelErrors } from '../errors/modelErrors.js';
import { writeError } from '../onnx/pendingFile.js';

/** Makes a folder and those above it, where they are not there. @throws OUTPUT_NOT_FOLDER, OUTPUT_DENIED, … */
export async function makeOutputFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw modelErrors.outputNotFolder(path);
    throw writeError(path, error);
  }
}
