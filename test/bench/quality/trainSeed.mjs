/** @file Trains a network that there is no file of, by the project's own tool. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as make from '../../../dist/graph/make.js';
import { morph } from '../../../dist/index.js';
import { createMessage } from '../../../dist/onnx/createMessage.js';
import { writeModelFile } from '../../../dist/onnx/writeModelFile.js';
import { createRng } from '../../../dist/random/rng.js';
import { dataOptionsOf, SEED_NETS } from './seedNets.mjs';

const EPOCHS = 8;

/** Builds a network and trains it from fresh weights. @param folder of its data, where it is not in its usual place */
export async function trainSeed(name, folder, note) {
  const { build, path, data, scale, learningRate } = SEED_NETS[name] ?? {};
  if (build === undefined) throw new Error(`there is no network '${name}' that can be built`);
  const scratch = mkdtempSync(join(tmpdir(), 'onnx-morph-'));
  try {
    const [fresh, whole] = [join(scratch, 'fresh.onnx'), join(scratch, 'whole.json')];
    await writeModelFile(fresh, build({ ...make, createMessage, createRng }));
    writeFileSync(whole, JSON.stringify({ version: 1, groups: [] }));
    const { output } = await morph(fresh, {
      ...{ data: folder ?? data, dataOptions: dataOptionsOf({ scale }), out: path },
      ...{ structure: whole, retrain: 'scratch', epochs: EPOCHS, learningRate },
      onProgress: ({ isEpochEnd, epoch, loss }) =>
        isEpochEnd && note(`epoch ${epoch}/${EPOCHS}, loss ${loss.toFixed(3)}`),
    });
    note(`${path}: accuracy ${output.accuracy}`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
