/** @file Errors of checkpoints. */
import { MorphError } from './morphError.js';

export const checkpointErrors = {
  noFolder: () =>
    new MorphError({
      code: 'CHECKPOINT_NO_FOLDER',
      category: 'usage',
      where: '--resume',
      what: 'there is nothing to go on from without --checkpoint',
      fix: 'give the folder that the run has written its checkpoints to',
    }),

  exists: (path: string) =>
    new MorphError({
      code: 'CHECKPOINT_EXISTS',
      category: 'usage',
      where: path,
      what: 'a run has left it there, which a new one would replace',
      fix: 'go on from it with --resume, or give another folder to --checkpoint',
    }),

  otherRun: (path: string, differing: readonly string[]) =>
    new MorphError({
      code: 'CHECKPOINT_OTHER_RUN',
      category: 'usage',
      where: path,
      what: `it is of another run, which differs in ${differing.join(', ')}`,
      fix: 'resume with the same command, model and data, or begin anew in another folder',
    }),

  damaged: (path: string, detail: string, cause?: unknown) =>
    new MorphError(
      {
        code: 'CHECKPOINT_DAMAGED',
        category: 'data',
        where: path,
        what: `is no whole checkpoint: ${detail}`,
        fix: 'delete it, so that --resume takes the one before it or begins anew',
      },
      cause === undefined ? undefined : { cause },
    ),
};
