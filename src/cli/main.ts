#!/usr/bin/env node
/** @file The command: the only place that touches `process`. */
import { EXIT_CODES } from '../errors/morphError.js';
import { exitWith } from './exitWith.js';
import { run } from './program.js';

const controller = new AbortController();

/** The first signal asks for an orderly end, the second ends at once. */
function stop(): void {
  if (controller.signal.aborted) process.exit(EXIT_CODES.aborted);
  controller.abort();
}

process.on('SIGINT', stop);
process.on('SIGTERM', stop);
process.on('uncaughtException', (error) => {
  process.exit(exitWith(error, process.stderr, process.argv.includes('--debug')));
});
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads may stop early (`| head`).
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
  library: () => import('../index.js'),
});
// What a data module left open must not keep a stopped command alive.
if (controller.signal.aborted) process.exit();
