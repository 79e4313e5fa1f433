import type { TrackedAxis } from '../channels/axisTable.js';
import { type ChannelAnalysis, isPrunable } from '../channels/channelAnalysis.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { BoundModel } from '../ops/bindModel.js';
import { activationMoments, type Feed, type Moments } from '../runtime/activationMoments.js';
import type { CalibrationFeeds } from './calibrationFeeds.js';

/** How much of the data is run: means and spreads of channels settle soon. */
const BATCHES = 8;

/** What the activations of a model look like. */
export interface Calibration {
  readonly samples: number;
  /** By each axis of activations that a node sums over, where its channels can be cut. */
  readonly moments: ReadonlyMap<TrackedAxis, Moments>;
}

/** Runs a model on a few batches of training data. */
export async function calibrate(analysis: ChannelAnalysis, feeds: CalibrationFeeds): Promise<Calibration> {
  const { model } = analysis;
  let samples = 0;
  async function* counted(): AsyncGenerator<Feed> {
    for await (const feed of feeds(BATCHES)) {
      samples += feed.samples;
      yield feed;
    }
  }
  const axes = readAxes(analysis);
  const watched = axes.map(({ value, axis }) => ({ name: value.name, axis, ...rankAndType(model, value) }));
  const opset = model.graph.opsets.get('') ?? 1;
  const moments = await activationMoments(model.graph.model, opset, watched, counted(), model);
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
