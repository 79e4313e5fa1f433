/** @file Where the networks that runs leave are kept. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from './resultFile.mjs';

export function keepModel(folder, run, path) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(path, keptPath(folder, run));
}

/** The file of a run; those of other settings have other names. */
export function keptPath(folder, run) {
  const { model, method, resource, budget, seed } = run;
  const digest = createHash('sha256').update(identityOf(run)).digest('hex').slice(0, 8);
  return join(folder, `${[model, method, resource, budget, seed, digest].join('-')}.onnx`);
}
