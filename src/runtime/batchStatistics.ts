import { makeIntegerAttribute, makeIntegers, makeNode } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { ModelProto, NodeProto } from '../onnx/messages.js';
import type { Feed } from './activationMoments.js';
import { type Addition, addMean } from './meanOver.js';
import { Session, type SessionOptions } from './session.js';

/** A node that normalises its first input [N, C, spatial…] by stored statistics, as BatchNormalization does. */
export interface Normalization {
  /** As it stands in the graph. */
  readonly proto: NodeProto;
  /** The inputs that hold them. */
  readonly mean: number;
  readonly variance: number;
  /** Of X. */
  readonly rank: number;
  readonly dataType: number;
  /** Element type of mean and variance. */
  readonly statisticType: number;
}

/** Of X over all samples and places that were seen, [C]. */
export interface Statistics {
  readonly mean: Float32Array;
  /** With bias (over n). */
  readonly variance: Float32Array;
}

/**
 * Runs a model over batches, with each of the BatchNormalizations normalising by the statistics of its batch, as in
 * training, so that one pass is enough for all of them, however deep. All is calculated in ONNX Runtime, in float32.
 *
 * Mean and variance are those of all samples together: over batches b, the variance is
 * `mean(variance_b) + variance(mean_b)`.
 *
 * @param opset of ai.onnx
 */
export async function batchStatistics(
  model: ModelProto,
  opset: number,
  normalizations: readonly Normalization[],
  batches: AsyncIterable<Feed>,
  { label, threads }: Pick<SessionOptions, 'label' | 'threads'>,
): Promise<readonly Statistics[]> {
  const session = await Session.create(encodeModel(byBatch(model, opset, normalizations)), { label, threads });
  try {
    // Of each: the sums of x and x², from the batches' means and variances.
    const sums: { first: Float64Array; second: Float64Array }[] = [];
    let count = 0;
    for await (const { feeds, samples } of batches) {
      const outputs = await session.run(feeds);
      count += samples;
      normalizations.forEach((_, i) => {
        const mean = outputs[nameOf('mean', i)]!.data as Float32Array;
        const variance = outputs[nameOf('variance', i)]!.data as Float32Array;
        sums[i] ??= { first: new Float64Array(mean.length), second: new Float64Array(mean.length) };
        const { first, second } = sums[i];
        mean.forEach((m, c) => {
          first[c]! += samples * m;
          second[c]! += samples * (variance[c]! + m ** 2);
        });
      });
    }
    return sums.map(({ first, second }) => ({
      mean: Float32Array.from(first, (sum) => sum / count),
      variance: Float32Array.from(second, (sum, c) => Math.max(0, sum / count - (first[c]! / count) ** 2)),
    }));
  } finally {
    await session.release();
  }
}

function nameOf(what: 'mean' | 'variance', index: number): string {
  return `//batch ${what} of ${index}`;
}

/** The model in which the nodes normalise by their batch; its outputs are the statistics. */
function byBatch(model: ModelProto, opset: number, normalizations: readonly Normalization[]): ModelProto {
  const { graph } = model;
  if (graph === undefined) throw new Error('a model has a graph');
  const indexOf = new Map(normalizations.map(({ proto }, index) => [proto, index]));
  const flat = '//one axis';
  const added: Addition = { nodes: [], initializers: [makeIntegers(flat, [-1])] };
  for (const proto of graph.node) {
    const index = indexOf.get(proto);
    added.nodes.push(
      index === undefined ? proto : normalized(added, opset, proto, normalizations[index]!, index, flat),
    );
  }
  const names = normalizations.flatMap((_, i) => [nameOf('mean', i), nameOf('variance', i)]);
  return {
    ...model,
    graph: {
      ...graph,
      node: added.nodes,
      initializer: [...graph.initializer, ...added.initializers],
      output: names.map((name) => createMessage('ValueInfoProto', { name })),
    },
  };
}

/** Adds what calculates the statistics. @returns the node that takes them */
function normalized(
  added: Addition,
  opset: number,
  proto: NodeProto,
  { mean, variance, rank, dataType, statisticType }: Normalization,
  index: number,
  flat: string,
): NodeProto {
  const { nodes } = added;
  const name = (what: string) => `//${what} of ${index}`;
  const cast = (from: string, to: string, type: number) => {
    nodes.push(makeNode('Cast', [from], [to], [makeIntegerAttribute('to', type)]));
    return to;
  };
  const x = proto.input[0]!;
  const float = dataType === DataType.FLOAT ? x : cast(x, name('float'), DataType.FLOAT);
  const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
  addMean(added, opset, float, others, name('mean'), true);
  nodes.push(
    makeNode('Sub', [float, name('mean')], [name('centred')]),
    makeNode('Mul', [name('centred'), name('centred')], [name('square')]),
  );
  addMean(added, opset, name('square'), others, nameOf('variance', index));
  nodes.push(makeNode('Reshape', [name('mean'), flat], [nameOf('mean', index)]));
  const taken = (what: 'mean' | 'variance') => {
    const statistic = nameOf(what, index);
    return statisticType === DataType.FLOAT ? statistic : cast(statistic, name(`stored ${what}`), statisticType);
  };
  const places = new Map([
    [mean, taken('mean')],
    [variance, taken('variance')],
  ]);
  const input = proto.input.map((given, place) => places.get(place) ?? given);
  return { ...proto, input };
}
