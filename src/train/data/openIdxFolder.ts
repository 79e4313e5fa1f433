import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataErrors } from '../../errors/dataErrors.js';
import { arrayDataSet } from './arrayDataSet.js';
import type { DataSet } from './dataSet.js';
import type { DataArray } from './numericArray.js';
import type { OpenOptions } from './options.js';
import { readIdx } from './readIdx.js';
import type { RawSplit } from './split.js';

/**
 * Opens a folder of IDX files by the names that MNIST and its likes use: `train-images-idx3-ubyte`,
 * `train-labels-idx1-ubyte`, and `t10k-…` (or `test-…`) for the test split; `.idx3-` instead of `-idx3-`, and `.gz` at
 * the end, are known too. Where a file is there twice, the unpacked one is taken. Images [N, H, W] become
 * [N, 1, H, W].
 * @throws DATA_UNREADABLE, DATA_IDX_FILE, and what {@link readIdx} and {@link arrayDataSet} throw
 */
export async function openIdxFolder(path: string, options: OpenOptions): Promise<DataSet> {
  const names = await listFolder(path);
  const find = (split: string, kind: string): string | undefined => {
    const pattern = new RegExp(`^(?:${split})-${kind}[-.]idx\\d+-[a-z0-9]+(\\.gz)?$`);
    const fits = names.filter((name) => pattern.test(name));
    return fits.find((name) => !name.endsWith('.gz')) ?? fits[0];
  };
  const readSplit = async (split: string): Promise<RawSplit | undefined> => {
    const [images, labels] = [find(split, 'images'), find(split, 'labels')];
    if (images === undefined) {
      if (labels === undefined) return undefined;
      throw dataErrors.idxFile(path, names);
    }
    const xName = join(path, images);
    const x = withChannelAxis(await readIdx(xName));
    if (labels === undefined) return { x, xName, yName: '' };
    const yName = join(path, labels);
    return { x, y: await readIdx(yName), xName, yName };
  };

  const train = await readSplit('train');
  if (train === undefined) throw dataErrors.idxFile(path, names);
  return arrayDataSet(path, train, await readSplit('t10k|test'), options);
}

async function listFolder(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    throw dataErrors.unreadable(path, (error as Error).message);
  }
}

function withChannelAxis({ data, shape }: DataArray): DataArray {
  const [count, ...rest] = shape;
  return { data, shape: count !== undefined && rest.length === 2 ? [count, 1, ...rest] : shape };
}
