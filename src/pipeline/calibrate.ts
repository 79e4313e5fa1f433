import type { TrackedAxis } from '../channels/axisTable.js';
import { type ChannelAnalysis, isPrunable } from '../channels/channelAnalysis.js';
import { dataErrors } from '../errors/dataErrors.js';
import { runtimeErrors } from '../errors/runtimeErrors.js';
import { trainErrors } from '../errors/trainErrors.js';
import { nodeLabel, type Value } from '../graph/graph.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import { activationMoments, type Feed, type Moments } from '../runtime/activationMoments.js';
import { foreignNodes } from '../runtime/foreignNodes.js';
import { declaredDims } from '../runtime/inputShapes.js';
import { tensor } from '../runtime/session.js';
import { runtimeNameOf } from '../runtime/tensorTypes.js';
import { type DataSet, fitData, withDataSet } from '../train/data/index.js';
import type { PruneOptions } from './options.js';

/** How much of the data is run: means and spreads of channels settle soon. */
const BATCHES = 8;
const BATCH_SIZE = 64;

/** What the activations of a model look like. */
export interface Calibration {
  readonly samples: number;
  /** By each axis of activations that a node sums over, where its channels can be cut. */
  readonly moments: ReadonlyMap<TrackedAxis, Moments>;
}

/**
 * Runs a model on a few batches of training data.
 *
 * @throws MorphError of category `data` for the data, `model` where the model takes other inputs than one of float32
 */
export async function calibrate(
  analysis: ChannelAnalysis,
  calibrationData: string | DataSet,
  options: Pick<PruneOptions, 'dataOptions' | 'signal'>,
  rng: Rng,
): Promise<Calibration> {
  const { model } = analysis;
  const foreign = foreignNodes(model.graph.model, { ...model.unrunnable, outputs: new Set() });
  const stranger = model.graph.nodes.find(({ proto }) => foreign.has(proto));
  if (stranger !== undefined) throw runtimeErrors.foreignRun(nodeLabel(stranger));
  const [input] = model.graph.inputs;
  if (input === undefined || model.graph.inputs.length !== 1) {
    throw trainErrors.notOneInput(model.graph.inputs.map(({ name }) => name));
  }
  const opening = { ...options.dataOptions, labels: 'values' } as const;
  return withDataSet(calibrationData, opening, (opened) => runOn(opened, analysis, input, options, rng));
}

async function runOn(
  opened: DataSet,
  analysis: ChannelAnalysis,
  input: Value,
  options: Pick<PruneOptions, 'signal'>,
  rng: Rng,
): Promise<Calibration> {
  const { model } = analysis;
  const { dataType, dims } = model.typeOf(input);
  const type = runtimeNameOf(dataType) ?? `type ${dataType}`;
  if (type !== 'float32') throw dataErrors.inputDtype(opened.source, type);
  const data = fitData(opened, dims, type);
  const fixed = declaredDims(input)[0];
  const size = typeof fixed === 'number' ? fixed : BATCH_SIZE;

  let samples = 0;
  async function* feeds(): AsyncGenerator<Feed> {
    let batches = 0;
    for await (const { x } of data.train(0, size, rng)) {
      options.signal?.throwIfAborted();
      const count = x.shape[0]!;
      if (typeof fixed === 'number' && count !== fixed) continue;
      samples += count;
      yield { feeds: { [input.name]: tensor('float32', x.data, x.shape) }, samples: count };
      if (++batches === BATCHES) return;
    }
  }
  const axes = readAxes(analysis);
  const watched = axes.map(({ value, axis }) => ({ name: value.name, axis, ...rankAndType(model, value) }));
  const opset = model.graph.opsets.get('') ?? 1;
  const moments = await activationMoments(model.graph.model, opset, watched, feeds(), model);
  return { samples, moments: new Map(axes.map((axis, i) => [axis, moments[i]!])) };
}

/** The axes of activations that nodes sum over, where channels can be cut. */
function readAxes({ model, table, contractions, unitAt, groupOf, groups }: ChannelAnalysis): readonly TrackedAxis[] {
  const axes = new Set<TrackedAxis>();
  for (const { data } of contractions) {
    const axis = table.find(data);
    if (axis === undefined || model.constant(data.value) !== undefined) continue;
    if (dataTypeInfo(model.typeOf(data.value).dataType)?.kind !== 'float') continue;
    const units = unitAt.subarray(axis.base, axis.base + axis.width);
    if (units.some((unit) => isPrunable(groups[groupOf[unit]!]!))) axes.add(axis);
  }
  return [...axes];
}

function rankAndType(model: BoundModel, value: TrackedAxis['value']): { rank: number; dataType: number } {
  const { dims, dataType } = model.typeOf(value);
  return { rank: dims.length, dataType };
}
