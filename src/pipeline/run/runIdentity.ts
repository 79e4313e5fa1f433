/** @file What makes a run give the file that it gives: a checkpoint serves no run that differs in any of it. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Device } from '../../cost/devices/device.js';
import { dataErrors } from '../../errors/dataErrors.js';
import { encodeModelParts } from '../../onnx/encodeModel.js';
import type { ModelProto } from '../../onnx/messages.js';
import { withBytesAsync } from '../../onnx/storedBytes.js';
import { createRng } from '../../random/rng.js';
import type { Structure } from '../../rewrite/plan/structure.js';
import type { DataSet } from '../../train/data/index.js';
import { LOSSES, type Settings } from '../options.js';

/** Options that change nothing of the file, or are told in another way. */
const BESIDE: ReadonlySet<string> = new Set([
  ...['out', 'data', 'device', 'engine', 'signal', 'onProgress', 'logDir'],
  ...['structure', 'structureOut', 'loss'],
  ...['checkpoint', 'checkpointSeconds', 'resume'],
]);

/** The names by which the command knows some options. */
const NAMES: Readonly<Record<string, string>> = { inputShapes: '--input', dataOptions: '--scale, --mean or --std' };

export interface RunParts {
  readonly settings: Settings;
  readonly model: ModelProto;
  readonly data: DataSet;
  readonly engine: string;
  readonly device: Device | undefined;
  readonly structure: Structure | undefined;
}

/** All parts by their names: `the model`, `--seed`. */
export async function runIdentity({
  settings,
  model,
  data,
  engine,
  device,
  structure,
}: RunParts): Promise<Record<string, string>> {
  const identity: Record<string, string> = {
    'the model': await modelDigest(model),
    'the data': await dataDigest(settings, data),
    '--engine': engine,
  };
  if (device !== undefined) identity['--device'] = sorted(device);
  if (structure !== undefined) identity['--structure'] = sorted(structure);
  if (settings.loss !== undefined) identity['--loss'] = await lossDigest(settings.loss);
  for (const [key, value] of Object.entries(settings)) {
    if (BESIDE.has(key) || value === undefined) continue;
    identity[NAMES[key] ?? `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = sorted(value);
  }
  return identity;
}

/** Names of what two runs differ in. */
export function differences(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
}

/** JSON that does not depend on the order of properties. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** The name of a loss; of a module what is in it, wherever it lies. */
async function lossDigest(loss: string): Promise<string> {
  if (LOSSES.some((name) => name === loss)) return loss;
  const text = await readFile(loss).catch((error: Error) => Promise.reject(dataErrors.unreadable(loss, error.message)));
  return createHash('sha256').update(text).digest('hex');
}

async function modelDigest(model: ModelProto): Promise<string> {
  const hash = createHash('sha256');
  for (const part of encodeModelParts(model).parts) {
    await withBytesAsync(part, async (bytes) => {
      hash.update(bytes);
    });
  }
  return hash.digest('hex');
}

/** Of the files where there are some, else of the labels and the first batch. */
async function dataDigest({ data: given, batchSize, seed }: Settings, data: DataSet): Promise<string> {
  const hash = createHash('sha256');
  if (typeof given === 'string') await hashPath(hash, given);
  else {
    const { sampleShape, trainSize, labels } = data;
    hash.update(JSON.stringify([sampleShape, trainSize]));
    if (labels?.train !== undefined) hash.update(labels.train);
    for await (const { x, y, targets } of data.train(0, batchSize, createRng(seed))) {
      hash.update(x.data);
      if (y !== undefined) hash.update(y);
      if (targets !== undefined) hash.update(targets.data);
      break;
    }
  }
  return hash.digest('hex');
}

async function hashPath(hash: Hash, path: string): Promise<void> {
  try {
    const names = (await stat(path)).isDirectory()
      ? (await readdir(path)).sort().map((name) => join(path, name))
      : [path];
    for (const name of names) {
      const { size } = await stat(name);
      hash.update(`${size}\0`);
      if ((await stat(name)).isFile()) for await (const chunk of createReadStream(name)) hash.update(chunk as Buffer);
    }
  } catch (error) {
    throw dataErrors.unreadable(path, error instanceof Error ? error.message : String(error));
  }
}
