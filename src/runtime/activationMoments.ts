import { makeIntegerAttribute, makeNode } from '../graph/make.js';
import { createMessage } from '../onnx/createMessage.js';
import { DataType } from '../onnx/dataType.js';
import { encodeModel } from '../onnx/encodeModel.js';
import type { ModelProto } from '../onnx/messages.js';
import { type Addition, addMean } from './meanOver.js';
import { Session, type SessionOptions, type Tensor } from './session.js';

/** An axis of an activation. */
export interface WatchedAxis {
  readonly name: string;
  readonly axis: number;
  readonly rank: number;
  /** A float type. */
  readonly dataType: number;
}

/** What was seen at each position of an axis, over all samples and all other axes. */
export interface Moments {
  readonly mean: Float64Array;
  /** Standard deviation. */
  readonly spread: Float64Array;
}

/** One run: its inputs, and how many samples they hold. */
export interface Feed {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly samples: number;
}

/**
 * Runs a model over batches and gives mean and spread along axes of its activations. They are reduced in ONNX Runtime
 * itself, so that no activation is copied out.
 *
 * @param opset of ai.onnx
 */
export async function activationMoments(
  model: ModelProto,
  opset: number,
  watched: readonly WatchedAxis[],
  batches: AsyncIterable<Feed>,
  { label, threads }: Pick<SessionOptions, 'label' | 'threads'>,
): Promise<readonly Moments[]> {
  const session = await Session.create(encodeModel(withMoments(model, opset, watched)), { label, threads });
  try {
    const sums = watched.map(() => ({ first: new Float64Array(), second: new Float64Array() }));
    let count = 0;
    for await (const { feeds, samples } of batches) {
      const outputs = await session.run(feeds);
      watched.forEach((_, i) => {
        sums[i] = {
          first: added(sums[i]!.first, outputs[momentName(i, 1)]!.data as Float32Array, samples),
          second: added(sums[i]!.second, outputs[momentName(i, 2)]!.data as Float32Array, samples),
        };
      });
      count += samples;
    }
    return sums.map(({ first, second }) => {
      const mean = first.map((sum) => sum / count);
      return { mean, spread: second.map((sum, i) => Math.sqrt(Math.max(0, sum / count - mean[i]! ** 2))) };
    });
  } finally {
    await session.release();
  }
}

function added(sums: Float64Array, values: Float32Array, weight: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(values, (value, i) => (sums[i] ?? 0) + weight * value);
}

function momentName(index: number, power: 1 | 2): string {
  return `//moment ${power} of ${index}`;
}

/** The model that gives the mean and the mean square along each axis instead of its outputs. */
function withMoments(model: ModelProto, opset: number, watched: readonly WatchedAxis[]): ModelProto {
  const graph = model.graph;
  if (graph === undefined) throw new Error('a model has a graph');
  const added: Addition = { nodes: [], initializers: [] };
  const { nodes } = added;
  const names: string[] = [];
  watched.forEach(({ name, axis, rank, dataType }, index) => {
    const float = dataType === DataType.FLOAT ? name : `//float ${index}`;
    if (float !== name) nodes.push(makeNode('Cast', [name], [float], [makeIntegerAttribute('to', DataType.FLOAT)]));
    const square = `//square ${index}`;
    nodes.push(makeNode('Mul', [float, float], [square]));
    const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
    for (const [source, power] of [
      [float, 1],
      [square, 2],
    ] as const) {
      const output = momentName(index, power);
      names.push(output);
      addMean(added, opset, source, others, output);
    }
  });
  return {
    ...model,
    graph: {
      ...graph,
      node: [...graph.node, ...nodes],
      initializer: [...graph.initializer, ...added.initializers],
      output: names.map((name) => createMessage('ValueInfoProto', { name })),
    },
  };
}
