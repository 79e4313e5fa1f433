import { dataErrors } from '../../errors/dataErrors.js';
import { MorphError } from '../../errors/morphError.js';
import type { BatchFunction, DataSources, ModuleContext } from './dataModule.js';
import { messageOf } from './importModule.js';
import { isObject, typeName } from './moduleBatch.js';

/** Batch size while a module is looked at: small, because only shapes are wanted. */
export const PROBE: ModuleContext = { epoch: 0, batchSize: 1, seed: 0 };

/** What a split yields in one epoch; the values are the user's and still to be checked. */
export type YieldedValues = (context: ModuleContext) => AsyncIterable<unknown>;

/** A module's default export, whichever of its forms it has. */
export interface ModuleSources {
  readonly train: YieldedValues;
  readonly test?: YieldedValues;
  readonly trainBatches?: number;
}

/**
 * Tells the forms of a default export apart (see {@link DataModule}).
 * @throws DATA_MODULE_EXPORT, DATA_MODULE_FAILED
 */
export async function readModuleSources(exported: unknown, path: string): Promise<ModuleSources> {
  if (typeof exported !== 'function') return fromObject(exported, path);
  const call = exported as BatchFunction;
  // A factory takes no arguments; what comes back tells which form it is. A generator does not start before iteration.
  const result = await attempt(path, async () => call('train', PROBE));
  if (!isIterable(result)) return fromObject(result, path);
  return {
    train: valuesOf((context) => call('train', context), 'train', path),
    test: valuesOf((context) => call('test', context), 'test', path),
  };
}

function fromObject(value: unknown, path: string): ModuleSources {
  if (!isObject(value)) throw dataErrors.moduleExport(path, typeName(value));
  const { train, test, trainBatches }: { readonly [key in keyof DataSources]?: unknown } = value;
  if (typeof train !== 'function') throw dataErrors.moduleExport(path, `an object whose train is ${typeName(train)}`);
  if (test !== undefined && typeof test !== 'function') {
    throw dataErrors.moduleExport(path, `an object whose test is ${typeName(test)}`);
  }
  const isCount = typeof trainBatches === 'number' && Number.isInteger(trainBatches) && trainBatches > 0;
  if (trainBatches !== undefined && !isCount) {
    throw dataErrors.moduleExport(path, `an object whose trainBatches is ${String(trainBatches)}`);
  }
  return {
    train: valuesOf((context) => train.call(value, context), 'train', path),
    ...(test === undefined ? {} : { test: valuesOf((context) => test.call(value, context), 'test', path) }),
    ...(isCount ? { trainBatches } : {}),
  };
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return isObject(value) && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function valuesOf(call: (context: ModuleContext) => unknown, split: string, path: string): YieldedValues {
  const where = `${path}, ${split}`;
  return async function* values(context) {
    const iterable = await attempt(where, async () => call(context));
    if (!isIterable(iterable)) throw dataErrors.moduleBatch(where, `it gives ${typeName(iterable)}, not batches`);
    const iterator = Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
    // By hand, not by `for await`: an error of the user's code and one of the code that takes the values are two things.
    let stopped = true;
    try {
      for (;;) {
        stopped = false;
        const step = await attempt(where, async () => iterator.next());
        if (step.done === true) return;
        stopped = true;
        yield step.value;
      }
    } finally {
      if (stopped) await attempt(where, async () => iterator.return?.());
    }
  };
}

/** Runs the user's code; what it throws becomes an error that says whose it is. */
async function attempt<T>(where: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof MorphError ? error : dataErrors.moduleFailed(where, messageOf(error), error);
  }
}
