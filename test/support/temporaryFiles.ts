/** @file One folder for all temporary files of a run, which goes when the run ends, whatever its tests leave there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For Vitest's `globalSetup`: what `os.tmpdir()` gives in the tests and in the processes that they start. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-morph-tests-'));
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
