import { rewriteErrors } from '../../errors/rewriteErrors.js';
import type { Graph, Node } from '../../graph/graph.js';
import { indexGraph } from '../../graph/indexGraph.js';
import { createMessage } from '../../onnx/createMessage.js';
import type { ModelProto } from '../../onnx/messages.js';
import type { BoundModel } from '../../ops/bindModel.js';
import { withoutRounding } from '../../ops/quantization/withoutRounding.js';
import type { Rng } from '../../random/rng.js';
import { severedShapes, severForeign } from '../../runtime/foreignNodes.js';
import { type FreeSymbol, freeSymbols } from '../../runtime/freeSymbols.js';
import type { InputShapes } from '../../runtime/inputShapes.js';
import { numbersOf } from '../../runtime/numbersOf.js';
import { otherSizes } from '../../runtime/otherSizes.js';
import type { Feeds } from '../../runtime/partedSession.js';
import { type Draw, randomInputs } from '../../runtime/randomInputs.js';
import { type Difference, differenceBetween, INCOMPARABLE } from '../../runtime/relativeDifference.js';
import type { Tensor } from '../../runtime/session.js';
import { type ComparedValue, comparedValues } from './comparedValues.js';
import { CutOut } from './cutOut.js';
import { differenceLimit } from './differenceLimit.js';
import { ifRunFailed, runNudged, runWithNumbers, withSession } from './proofRuns.js';

/** What a proof found. */
export interface Verification {
  /**
   * Largest difference over the largest magnitude of the output it was found in. An output of Sigmoid, Softmax and the
   * like counts only as far as it differs by more than what goes into it.
   */
  readonly maxRelativeDifference: number;
  /** One where the batch is fixed, or the original fails at any other. */
  readonly batchSizes: readonly number[];
}

/**
 * Runs two models in ONNX Runtime on the same random inputs, at two batch sizes and at two sizes of all else that is
 * free, and compares their outputs, and what goes into outputs that saturate.
 *
 * Activations that are rounded to integers and back are left unrounded: where a sum that is taken in another order falls
 * to the other side of a half, a step of the scale comes of a difference that is none.
 *
 * Nodes that ONNX Runtime does not have are left out of both: what they read is compared like an output, what they give
 * is random like an input.
 *
 * @param bound the original, for its inputs and its operators' records
 * @param asked nodes that both models have as they are, and that are run in the reference alone: what they read is
 *   compared like an output, what they give there the result is given too
 * @throws REWRITE_UNPROVEN where they differ by more than {@link differenceLimit} and by more than ten times what the
 *   last places of all inputs and weights make (1e-3 at most), or in shape; REWRITE_NOT_A_NUMBER
 */
export async function verifyRewrite(
  bound: BoundModel,
  reference: ModelProto,
  result: ModelProto,
  rng: Rng,
  asked: ReadonlySet<Node> = new Set(),
): Promise<Verification> {
  const severed = severForeign(bound.graph, bound.unrunnable);
  const held = leftUnrounded(asked, bound);
  const cutOut = new CutOut(held);
  const outputs = new Set(
    [...severed.outputs, ...cutOut.reads].flatMap(({ name }) => (cutOut.gives(name) ? [] : [name])),
  );
  const compared = comparedValues(bound, outputs, held);
  const names = compared.map(({ name }) => name);
  const symbols = freeSymbols(bound.graph);
  const whole = withOutputs(reference, [...names, ...cutOut.given.map(({ name }) => name)], bound, severed);
  const expected = await withSession(whole, bound, async (run) => {
    const runAt = async (shapes: InputShapes) => {
      const sizes = severedShapes(bound.graph, shapes, bound.unrunnable);
      const feedsOf = (draw: Draw) =>
        randomInputs(severed, sizes, rng.fork(JSON.stringify([...shapes.values()])), draw);
      return { shapes, ...(await runWithNumbers(run, feedsOf, bound.label)) };
    };
    // A literal in a Reshape may fix a size that the file declares free: only the first shapes must run.
    const runElsewhere = (free: readonly FreeSymbol[]) =>
      otherSizes(bound.inputShapes, free, (shapes) => runAt(shapes).catch(ifRunFailed));
    const runs = await together([
      runAt(bound.inputShapes),
      runElsewhere(symbols.filter(({ isBatch }) => isBatch)),
      runElsewhere(symbols.filter(({ isBatch }) => !isBatch)),
    ]);
    return runs.filter((known) => known !== undefined);
  });
  const unheld = (model: ModelProto) => cutOut.without(withOutputs(model, names, bound, severed), bound);
  const found = await withSession(unheld(result), bound, (run) =>
    together(expected.map((known) => run({ ...known.feeds, ...cutOut.handedOver(known.outputs) }))),
  );
  const limit = differenceLimit(bound);
  let worst = 0;
  const batchSizes = new Set<number>();
  for (const [i, { shapes, feeds, outputs: wanted }] of expected.entries()) {
    const given = found[i]!;
    let nudgedOutputs: Feeds | undefined;
    batchSizes.add(shapes.values().next().value?.[0] ?? 1);
    const differences = new Map<string, Difference>();
    for (const { name, isOutput } of compared) {
      // An inner value may have lost channels; what is read of it shows in the outputs.
      if (!isOutput && given[name]?.dims.join() !== wanted[name]?.dims.join()) continue;
      differences.set(name, differenceOf(given[name], wanted[name]));
    }
    for (const value of compared) {
      const difference = differences.get(value.name);
      if (difference === undefined) continue;
      if (difference.absolute <= passedOn(value, differences, limit)) continue;
      if (difference.relative > limit) {
        nudgedOutputs ??= await runNudged(
          unheld(reference),
          bound,
          feeds,
          cutOut.handedOver(wanted),
          rng.fork(`nudge ${i}`),
        );
        const noise = differenceOf(nudgedOutputs[value.name], wanted[value.name]).relative;
        const largest = Math.max(limit, Math.min(NOISE_FACTOR * noise, LARGEST_NOISE));
        if (difference.relative > largest)
          throw rewriteErrors.unproven(bound.label, difference.relative, largest, value.name);
      }
      worst = Math.max(worst, difference.relative);
    }
  }
  return { maxRelativeDifference: worst, batchSizes: [...batchSizes] };
}

