import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeModelFile } from '../../src/onnx/writeModelFile.js';
import { morph } from '../../src/pipeline/morph.js';
import type { MorphOptions } from '../../src/pipeline/options.js';
import { createRng } from '../../src/random/rng.js';
import { openDataSet, parseNormalisation } from '../../src/train/data/index.js';
import { modelOf, node } from '../support/modelOf.js';
import { emptyFolder, shortRun, VGG } from './digits.js';

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const code = (expected: string) => expect.objectContaining({ code: expected });

/** Stops a run as soon as a number of steps are done, and leaves what it had written until then. */
async function stoppedAfter(steps: number, path: string, options: MorphOptions): Promise<void> {
  const stop = new AbortController();
  let count = 0;
  const onProgress = () => {
    if (++count === steps) stop.abort(new Error('enough'));
  };
  await expect(morph(path, { ...options, signal: stop.signal, onProgress })).rejects.toThrow('enough');
}

const VARIANTS: Readonly<Record<string, Partial<MorphOptions>>> = {
  'momentum, a λ that is steered, groups that may die, and changed images': {
    minChannels: 0,
    augment: { crop: 0.6, shift: 1, flip: true },
  },
  'norms with absolute values, a threshold, and the largest member': {
    penalty: 'group-lasso',
    l1Fraction: 0.5,
    threshold: 0.02,
    join: 'max',
  },
  'gates, whose temperature falls': { penalty: 'gates', gateAnneal: 0.1, threshold: 0.2 },
  'Adam, which has two moments, widening, and a fixed λ': {
    optimizer: 'adamw',
    learningRate: 2e-3,
    lambda: 5,
    widen: { resource: 'flops', share: 0.8 },
  },
};

describe('a run that goes on from a checkpoint', () => {
  it.each(Object.entries(VARIANTS))('gives the file of one that was not stopped: %s', async (_, variant) => {
    const folder = emptyFolder();
    const options = { ...shortRun(join(folder, 'whole.onnx')), shrinkEpochs: 2, epochs: 2, ...variant };
    await morph(VGG, options);
    const checkpoint = join(folder, 'checkpoints');
    const stopped = { ...options, out: join(folder, 'o.onnx'), checkpoint, checkpointSeconds: 0, resume: true };
    // Within the first epoch, in the middle of the second, at the end of a phase, and in the next one.
    for (const steps of [3, 27, 14, 31]) await stoppedAfter(steps, VGG, stopped);
    const names = readdirSync(checkpoint).sort();
    expect(names).toEqual(['checkpoint-000000000074.safetensors', 'checkpoint-000000000075.safetensors']);
    await morph(VGG, stopped);
    expect(sha256(stopped.out)).toBe(sha256(join(folder, 'whole.onnx')));
    expect(readdirSync(checkpoint)).toEqual([]);
  });

  it('does not depend on when checkpoints are written', async () => {
    const folder = emptyFolder();
    const run = async (name: string, options: Partial<MorphOptions>) => {
      await morph(VGG, { ...shortRun(join(folder, name)), shrinkEpochs: 1, epochs: 1, ...options });
      return sha256(join(folder, name));
    };
    const without = await run('a', {});
    expect(await run('b', { checkpoint: join(folder, 'b-checkpoints'), checkpointSeconds: 0 })).toBe(without);
    expect(await run('c', { checkpoint: join(folder, 'c-checkpoints'), checkpointSeconds: 1e6 })).toBe(without);
  });

  it('draws the noise of its steps again, and goes on with a data set of unknown length', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'model.onnx');
    const model = modelOf({
      inputs: { x: ['N', 1, 8, 8] },
      weights: { w1: [64, 40], w2: [40, 10] },
      nodes: [
        node('Flatten', ['x'], 'flat'),
        node('MatMul', ['flat', 'w1'], 'a'),
        node('Relu', ['a'], 'r'),
        node('Dropout', ['r'], 'd'),
        node('MatMul', ['d', 'w2'], 'y'),
      ],
      outputs: ['y'],
    });
    await writeModelFile(path, model);
    const digits = await openDataSet('fixtures/digits.npz', { normalisation: parseNormalisation({ scale: '1/16' }) });
    const { trainSize: _, ...rest } = digits;
    const data = { ...rest, trainBatches: () => undefined };
    const options = { ...shortRun(join(folder, 'whole.onnx')), data, shrinkEpochs: 2, epochs: 1 };
    await morph(path, options);
    const checkpoint = join(folder, 'checkpoints');
    const stopped = { ...options, out: join(folder, 'o.onnx'), checkpoint, checkpointSeconds: 0, resume: true };
    for (const steps of [5, 30]) await stoppedAfter(steps, path, stopped);
    await morph(path, stopped);
    expect(sha256(stopped.out)).toBe(sha256(join(folder, 'whole.onnx')));
  });
});

