import { dataErrors } from '../errors/dataErrors.js';
import { runtimeErrors } from '../errors/runtimeErrors.js';
import { trainErrors } from '../errors/trainErrors.js';
import { nodeLabel } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import type { Feed } from '../runtime/activationMoments.js';
import { floatTensor } from '../runtime/floatTensor.js';
import { foreignNodes } from '../runtime/foreignNodes.js';
import { declaredDims } from '../runtime/inputShapes.js';
import { runtimeNameOf } from '../runtime/tensorTypes.js';
import { type DataSet, fitData, withDataSet } from '../train/data/index.js';
import type { PruneOptions } from './options.js';

/** Samples in a batch, where the model does not fix it. */
const BATCH_SIZE = 64;

/** The first batches of an epoch, anew at each call. @param batches how many at most */
export type CalibrationFeeds = (batches: number) => AsyncIterable<Feed>;

/**
 * Opens data to run a model on.
 *
 * @param rng what the order of the samples comes from
 * @throws MorphError of category `data` for the data, `model` where the model takes other inputs than one of float32
 */
export async function withCalibrationFeeds<T>(
  model: BoundModel,
  calibrationData: string | DataSet,
  options: Pick<PruneOptions, 'dataOptions' | 'signal'>,
  rng: Rng,
  use: (feeds: CalibrationFeeds) => Promise<T>,
): Promise<T> {
  const foreign = foreignNodes(model.graph.model, { ...model.unrunnable, outputs: new Set() });
  const stranger = model.graph.nodes.find(({ proto }) => foreign.has(proto));
  if (stranger !== undefined) throw runtimeErrors.foreignRun(nodeLabel(stranger));
  const [input] = model.graph.inputs;
  if (input === undefined || model.graph.inputs.length !== 1) {
    throw trainErrors.notOneInput(model.graph.inputs.map(({ name }) => name));
  }
  const opening = { ...options.dataOptions, labels: 'values' } as const;
  return withDataSet(calibrationData, opening, (opened) => {
    const { dataType, dims } = model.typeOf(input);
    const type = runtimeNameOf(dataType) ?? `type ${dataType}`;
    if (type !== 'float32') throw dataErrors.inputDtype(opened.source, type);
    return use(feedsOf(model, fitData(opened, dims, type), rng, { batchSize: BATCH_SIZE, ...options }));
  });
}

/** @param data fitted to the model's only input */
export function feedsOf(
  model: BoundModel,
  data: DataSet,
  rng: Rng,
  { batchSize, signal }: { readonly batchSize: number; readonly signal?: AbortSignal | undefined },
): CalibrationFeeds {
  const input = model.graph.inputs[0]!;
  const { dataType } = model.typeOf(input);
  const fixed = fixedBatch(model);
  return async function* feeds(batches) {
    let given = 0;
    for await (const { x } of data.train(0, fixed ?? batchSize, rng)) {
      signal?.throwIfAborted();
      const samples = x.shape[0]!;
      if (fixed !== undefined && samples !== fixed) continue;
      yield { feeds: { [input.name]: floatTensor(dataType, x.data, x.shape) }, samples };
      if (++given === batches) return;
    }
  };
}

/** Samples that the model's only input always holds; undefined where the batch is free. */
export function fixedBatch({ graph }: BoundModel): number | undefined {
  const dim = declaredDims(graph.inputs[0]!)[0];
  return typeof dim === 'number' ? dim : undefined;
}
