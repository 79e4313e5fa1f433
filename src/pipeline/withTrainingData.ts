import { trainErrors } from '../errors/trainErrors.js';
import type { BoundModel } from '../ops/bindModel.js';
import { declaredDims } from '../runtime/inputShapes.js';
import { runtimeNameOf } from '../runtime/tensorTypes.js';
import { findLogits } from '../train/crossEntropy.js';
import { type DataSet, fitData, withDataSet } from '../train/data/index.js';
import type { MorphOptions } from './options.js';

/**
 * Uses the data set, opened and let go of where a path names it, once it is known to fit the model: shapes, element
 * types, labels.
 *
 * @throws MorphError of category `data` for the data, `model` where the model cannot be trained with batches
 */
export async function withTrainingData<T>(
  bound: BoundModel,
  options: Pick<MorphOptions, 'data' | 'dataOptions'>,
  use: (data: DataSet) => Promise<T>,
): Promise<T> {
  const { inputs } = bound.graph;
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) throw trainErrors.notOneInput(inputs.map(({ name }) => name));
  const declared = declaredDims(input);
  if (typeof declared[0] === 'number') throw trainErrors.fixedBatch(input.name, declared[0]);
  const { dataType, dims } = bound.typeOf(input);
  const { classes } = findLogits(bound);
  return withDataSet(options.data, options.dataOptions, async (data) => {
    if (!data.labelled) throw trainErrors.noLabels(data.source);
    return use(fitData(data, dims, runtimeNameOf(dataType) ?? `type ${dataType}`, classes));
  });
}
