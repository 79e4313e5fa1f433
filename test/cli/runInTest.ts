import type { Library } from '../../src/cli/commandContext.js';
import { run } from '../../src/cli/program.js';
import type { MorphOptions, PruneOptions, WidenOptions } from '../../src/index.js';
import * as library from '../../src/index.js';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Terminal {
  readonly library?: Partial<Library>;
  readonly signal?: AbortSignal;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Runs a command line in this process. */
export async function runInTest(argv: readonly string[], terminal: Terminal = {}): Promise<Outcome> {
  const { isTTY, columns } = terminal;
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTTY,
    columns,
  });
  const exitCode = await run(argv, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    signal: terminal.signal ?? new AbortController().signal,
    library: async () => ({ ...library, ...terminal.library }),
  });
  return { exitCode, ...written };
}

/** A `morph`, `prune` or `widen` that keeps what it was called with and gives a result that is made up. */
export function recorder<O extends MorphOptions | PruneOptions | WidenOptions, R>(result: R) {
  const calls: (readonly [path: string, options: O])[] = [];
  const call = async (path: string, options: O): Promise<R> => {
    calls.push([path, options]);
    return result;
  };
  return { calls, call };
}
