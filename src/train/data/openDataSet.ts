import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dataErrors } from '../../errors/dataErrors.js';
import type { DataSet } from './dataSet.js';
import { openDataModule } from './openDataModule.js';
import { openIdxFolder } from './openIdxFolder.js';
import { openNpz } from './openNpz.js';
import type { OpenOptions } from './options.js';

/**
 * Opens what `--data` names: a `.npz` archive, a folder of IDX files, or a `.js`, `.mjs`, `.cjs` or `.ts` module.
 * @throws DATA_UNREADABLE, DATA_FORMAT, and the errors of the format
 */
export async function openDataSet(path: string, options: OpenOptions = {}): Promise<DataSet> {
  const kind = await fileKind(path);
  if (kind.isDirectory()) return openIdxFolder(path, options);
  if (/\.npz$/i.test(path)) return openNpz(path, options);
  if (/\.[mc]?[jt]s$/i.test(path)) return openDataModule(path, options);
  throw dataErrors.format(path);
}

async function fileKind(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw dataErrors.unreadable(path, (error as Error).message);
  }
}
