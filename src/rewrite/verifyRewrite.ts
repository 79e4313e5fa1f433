import { MorphError } from '../errors/morphError.js';
import { rewriteErrors } from '../errors/rewriteErrors.js';
import type { Value } from '../graph/graph.js';
import { createMessage } from '../onnx/createMessage.js';
import { encodeModel } from '../onnx/encodeModel.js';
import { decodeFloat16 } from '../onnx/float16.js';
import type { ModelProto } from '../onnx/messages.js';
import type { BoundModel } from '../ops/bindModel.js';
import type { Rng } from '../random/rng.js';
import { freeSymbols, varied } from '../runtime/freeSymbols.js';
import type { InputShapes } from '../runtime/inputShapes.js';
import { randomInputs } from '../runtime/randomInputs.js';
import { relativeDifference } from '../runtime/relativeDifference.js';
import { Session, type Tensor } from '../runtime/session.js';

/** What a proof found. */
export interface Verification {
  /** Largest difference over the largest magnitude of the output it was found in. */
  readonly maxRelativeDifference: number;
  /** One where the batch is fixed, or the original fails at any other. */
  readonly batchSizes: readonly number[];
}

/** Rounding of float32 leaves 1e-7 to 1e-5; a real mistake 1e-2 and more. */
export const LARGEST_DIFFERENCE = 1e-4;

/** float16 has 11 bits, and rounds after every operator. */
export const LARGEST_DIFFERENCE_FLOAT16 = 1e-2;

/**
 * Runs two models in ONNX Runtime on the same random inputs, at two batch sizes and at two sizes of all else that is
 * free, and compares their outputs, and what goes into outputs that saturate.
 *
 * @param bound the original, for its inputs and its operators' records
 * @throws REWRITE_UNPROVEN where they differ by more than 1e-4 (float16: 1e-2), or in shape
 */
export async function verifyRewrite(
  bound: BoundModel,
  reference: ModelProto,
  result: ModelProto,
  rng: Rng,
): Promise<Verification> {
  const names = comparedValues(bound).map((value) => value.name);
  const outputs = new Set(bound.graph.outputs.map((value) => value.name));
  const first = await Session.create(withOutputs(reference, names, bound), {
    optimization: 'disabled',
    label: bound.label,
  });
  try {
    const second = await Session.create(withOutputs(result, names, bound), {
      optimization: 'disabled',
      label: bound.label,
    });
    try {
      let worst = 0;
      const batchSizes = new Set<number>();
      for (const shapes of proofShapes(bound)) {
        const isBase = shapes === bound.inputShapes;
        const feeds = randomInputs(bound.graph, shapes, rng.fork(JSON.stringify([...shapes.values()])));
        // A literal in a Reshape may fix a size that the file declares free.
        const expected = await first.run(feeds).catch(isBase ? rethrow : ifRunFailed);
        if (expected === undefined) continue;
        batchSizes.add(shapes.values().next().value?.[0] ?? 1);
        const found = await second.run(feeds);
        for (const name of names) {
          // An inner value may have lost channels; what is read of it shows in the outputs.
          if (!outputs.has(name) && found[name]?.dims.join() !== expected[name]?.dims.join()) continue;
          const difference = differenceOf(found[name], expected[name]);
          const limit = expected[name]?.type === 'float16' ? LARGEST_DIFFERENCE_FLOAT16 : LARGEST_DIFFERENCE;
          if (difference > limit) throw rewriteErrors.unproven(bound.label, difference, limit, name);
          worst = Math.max(worst, difference);
        }
      }
      return { maxRelativeDifference: worst, batchSizes: [...batchSizes] };
    } finally {
      await second.release();
    }
  } finally {
    await first.release();
  }
}

/** The shapes of the analysis, another batch, and another size of all that is free beside the batch. */
function proofShapes({ graph, inputShapes }: BoundModel): readonly InputShapes[] {
  const symbols = freeSymbols(graph);
  const [batch, others] = [symbols.filter(({ isBatch }) => isBatch), symbols.filter(({ isBatch }) => !isBatch)];
  return [
    inputShapes,
    ...(batch.length === 0 ? [] : [varied(inputShapes, batch)]),
    ...(others.length === 0 ? [] : [varied(inputShapes, others)]),
  ];
}

/**
 * The graph's outputs, and the inputs of the saturating operators on the way to them: back to the last convolution or
 * matrix product, where differences are still to be seen.
 */
function comparedValues(bound: BoundModel): readonly Value[] {
  const compared = new Set<Value>(bound.graph.outputs);
  const seen = new Set<Value>(bound.graph.outputs);
  for (const value of seen) {
    const producer = value.producer === undefined ? undefined : bound.bound(value.producer);
    if (producer?.known !== true || producer.isShapeArithmetic || producer.op.macs !== undefined) continue;
    for (const input of producer.node.inputs) {
      if (input?.producer === undefined) continue;
      seen.add(input);
      if (producer.op.saturates !== undefined) compared.add(input);
    }
  }
  return [...compared].filter((value) => bound.hasType(value));
}

function withOutputs(model: ModelProto, names: readonly string[], bound: BoundModel): Uint8Array {
  const graph = model.graph;
  if (graph === undefined) throw new Error('a model has a graph');
  const declared = new Set(graph.output.map((output) => output.name));
  const added = names.filter((name) => !declared.has(name) && bound.graph.value(name)?.isInput !== true);
  const output = [...graph.output, ...added.map((name) => createMessage('ValueInfoProto', { name }))];
  return encodeModel({ ...model, graph: { ...graph, output } });
}

function rethrow(error: unknown): never {
  throw error;
}

function ifRunFailed(error: unknown): undefined {
  if (error instanceof MorphError && error.code === 'RUNTIME_RUN_FAILED') return undefined;
  throw error;
}

function differenceOf(a: Tensor | undefined, b: Tensor | undefined): number {
  if (a === undefined || b === undefined) throw new Error('ONNX Runtime left out an output');
  if (a.type !== b.type || a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  return relativeDifference(numbersOf(a), numbersOf(b));
}

/** float16 comes as its bits. */
function numbersOf({ type, data }: Tensor): ArrayLike<number | bigint> {
  if (type === 'float16' && data instanceof Uint16Array) return decodeFloat16(data);
  return data as unknown as ArrayLike<number | bigint>;
}
