/** @file The contract of a data module: a JavaScript or TypeScript file whose default export yields batches. */
import type { NumericArray } from './numericArray.js';

/** An array in row-major order; `data.length` is the product of `shape`. */
export interface ModuleArray {
  readonly data: NumericArray | BigInt64Array | BigUint64Array;
  readonly shape: readonly number[];
}

/**
 * What a module yields: samples [N, …], and labels as for a `.npz` ([N], [N, 1] or one-hot [N, K]). The samples are
 * normalised by `--scale`, `--mean` and `--std` like those of any data set.
 */
export interface ModuleBatch {
  readonly x: ModuleArray;
  readonly y?: ModuleArray;
}

/** What a module is asked for. */
export interface ModuleContext {
  /** From 0. */
  readonly epoch: number;
  /** The wanted number of samples in a batch; a batch of another size is taken as it is. */
  readonly batchSize: number;
  /** An integer in [0, 2³²) to shuffle and augment by: the same for the same epoch and `--seed`. */
  readonly seed: number;
}

/** Batches, as an array, an iterator, or a generator, plain or async. */
export type ModuleBatches = Iterable<ModuleBatch> | AsyncIterable<ModuleBatch>;

/** Gives the batches of one epoch of one split. */
export type BatchSource = (context: ModuleContext) => ModuleBatches | Promise<ModuleBatches>;

/** The form with a source per split. */
export interface DataSources {
  readonly train: BatchSource;
  readonly test?: BatchSource;
  /** Batches in an epoch: further ones are not asked for, so that `train` may go on for ever. */
  readonly trainBatches?: number;
}

/** The simple form: one function, most often an async generator. One that yields no test batch has no test split. */
export type BatchFunction = (split: 'train' | 'test', context: ModuleContext) => ModuleBatches | Promise<ModuleBatches>;

/**
 * The default export of a data module.
 *
 * When a module is opened, the first batch of each split is taken once (epoch 0, seed 0) to learn its shape.
 * @example
 * ```js
 * export default async function* batches(split, { epoch, batchSize, seed }) {
 *   for (const rows of await readRows(split, batchSize, seed)) {
 *     yield { x: { data: rows.pixels, shape: [rows.length, 3, 32, 32] }, y: { data: rows.classes, shape: [rows.length] } };
 *   }
 * }
 * ```
 */
export type DataModule = DataSources | (() => DataSources | Promise<DataSources>) | BatchFunction;
