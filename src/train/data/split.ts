import { dataErrors } from '../../errors/dataErrors.js';
import { MorphError } from '../../errors/morphError.js';
import { checkFinite } from './gatherSamples.js';
import { toLabels } from './labels.js';
import { type Affine, affineOf, NO_NORMALISATION, type Normalisation } from './normalisation.js';
import { type DataArray, elementCount } from './numericArray.js';
import type { LabelKind } from './options.js';

/** Samples and labels as they stand in a file, with the names that messages call them by. */
export interface RawSplit {
  readonly x: DataArray;
  readonly y?: DataArray;
  readonly xName: string;
  readonly yName: string;
}

/** Samples and labels that fit together. */
export interface Split {
  /** Shape [N, …] with N ≥ 1 and at least one axis more. */
  readonly x: DataArray;
  /** Shape [N], none negative. */
  readonly y?: Int32Array;
  /** Shape [N, …], finite. */
  readonly targets?: DataArray;
  readonly affine: Affine;
}
/**
 * Checks that samples and labels fit together and can be normalised.
 * @throws DATA_SAMPLE_AXES, DATA_EMPTY, DATA_COUNTS, DATA_NOT_FINITE, and what labels and normalisation throw
 */
export function checkSplit(raw: RawSplit, normalisation: Normalisation, kind: LabelKind = 'classes'): Split {
  const { x, y, xName, yName } = raw;
  if (x.shape.length < 2) throw dataErrors.sampleAxes(xName, x.shape);
  if (!(elementCount(x.shape) > 0)) throw dataErrors.empty(xName, x.shape);
  const affine = affineOf(normalisation, x.shape.slice(1), xName);
  checkFinite(x, affine, xName);
  if (y === undefined) return { x, affine };
  const count = x.shape[0] ?? 0;
  if (kind === 'classes') {
    const labels = toLabels(y, yName);
    if (labels.length !== count) throw dataErrors.counts(xName, count, yName, labels.length);
    return { x, y: labels, affine };
  }
  if (y.shape[0] !== count) throw dataErrors.counts(xName, count, yName, y.shape[0] ?? 1);
  if (elementCount(y.shape) === 0) throw dataErrors.empty(yName, y.shape);
  checkFinite(y, affineOf(NO_NORMALISATION, y.shape.slice(1), yName), yName);
  const labels = labelsAmong(y);
  return labels === undefined ? { x, targets: y, affine } : { x, y: labels, targets: y, affine };
}

/** Class labels, where numbers can be read as such. */
function labelsAmong(y: DataArray): Int32Array | undefined {
  try {
    return toLabels(y, '');
  } catch (error) {
    if (error instanceof MorphError) return undefined;
    throw error;
  }
}
