import { dataErrors } from '../../errors/dataErrors.js';
import { arrayDataSet } from './arrayDataSet.js';
import type { DataSet } from './dataSet.js';
import type { DataArray } from './numericArray.js';
import type { OpenOptions } from './options.js';
import { readNpy } from './readNpy.js';
import { readZipEntry } from './readZipEntry.js';
import type { RawSplit } from './split.js';
import { readZipDirectory, type ZipEntry } from './zipDirectory.js';

/**
 * Opens a NumPy archive (`np.savez`, `np.savez_compressed`) with the arrays `x_train` [N, …], `y_train`, `x_test` and
 * `y_test`; only the first is needed here (distillation does without labels). Other arrays are not read.
 * @throws DATA_NPZ_ARRAY, and what zip, npy and {@link arrayDataSet} throw
 */
export async function openNpz(path: string, options: OpenOptions): Promise<DataSet> {
  const entries = new Map<string, ZipEntry>();
  for (const entry of await readZipDirectory(path)) entries.set(entry.name.replace(/\.npy$/, ''), entry);

  const read = async (name: string): Promise<DataArray | undefined> => {
    const entry = entries.get(name);
    return entry === undefined ? undefined : readNpy(await readZipEntry(path, entry), `${path}, ${name}`);
  };
  const readSplit = async (split: 'train' | 'test'): Promise<RawSplit | undefined> => {
    const [xKey, yKey] = [`x_${split}`, `y_${split}`];
    const x = await read(xKey);
    if (x === undefined) {
      if (split === 'train' || entries.has(yKey)) throw dataErrors.npzArray(path, xKey, [...entries.keys()]);
      return undefined;
    }
    const y = await read(yKey);
    const names = { xName: `${path}, ${xKey}`, yName: `${path}, ${yKey}` };
    return y === undefined ? { x, ...names } : { x, y, ...names };
  };

  const train = await readSplit('train');
  if (train === undefined) throw dataErrors.npzArray(path, 'x_train', [...entries.keys()]);
  return arrayDataSet(path, train, await readSplit('test'), options);
}
