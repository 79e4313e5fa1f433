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

/**
 * What y is read as: `classes` are indices or one-hot rows; `values` are numbers of any shape [N, …], which are class
 * labels as well where they can be.
 */
export type LabelKind = 'classes' | 'values';

/** How a data set is opened for a purpose. */
export interface OpenOptions extends DataOptions {
  /** `classes` by default. */
  readonly labels?: LabelKind;
}
