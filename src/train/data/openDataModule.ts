import { dataErrors } from '../../errors/dataErrors.js';
import { checkBatchSize } from './arrayDataSet.js';
import type { ModuleContext } from './dataModule.js';
import type { Batch, DataSet } from './dataSet.js';
import { importModule } from './importModule.js';
import { readModuleBatch } from './moduleBatch.js';
import { PROBE, readModuleSources, type YieldedValues } from './moduleSources.js';
import { ModuleThread } from './moduleThread.js';
import { oneAhead } from './oneAhead.js';
import type { OpenOptions } from './options.js';

/**
 * Opens a module that follows the contract of {@link DataModule}. It lives in a thread of its own, so that it makes the
 * next batch while a training step runs; a module that cannot be imported in a thread is imported here.
 * @throws DATA_MODULE_IMPORT, DATA_MODULE_TYPESCRIPT, DATA_MODULE_EXPORT, DATA_MODULE_FAILED, DATA_MODULE_BATCH
 */
export async function openDataModule(path: string, options: OpenOptions): Promise<DataSet> {
  const thread = new ModuleThread();
  try {
    const exported = await importModule(path, (url) => thread.import(url)).catch(() => importModule(path));
    const dataSet = await openExported(exported, path, options);
    return { ...dataSet, close: () => thread.close() };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

async function openExported(exported: unknown, path: string, options: OpenOptions): Promise<DataSet> {
  const sources = await readModuleSources(exported, path);
  const train = new ModuleSplit(`${path}, train`, sources.train, options, sources.trainBatches);
  const test = new ModuleSplit(`${path}, test`, sources.test ?? noValues, options);

  const first = await train.firstBatch();
  if (first === undefined) throw dataErrors.moduleBatch(train.where, 'the first epoch has no batch');
  const firstTest = await test.firstBatch();
  const { shape } = first.x;
  if (firstTest !== undefined) checkSampleShape(train.where, shape, test.where, firstTest);

  return {
    source: path,
    sampleShape: shape.slice(1),
    labelled: first.y !== undefined || first.targets !== undefined,
    ...(first.targets === undefined ? {} : { targetShape: first.targets.shape.slice(1) }),
    hasTest: firstTest !== undefined,
    ...(firstTest === undefined ? { testSize: 0 } : {}),
    trainBatches: () => sources.trainBatches,
    async *train(epoch, batchSize, rng) {
      checkBatchSize(batchSize);
      const seed = rng.fork(`epoch ${epoch}`).int(2 ** 32);
      let count = 0;
      for await (const batch of train.batches({ epoch, batchSize, seed })) {
        checkSampleShape(train.where, shape, `${train.where} batch ${count++}`, batch);
        yield batch;
      }
      if (count === 0) throw dataErrors.moduleBatch(train.where, `epoch ${epoch} has no batch`);
    },
    async *test(batchSize) {
      checkBatchSize(batchSize);
      let index = 0;
      for await (const batch of test.batches({ epoch: 0, batchSize, seed: 0 })) {
        checkSampleShape(train.where, shape, `${test.where} batch ${index++}`, batch);
        yield batch;
      }
    },
  };
}

class ModuleSplit {
  constructor(
    readonly where: string,
    private readonly values: YieldedValues,
    private readonly options: OpenOptions,
    private readonly limit = Number.POSITIVE_INFINITY,
  ) {}

  batches(context: ModuleContext): AsyncGenerator<Batch> {
    return oneAhead(this.read(context), this.limit);
  }

  private async *read(context: ModuleContext): AsyncGenerator<Batch> {
    let index = 0;
    for await (const value of this.values(context)) {
      yield readModuleBatch(value, this.options, `${this.where} batch ${index++}`);
    }
  }

  async firstBatch(): Promise<Batch | undefined> {
    for await (const batch of this.batches(PROBE)) return batch;
    return undefined;
  }
}

async function* noValues(): AsyncGenerator<unknown> {}

function checkSampleShape(firstWhere: string, first: readonly number[], where: string, batch: Batch): void {
  const { shape } = batch.x;
  if (shape.slice(1).join() !== first.slice(1).join()) throw dataErrors.sampleShapes(firstWhere, first, where, shape);
}
