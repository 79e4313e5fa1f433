import { dataErrors } from '../../errors/dataErrors.js';
import type { Rng } from '../../random/rng.js';
import type { Batch, DataSet } from './dataSet.js';
import { gatherSamples, gatherTargets } from './gatherSamples.js';
import { NO_NORMALISATION } from './normalisation.js';
import type { OpenOptions } from './options.js';
import { checkSplit, type RawSplit, type Split } from './split.js';

/**
 * A data set whose samples are all in memory, in the type that the file holds; batches are gathered from them.
 * @throws DATA_SAMPLE_SHAPES when the splits differ, and what {@link checkSplit} throws
 */
export function arrayDataSet(
  source: string,
  rawTrain: RawSplit,
  rawTest: RawSplit | undefined,
  options: OpenOptions,
): DataSet {
  const normalisation = options.normalisation ?? NO_NORMALISATION;
  const keepLast = options.keepLast ?? false;
  const train = checkSplit(rawTrain, normalisation, options.labels);
  const sampleShape = train.x.shape.slice(1);
  const trainSize = sizeOf(train);
  if (rawTest !== undefined && rawTest.x.shape.slice(1).join() !== sampleShape.join()) {
    throw dataErrors.sampleShapes(rawTrain.xName, rawTrain.x.shape, rawTest.xName, rawTest.x.shape);
  }
  const test = rawTest === undefined ? undefined : checkSplit(rawTest, normalisation, options.labels);
  const samplesUsed = (batchSize: number): number =>
    keepLast || trainSize < batchSize ? trainSize : trainSize - (trainSize % batchSize);

  return {
    source,
    sampleShape,
    labelled: rawTrain.y !== undefined,
    ...(train.targets === undefined ? {} : { targetShape: train.targets.shape.slice(1) }),
    hasTest: test !== undefined,
    trainSize,
    testSize: test === undefined ? 0 : sizeOf(test),
    labels: {
      ...(train.y === undefined ? {} : { train: train.y }),
      ...(test?.y === undefined ? {} : { test: test.y }),
    },
    trainBatches(batchSize) {
      checkBatchSize(batchSize);
      return Math.ceil(samplesUsed(batchSize) / batchSize);
    },
    train(epoch: number, batchSize: number, rng: Rng) {
      checkBatchSize(batchSize);
      const order = rng.fork(`epoch ${epoch}`).shuffle(inOrder(trainSize));
      return batchesOf(train, order, samplesUsed(batchSize), batchSize);
    },
    test(batchSize: number) {
      checkBatchSize(batchSize);
      if (test === undefined) return noBatches();
      return batchesOf(test, inOrder(sizeOf(test)), sizeOf(test), batchSize);
    },
  };
}

const sizeOf = (split: Split): number => split.x.shape[0] ?? 0;
const inOrder = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

async function* noBatches(): AsyncGenerator<Batch> {}

async function* batchesOf(split: Split, order: Int32Array, count: number, batchSize: number): AsyncGenerator<Batch> {
  const { x, y, targets, affine } = split;
  for (let from = 0; from < count; from += batchSize) {
    const to = Math.min(from + batchSize, count);
    const data = gatherSamples(x, order, from, to, affine);
    yield {
      x: { data, shape: [to - from, ...x.shape.slice(1)] },
      ...(y === undefined ? {} : { y: order.subarray(from, to).map((sample) => y[sample] as number) }),
      ...(targets === undefined ? {} : { targets: gatherTargets(targets, order, from, to) }),
    };
  }
}

/** @throws DATA_BATCH_SIZE unless it is a positive integer */
export function checkBatchSize(batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) throw dataErrors.batchSize(batchSize);
}
