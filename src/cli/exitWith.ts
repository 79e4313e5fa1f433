import { cliErrors } from '../errors/cliErrors.js';
import { MorphError } from '../errors/morphError.js';
import { printable } from '../report/printable.js';
import type { TextOutput } from './commandContext.js';

/** Exit code of failures that nobody foresaw. */
const INTERNAL = 1;

/**
 * Tells an error on one line, with its stack under `--debug`, and gives the exit code that it ends the command with.
 */
export function exitWith(error: unknown, stderr: TextOutput, isDebug: boolean): number {
  const known = isAbort(error) ? cliErrors.aborted() : error;
  if (known instanceof MorphError) {
    stderr.write(`error: ${printable(known.message)}\n`);
  } else {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const hint = isDebug ? '' : '; this is a bug: run it again with --debug, and report what it prints';
    stderr.write(`error: internal error: ${printable(detail.split('\n')[0] ?? '')}${hint}\n`);
  }
  if (isDebug) stderr.write(stackOf(error));
  return known instanceof MorphError ? known.exitCode : INTERNAL;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The stack of an error and of what caused it. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const stack = `${error.stack ?? error.message}\n`;
  return error.cause === undefined ? stack : `${stack}caused by ${stackOf(error.cause) || `${String(error.cause)}\n`}`;
}
