/** @file The one error type that onnx-morph throws on purpose; everything else that is thrown is a bug. */

/** What went wrong, by whose doing; each category has one documented exit code. */
export type ErrorCategory = 'usage' | 'model' | 'data' | 'target' | 'verification' | 'output' | 'training' | 'aborted';

/** Exit code of the command for each category (0 is success, 1 an internal error). */
export const EXIT_CODES: Readonly<Record<ErrorCategory, number>> = {
  usage: 2,
  model: 3,
  data: 4,
  target: 5,
  verification: 6,
  output: 7,
  training: 8,
  aborted: 130,
};

/** The parts of an error message, in the order in which they are told. */
export interface ErrorParts {
  /** Stable identifier, e.g. `MODEL_TRUNCATED`. */
  readonly code: string;
  readonly category: ErrorCategory;
  /** What is wrong, with what was found and what was expected. */
  readonly what: string;
  /** The file, node (name and op) or option it happened at. */
  readonly where?: string;
  /** What the user can do about it. */
  readonly fix: string;
}

/** A foreseen failure: its message is one line, `where: what; fix`. */
export class MorphError extends Error {
  readonly code: string;
  readonly category: ErrorCategory;

  constructor(parts: ErrorParts, options?: { cause?: unknown }) {
    super(`${parts.where === undefined ? '' : `${parts.where}: `}${parts.what}; ${parts.fix}`, options);
    this.name = 'MorphError';
    this.code = parts.code;
    this.category = parts.category;
  }

  /** Exit code that the command ends with when this error reaches it. */
  get exitCode(): number {
    return EXIT_CODES[this.category];
  }
}
