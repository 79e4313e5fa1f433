import type { DataSet } from './dataSet.js';
import { openDataSet } from './openDataSet.js';
import type { OpenOptions } from './options.js';

/**
 * Uses a data set; where a path names it, it is opened for that, and let go of afterwards.
 * @throws what {@link openDataSet} and `use` throw
 */
export async function withDataSet<T>(
  data: string | DataSet,
  options: OpenOptions | undefined,
  use: (data: DataSet) => Promise<T>,
): Promise<T> {
  if (typeof data !== 'string') return use(data);
  const opened = await openDataSet(data, options);
  try {
    return await use(opened);
  } finally {
    await opened.close?.();
  }
}
