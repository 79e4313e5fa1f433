import type { Normalisation } from './normalisation.js';

/** How a data set is to be read. */
export interface DataOptions {
  /** Applied to every sample; default: the data as they are. */
  readonly normalisation?: Normalisation;
  /**
   * Whether the last training batch of an epoch is kept when it is smaller than the others. Default false: it is
   * dropped, unless it is the only one. Test batches are always kept; a data module's batches are never dropped.
   */
  readonly keepLast?: boolean;
}
