import type { ChannelAnalysis } from '../channels/channelAnalysis.js';
import type { Node, Value } from '../graph/graph.js';
import { DataType } from '../onnx/dataType.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import { collapseOf } from '../rewrite/plan/collapseOf.js';
import type { Plan } from '../rewrite/plan/plan.js';
import { batchStatistics, type Statistics } from '../runtime/batchStatistics.js';
import { withWeights } from '../train/trainableModel.js';
import { type CalibrationFeeds, fixedBatch } from './calibrationFeeds.js';

/** A model whose BatchNormalizations have the statistics of data. */
export interface Reestimated {
  readonly model: ModelProto;
  /** Names of the nodes with new statistics. */
  readonly nodes: readonly string[];
}

/** Smaller batches say too little: each is normalised by itself while the statistics are taken. */
const SMALLEST_BATCH = 16;

const FLOATS: ReadonlySet<number> = new Set([DataType.FLOAT, DataType.FLOAT16, DataType.DOUBLE]);

/**
 * Gives BatchNormalizations the mean and the variance that their inputs have on data.
 *
 * @param isWanted by the value that a node gives; all nodes by default
 * @param batches how many are run
 */
export async function reestimate(
  bound: BoundModel,
  feeds: CalibrationFeeds,
  batches: number,
  isWanted: (output: Value) => boolean = () => true,
): Promise<Reestimated> {
  const { graph } = bound;
  const size = fixedBatch(bound) ?? SMALLEST_BATCH;
  const nodes = size < SMALLEST_BATCH ? [] : normalizationsOf(bound).filter(({ node }) => isWanted(node.outputs[0]!));
  if (nodes.length === 0 || batches === 0) return { model: graph.model, nodes: [] };
  const normalizations = nodes.map(({ node: { proto, inputs }, ...places }) => {
    const { dims, dataType } = bound.typeOf(inputs[0]!);
    const statisticType = bound.typeOf(inputs[places.mean]!).dataType;
    return { proto, ...places, rank: dims.length, dataType, statisticType };
  });
  const opset = graph.opsets.get('') ?? 1;
  const statistics = await batchStatistics(graph.model, opset, normalizations, feeds(batches), bound);
  const isSound = ({ mean, variance }: Statistics) => [...mean, ...variance].every(Number.isFinite);
  const renewed = nodes.filter((_, i) => statistics[i] !== undefined && isSound(statistics[i]));
  const weights = renewed.flatMap((node) => {
    const [mean, variance] = [node.node.inputs[node.mean]!, node.node.inputs[node.variance]!];
    const own = statistics[nodes.indexOf(node)]!;
    return [[mean.name, own.mean] as const, [variance.name, own.variance] as const];
  });
  return { model: withWeights(bound, new Map(weights)), nodes: renewed.map(({ node: { name } }) => name) };
}

/** A node, and the inputs that hold its statistics. */
interface Placed {
  readonly node: Node;
  readonly mean: number;
  readonly variance: number;
}

/** Those whose statistics are stored, serve them alone, and are one number for each channel. */
function normalizationsOf(bound: BoundModel): readonly Placed[] {
  return bound.nodes.flatMap((node) => {
    const places = node.known ? node.op.storedStatistics?.(node.context, node.attributes) : undefined;
    if (places === undefined) return [];
    const { inputs, outputs } = node.node;
    if (outputs[0] === undefined) return [];
    const isStored = (value: Value | undefined) =>
      value !== undefined && bound.constant(value) !== undefined && value.uses.length === 1 && !value.isOutput;
    const [x, mean, variance] = [inputs[0], inputs[places.mean], inputs[places.variance]];
    const isFloat = [x, mean].every((value) => value !== undefined && FLOATS.has(bound.typeOf(value).dataType));
    return isStored(mean) && isStored(variance) && isFloat ? [{ node: node.node, ...places }] : [];
  });
}

/** Names of the values that a cut changes, beside what it takes away: all behind sums that lost terms. */
export function changedValues(analysis: ChannelAnalysis, plan: Plan): ReadonlySet<string> {
  const { contractions, table, unitAt } = analysis;
  const changed = new Set<Node>(collapseOf(analysis, plan)?.removed);
  for (const { node, data } of contractions) {
    const axis = table.find(data);
    if (axis === undefined) continue;
    const units = unitAt.subarray(axis.base, axis.base + axis.width);
    if (units.some((unit) => plan.copies[unit] === 0)) changed.add(node);
  }
  // A set goes on to what is added while it is walked.
  for (const node of changed)
    for (const output of node.outputs) for (const { node: user } of output?.uses ?? []) changed.add(user);
  return new Set(
    [...changed].flatMap(({ outputs }) => outputs.flatMap((output) => (output === undefined ? [] : [output.name]))),
  );
}