describe('a folder of checkpoints', () => {
  const stoppedRun = async (folder: string): Promise<MorphOptions & { readonly checkpoint: string }> => {
    const checkpoint = join(folder, 'checkpoints');
    const options = {
      ...shortRun(join(folder, 'o.onnx')),
      shrinkEpochs: 1,
      epochs: 0,
      checkpoint,
      checkpointSeconds: 0,
    };
    await stoppedAfter(4, VGG, options);
    return options;
  };

  it('is refused for a run that does not go on, and for one of another command, model or data', async () => {
    const folder = emptyFolder();
    const options = await stoppedRun(folder);
    await expect(morph(VGG, options)).rejects.toEqual(code('CHECKPOINT_EXISTS'));
    await expect(morph(VGG, { ...options, seed: 3, batchSize: 32, resume: true })).rejects.toThrow(
      'checkpoint-000000000004.safetensors: it is of another run, which differs in --batch-size, --seed; ' +
        'resume with the same command, model and data, or begin anew in another folder',
    );
    const other = join(folder, 'other.npz');
    copyFileSync('fixtures/digits.npz', other);
    writeFileSync(other, 'more', { flag: 'a' });
    const digits = await openDataSet('fixtures/digits.npz', { normalisation: parseNormalisation({ scale: '1/16' }) });
    await expect(morph(VGG, { ...options, data: digits, resume: true })).rejects.toThrow('which differs in the data;');
    await expect(morph('fixtures/digits-resnet8.onnx', { ...options, resume: true })).rejects.toThrow(
      'which differs in the model;',
    );
    const { checkpoint: _, ...without } = options;
    await expect(morph(VGG, { ...without, resume: true })).rejects.toEqual(code('CHECKPOINT_NO_FOLDER'));
    // The path of the data and of the result may change.
    const moved = join(folder, 'moved.npz');
    copyFileSync('fixtures/digits.npz', moved);
    await morph(VGG, { ...options, data: moved, out: join(folder, 'elsewhere.onnx'), resume: true });
  });

  it('goes on from the one before where the last is damaged, and says so where both are', async () => {
    const folder = emptyFolder();
    const { checkpoint, ...options } = await stoppedRun(folder);
    await morph(VGG, { ...options, out: join(folder, 'whole.onnx') });
    const paths = readdirSync(checkpoint).map((name) => join(checkpoint, name));
    expect(paths.length).toBe(2);
    const last = paths.sort().at(-1)!;
    const bytes = readFileSync(last);
    const rng = createRng(1);
    const damages = Array.from({ length: 40 }, () => {
      const damaged = Buffer.from(bytes);
      const at = rng.int(damaged.length);
      damaged[at] = damaged[at]! ^ (1 + rng.int(255));
      return damaged;
    });
    const broken = [
      ...[Buffer.alloc(0), Buffer.from('{}'), bytes.subarray(0, 100), bytes.subarray(0, -4), Buffer.alloc(64, 255)],
      ...[headed('[]'), headed('{"__metadata__":{}}'), headed('{"a":{"dtype":"F32","data_offsets":[-4,1e9]}}')],
      ...damages,
    ];
    const { readCheckpoint } = await import('../../src/train/checkpoint/checkpointFolder.js');
    const before = await readCheckpoint(checkpoint);
    for (const damaged of broken) {
      writeFileSync(last, damaged);
      const found = await readCheckpoint(checkpoint);
      expect(found!.step, damaged.subarray(0, 40).toString()).toBe(before!.step - 1);
    }
    await morph(VGG, { ...options, checkpoint, resume: true });
    expect(sha256(options.out)).toBe(sha256(join(folder, 'whole.onnx')));

    mkdirSync(checkpoint, { recursive: true });
    for (const path of paths) writeFileSync(path, 'nothing');
    await expect(morph(VGG, { ...options, checkpoint, resume: true })).rejects.toThrow(
      `${last}: is no whole checkpoint: its header is cut off; ` +
        'delete it, so that --resume takes the one before it or begins anew',
    );
  });

  it('refuses what is whole but of another network', async () => {
    const folder = emptyFolder();
    const { checkpoint, ...options } = await stoppedRun(folder);
    const { encodeCheckpoint } = await import('../../src/train/checkpoint/checkpoint.js');
    const { readCheckpoint } = await import('../../src/train/checkpoint/checkpointFolder.js');
    const found = (await readCheckpoint(checkpoint))!;
    const running = found.running!;
    const [name] = running.trainer.tensors.keys();
    const short = new Map([...running.trainer.tensors, [name!, new Float32Array(1)]]);
    const { shrink: _, ...unshrunk } = running;
    const phase = { weights: new Map([['nowhere', new Float32Array(1)]]), msPerStep: 1 };
    const shrunk = { prices: new Float64Array(3), lambda: 1 };
    const prices = new Float64Array(running.shrink!.alive.length);
    for (const other of [
      { ...found, running: { ...running, trainer: { ...running.trainer, tensors: short } } },
      { ...found, running: unshrunk },
      { ...found, running: { ...running, shrink: { ...running.shrink!, norms: new Float32Array(2) } } },
      { ...found, running: undefined, finished: [phase] },
      { ...found, running: undefined, finished: [{ ...phase, shrunk }] },
      { ...found, running: undefined, finished: [{ ...phase, shrunk: { prices, lambda: 1 } }] },
    ]) {
      writeFileSync(found.path, Buffer.concat(encodeCheckpoint(other)));
      await expect(morph(VGG, { ...options, checkpoint, resume: true })).rejects.toEqual(code('CHECKPOINT_DAMAGED'));
    }
  });

  it('loses what a run that was killed was just writing', async () => {
    const folder = emptyFolder();
    const options = await stoppedRun(folder);
    const left = join(options.checkpoint, '.checkpoint-000000000009.safetensors.1b-2c.tmp');
    const foreign = join(options.checkpoint, 'notes.txt');
    for (const path of [left, foreign]) writeFileSync(path, '');
    await morph(VGG, { ...options, resume: true });
    expect(readdirSync(options.checkpoint)).toEqual(['notes.txt']);
  });
});

/** A safetensors file with a header and no tensors. */
function headed(json: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, Buffer.from(json)]);
}