/**
 * How much of a difference in an output follows from what decides it, which is compared by itself: the difference
 * there, and the rounding of a function that goes up to 1. A Sigmoid that is 1e-7 everywhere cannot be told from one
 * that is 2e-7, nor a Softmax of logits around 1e3 from one whose logits differ by their own rounding.
 */
function passedOn({ decidedBy }: ComparedValue, differences: ReadonlyMap<string, Difference>, limit: number): number {
  if (decidedBy.length === 0) return 0;
  const before = decidedBy.map((name) => differences.get(name)?.absolute ?? 0);
  return Math.max(...before) + limit / 10;
}

/**
 * How much more than by the last places of its inputs and weights a right result may differ: each operator rounds, and
 * the sums of a narrower network are taken in another order.
 */
const NOISE_FACTOR = 10;

/** Whatever a network makes of last places, a larger difference is a mistake. */
const LARGEST_NOISE = 1e-3;

/** Of nodes, those that something reads where nothing is rounded: what a quantization read, others read then. */
function leftUnrounded(nodes: ReadonlySet<Node>, { graph }: BoundModel): ReadonlySet<Node> {
  const unrounded = withoutRounding(graph.model, graph.model).graph?.node ?? [];
  const read = new Set([...unrounded.flatMap(({ input }) => input), ...graph.outputs.map(({ name }) => name)]);
  const isCaptured = ({ outputs }: Node) =>
    outputs.some((value) => value?.uses.some(({ input }) => input === 'capture'));
  return new Set([...nodes].filter((node) => isCaptured(node) || node.proto.output.some((name) => read.has(name))));
}

/** Waits for all, also where one fails: nobody may use a session that is released. @throws what the first throws */
async function together<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** A model without rounding, without what ONNX Runtime does not have, and with more outputs. @param severed the original without it */
function withOutputs(given: ModelProto, names: readonly string[], bound: BoundModel, severed: Graph): ModelProto {
  const { model } = severForeign(indexGraph(withoutRounding(given, bound.graph.model)), bound.unrunnable);
  const { graph } = model;
  const declared = new Set(graph.output.map((output) => output.name));
  // With their groups, inner values die.
  const made = new Set(graph.node.flatMap((node) => node.output));
  const added = names.filter((name) => !declared.has(name) && made.has(name) && severed.value(name)?.isInput !== true);
  const output = [...graph.output, ...added.map((name) => createMessage('ValueInfoProto', { name }))];
  return { ...model, graph: { ...graph, output } };
}

function differenceOf(a: Tensor | undefined, b: Tensor | undefined): Difference {
  if (a === undefined || b === undefined) throw new Error('ONNX Runtime left out an output');
  if (a.type !== b.type || a.dims.join() !== b.dims.join()) return INCOMPARABLE;
  return differenceBetween(numbersOf(a), numbersOf(b));
}
