/** @file Labels as a loss takes them. */
import { dataErrors } from '../../errors/dataErrors.js';
import { type Batch, type DataSet, type FloatArray, targetsOf } from './dataSet.js';
import type { FreeShape } from './fitData.js';
import { checkLabels, toLabels } from './labels.js';

/**
 * The data set with numbers as targets, of the shape that a loss compares with; axes of one position may be missing.
 *
 * @param wanted shape with its batch axis, which is not looked at
 * @param output what wants them, for messages
 * @param areShares whether they must lie from 0 to 1
 * @throws DATA_NO_LABELS, DATA_TARGET_SHAPE, and DATA_TARGET_SHARE with the batch
 */
export function fitTargets(data: DataSet, wanted: FreeShape, output: string, areShares: boolean): DataSet {
  return withTargets(data, wanted, output, ({ data: numbers }) => {
    if (!areShares) return undefined;
    const index = numbers.findIndex((number) => number < 0 || number > 1);
    if (index >= 0) throw dataErrors.targetShare(`${data.source}, a batch of labels`, index, numbers[index]!);
    return undefined;
  });
}

/**
 * The data set with a class for each position of a map: as `y`, row by row.
 *
 * @throws DATA_NO_LABELS, DATA_TARGET_SHAPE, and DATA_LABEL_VALUE, DATA_LABEL_RANGE with the batch
 */
export function fitLabelMaps(data: DataSet, wanted: FreeShape, output: string, classes: number): DataSet {
  const where = `${data.source}, a batch of labels`;
  return withTargets(data, wanted, output, ({ data: numbers }) => {
    const y = toLabels({ data: numbers, shape: [numbers.length] }, where);
    checkLabels(y, classes, where);
    return y;
  });
}

/** @param labelsOf checks targets, and gives the labels that they are */
function withTargets(
  data: DataSet,
  wanted: FreeShape,
  output: string,
  labelsOf: (targets: FloatArray) => Int32Array | undefined,
): DataSet {
  const { source, targetShape } = data;
  const check = (where: string, shape: readonly number[]) => {
    if (!fits(shape.slice(1), wanted.slice(1))) throw dataErrors.targetShape(where, shape, output, wanted);
  };
  if (!data.labelled) throw dataErrors.noLabels(source, 'training');
  if (targetShape !== undefined) check(source, [1, ...targetShape]);
  async function* fitted(batches: AsyncIterable<Batch>, isTraining: boolean): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      const targets = targetsOf(batch);
      if (targets === undefined && isTraining) throw dataErrors.noLabels(source, 'training');
      const { y: _, ...rest } = batch;
      if (targets === undefined) yield rest;
      else {
        check(`${source}, a batch`, targets.shape);
        const y = labelsOf(targets);
        yield y === undefined ? { ...rest, targets } : { ...rest, targets, y };
      }
    }
  }
  return {
    ...data,
    train: (epoch, batchSize, rng) => fitted(data.train(epoch, batchSize, rng), true),
    test: (batchSize) => fitted(data.test(batchSize), false),
  };
}

/** Whether shapes are the same but for axes of one position. */
function fits(shape: readonly number[], wanted: FreeShape): boolean {
  const [a, b] =
    shape.length === wanted.length
      ? [shape, wanted]
      : [shape.filter((size) => size !== 1), wanted.filter((size) => size !== 1)];
  return a.length === b.length && a.every((size, i) => b[i] === undefined || b[i] === size);
}
