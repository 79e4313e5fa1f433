import type { Rng } from '../../random/rng.js';

/** Numbers in row-major order. */
export interface FloatArray {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Samples as the model takes them, after normalisation. */
export interface Batch {
  /** Shape [N, …sampleShape]. */
  readonly x: FloatArray;
  /** Class index of each sample, shape [N]; absent where the data have no labels, or others. */
  readonly y?: Int32Array;
  /** What the file gives as y, as it stands, shape [N, …]: where numbers are asked for, or a map of classes. */
  readonly targets?: FloatArray;
  /** What the original gives for these samples, value by value, where the loss compares with it. */
  readonly teacher?: readonly FloatArray[];
}

/** The targets of a batch: those that it has, or its class labels as numbers [N]. */
export function targetsOf({ y, targets }: Batch): FloatArray | undefined {
  return targets ?? (y && { data: Float32Array.from(y), shape: [y.length] });
}

/** Where data can come from and what is known of them before the first step. */
export interface DataSet {
  /** The path as the user gave it, for messages. */
  readonly source: string;
  /** Shape of one sample, without the batch axis. */
  readonly sampleShape: readonly number[];
  /** Whether the training batches carry labels. */
  readonly labelled: boolean;
  /** Shape of one sample's targets, without the batch axis, where there are some and it is known. */
  readonly targetShape?: readonly number[];
  /** Whether there is a test split to evaluate on. */
  readonly hasTest: boolean;
  /** Number of training samples, where it is known beforehand. */
  readonly trainSize?: number;
  /** Number of test samples, where it is known beforehand; 0 without a test split. */
  readonly testSize?: number;
  /** All labels, where they are known beforehand, in the order of the file. */
  readonly labels?: { readonly train?: Int32Array; readonly test?: Int32Array };
  /** Batches of one training epoch, where their number is known beforehand. */
  trainBatches(batchSize: number): number | undefined;
  /** The training samples of one epoch (from 0), in an order that only the epoch and the rng's seed decide. */
  train(epoch: number, batchSize: number, rng: Rng): AsyncIterable<Batch>;
  /** The test samples in the order of the file; none without a test split. */
  test(batchSize: number): AsyncIterable<Batch>;
  /** Lets go of what it holds beside memory; for whoever opened it. */
  close?(): Promise<void>;
}

/** Number of classes that the labels speak of (largest + 1), where all labels are known beforehand. */
export function classCount(dataSet: DataSet): number | undefined {
  const { train, test } = dataSet.labels ?? {};
  if (train === undefined && test === undefined) return undefined;
  let largest = -1;
  for (const labels of [train, test]) {
    for (const label of labels ?? []) if (label > largest) largest = label;
  }
  return largest + 1;
}
