/** @file What a command may touch: handed in, so that commands run in tests as they do in a terminal. */

export interface TextOutput {
  write(text: string): unknown;
  /** True on a terminal. */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal. */
  readonly columns?: number | undefined;
}

/** The functions that the commands call. */
export type Library = Pick<
  typeof import('../index.js'),
  'report' | 'explain' | 'morph' | 'prune' | 'widen' | 'calibrateDevice'
>;

export interface CommandContext {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Loaded when a command needs it, so that `--help` starts at once. */
  readonly library: () => Promise<Library>;
}
