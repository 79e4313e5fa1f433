import { trainErrors } from '../errors/trainErrors.js';
import type { BoundModel } from '../ops/bindModel.js';
import { declaredDims } from '../runtime/inputShapes.js';
import { runtimeNameOf } from '../runtime/tensorTypes.js';
import { findLogits } from '../train/crossEntropy.js';
import { type DataSet, fitData, openDataSet } from '../train/data/index.js';
import type { MorphOptions } from './options.js';

/**
 * Opens the data set and checks that it fits the model: shapes, element types, labels.
 *
 * @throws MorphError of category `data` for the data, `model` where the model cannot be trained with batches
 */
export async function openTrainingData(bound: BoundModel, options: MorphOptions): Promise<DataSet> {
  const { inputs } = bound.graph;
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) throw trainErrors.notOneInput(inputs.map(({ name }) => name));
  const declared = declaredDims(input);
  if (typeof declared[0] === 'number') throw trainErrors.fixedBatch(input.name, declared[0]);
  const { dataType, dims } = bound.typeOf(input);
  const { classes } = findLogits(bound);
  const data = typeof options.data === 'string' ? await openDataSet(options.data, options.dataOptions) : options.data;
  if (!data.labelled) throw trainErrors.noLabels(data.source);
  return fitData(data, dims, runtimeNameOf(dataType) ?? `type ${dataType}`, classes);
}
