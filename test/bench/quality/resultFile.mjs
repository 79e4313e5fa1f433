/** @file Results as JSON lines, one run a line, that grow from call to call. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What tells a run from others; a run whose result is there is not run again. */
export function identityOf({ model, method, resource, budget, seed, epochs, recipe }) {
  const settings = Object.entries(recipe).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([model, method, resource, budget, seed, epochs, settings]);
}

/** @returns all results of a file; none where it is not there */
export function readResults(path) {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => {
      try {
        return JSON.parse(line);
      } catch {
        throw new Error(`${path}: line ${i + 1} is not JSON; a run was cut off while it wrote? Remove the line`);
      }
    });
}

export function appendResult(path, result) {
  appendFileSync(path, `${JSON.stringify(result)}\n`);
}

/** Changes results where they stand. */
export function changeResults(path, change) {
  const lines = readResults(path).map((result) => `${JSON.stringify(change(result))}\n`);
  writeFileSync(path, lines.join(''));
}
