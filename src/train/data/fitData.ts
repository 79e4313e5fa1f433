import { dataErrors } from '../../errors/dataErrors.js';
import type { Batch, DataSet } from './dataSet.js';
import { checkLabels } from './labels.js';
import { elementCount } from './numericArray.js';

/** A size of an input's shape: undefined where the model leaves it free. */
export type FreeShape = readonly (number | undefined)[];

const FLOAT_TYPES: ReadonlySet<string> = new Set(['float', 'float32', 'float16', 'bfloat16', 'double', 'float64']);

/**
 * The data set as a model's input takes it. A channel axis of 1 that the data lack is put in: [N, 28, 28] fits
 * [N, 1, 28, 28] and [N, 28, 28, 1]. With `classes`, labels are demanded of both splits and checked against it.
 * @param inputShape the input's shape with its batch axis; the batch axis is not looked at
 * @param inputDtype element type of the input by its ONNX or NumPy name, e.g. `float32`
 * @throws DATA_INPUT_DTYPE, DATA_LAYOUT, DATA_INPUT_SHAPE, DATA_NO_LABELS, DATA_LABEL_RANGE
 */
export function fitData(dataSet: DataSet, inputShape: FreeShape, inputDtype: string, classes?: number): DataSet {
  const { source } = dataSet;
  if (!FLOAT_TYPES.has(inputDtype)) throw dataErrors.inputDtype(source, inputDtype);
  const sampleShape = fitShape(source, dataSet.sampleShape, inputShape);
  if (classes !== undefined) {
    if (!dataSet.labelled) throw dataErrors.noLabels(source, 'training');
    const { train, test } = dataSet.labels ?? {};
    // Labels that are not known beforehand are checked batch by batch.
    if (dataSet.labels !== undefined && dataSet.hasTest && test === undefined)
      throw dataErrors.noLabels(source, 'test');
    if (train !== undefined) checkLabels(train, classes, `${source}, training labels`);
    if (test !== undefined) checkLabels(test, classes, `${source}, test labels`);
  }
  async function* fitted(batches: AsyncIterable<Batch>, split: 'training' | 'test'): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      const { x, y } = batch;
      const samples = { data: x.data, shape: [x.shape[0] ?? 0, ...sampleShape] };
      if (classes !== undefined) {
        if (y === undefined) throw dataErrors.noLabels(source, split);
        checkLabels(y, classes, `${source}, a batch of ${split} labels`);
      }
      yield { ...batch, x: samples };
    }
  }
  return {
    ...dataSet,
    sampleShape,
    train: (epoch, batchSize, rng) => fitted(dataSet.train(epoch, batchSize, rng), 'training'),
    test: (batchSize) => fitted(dataSet.test(batchSize), 'test'),
  };
}

function fitShape(source: string, sample: readonly number[], inputShape: FreeShape): readonly number[] {
  const input = inputShape.slice(1);
  if (matches(sample, input)) return sample;
  const first = [1, ...sample];
  if (input[0] === 1 && matches(first, input)) return first;
  const last = [...sample, 1];
  if (input.at(-1) === 1 && matches(last, input)) return last;
  if (sample.length > 1 && sample.length === input.length) {
    const channelFirst = [...sample.slice(-1), ...sample.slice(0, -1)];
    if (matches(channelFirst, input)) throw dataErrors.layout(source, sample, inputShape, 'channel-last');
    const channelLast = [...sample.slice(1), ...sample.slice(0, 1)];
    if (matches(channelLast, input)) throw dataErrors.layout(source, sample, inputShape, 'channel-first');
  }
  const sizes = input.filter((size) => size !== undefined);
  const reshapable = sizes.length === input.length && elementCount(sizes) === elementCount(sample);
  throw dataErrors.inputShape(source, sample, inputShape, reshapable);
}

function matches(sample: readonly number[], input: FreeShape): boolean {
  return sample.length === input.length && sample.every((size, i) => input[i] === undefined || input[i] === size);
}
