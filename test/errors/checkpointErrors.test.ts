import { expect, test } from 'vitest';
import { checkpointErrors } from '../../src/errors/checkpointErrors.js';
import type { MorphError } from '../../src/errors/morphError.js';

const CASES: Readonly<Record<keyof typeof checkpointErrors, readonly [MorphError, string, string, string]>> = {
  noFolder: [
    checkpointErrors.noFolder(),
    'CHECKPOINT_NO_FOLDER',
    'usage',
    '--resume: there is nothing to go on from without --checkpoint; give the folder that the run has written its checkpoints to',
  ],
  exists: [
    checkpointErrors.exists('a.safetensors'),
    'CHECKPOINT_EXISTS',
    'usage',
    'a.safetensors: a run has left it there, which a new one would replace; go on from it with --resume, or give another folder to --checkpoint',
  ],
  otherRun: [
    checkpointErrors.otherRun('a.safetensors', ['--seed', 'the model']),
    'CHECKPOINT_OTHER_RUN',
    'usage',
    'a.safetensors: it is of another run, which differs in --seed, the model; resume with the same command, model and data, or begin anew in another folder',
  ],
  damaged: [
    checkpointErrors.damaged('a.safetensors', 'its checksum is wrong'),
    'CHECKPOINT_DAMAGED',
    'data',
    'a.safetensors: is no whole checkpoint: its checksum is wrong; delete it, so that --resume takes the one before it or begins anew',
  ],
};

test.each(Object.entries(CASES))('%s says what, where, and what to do', (_, [error, code, category, message]) => {
  expect({ ...error, message: error.message }).toMatchObject({ code, category, message });
});
